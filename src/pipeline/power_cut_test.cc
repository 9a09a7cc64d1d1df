// What a power cut at every step of a commit leaves.
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <set>
#include <type_traits>

#include "pipeline/catalogue/claims.h"
#include "pipeline/commit.h"
#include "pipeline/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::file_text;
using testing::TemporaryFolder;
using testing::write_file;

std::vector<std::byte> bytes(const std::string& text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

// Keeps beside the real files what would be left of them after a power cut: bytes that were synced, under names whose
// folder was synced. Before and after every step it takes a picture of both.
class ForgetfulFiles : public FileLayer {
 public:
  struct Cut {
    std::string step;
    std::map<fs::path, std::string> synced;  // all that was not is lost
    std::map<fs::path, std::string> all;     // all is there, as after kill -9
    std::map<std::string, std::string> database;
    std::set<fs::path> ended;
  };

  ForgetfulFiles(fs::path top, fs::path database, std::size_t files)
      : top_(std::move(top)), database_(std::move(database)), files_(files) {
    for (const auto& entry : fs::recursive_directory_iterator(top_)) {
      if (entry.is_directory()) {
        lasting_folders_.insert(entry.path());
      } else {
        const int id = next_++;
        names_[entry.path()] = lasting_names_[entry.path()] = id;
        lasting_bytes_[id] = file_text(entry.path());
      }
    }
    lasting_folders_.insert(top_);
  }

  std::vector<fs::path> make_folders(const fs::path& folder) override {
    return step("make " + folder.string(), [&] { return FileLayer::make_folders(folder); });
  }
  FileStamp create(const fs::path& file, std::span<const std::byte> content) override {
    const FileStamp stamp = step("create " + file.string(), [&] {
      names_[file] = next_++;
      return FileLayer::create(file, content);
    });
    const std::scoped_lock lock(mutex_);
    ++created_;
    all_created_.notify_all();
    return stamp;
  }
  void sync_file(const fs::path& file) override {
    {
      std::unique_lock lock(mutex_);  // so that no transaction runs while a picture is taken
      all_created_.wait(lock, [&] { return created_ >= files_; });
    }
    step("sync " + file.string(), [&] {
      FileLayer::sync_file(file);
      lasting_bytes_[names_.at(file)] = file_text(file);
      return 0;
    });
  }
  void sync_folder(const fs::path& folder) override {
    step("sync folder " + folder.string(), [&] {
      FileLayer::sync_folder(folder);
      std::erase_if(lasting_names_, [&](const auto& name) { return name.first.parent_path() == folder; });
      for (const auto& [name, id] : names_) {
        if (name.parent_path() == folder) lasting_names_[name] = id;
      }
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_directory()) lasting_folders_.insert(entry.path());
      }
      return 0;
    });
  }
  void rename(const fs::path& from, const fs::path& to, bool replace) override {
    step("rename " + from.string() + " to " + to.string(), [&] {
      FileLayer::rename(from, to, replace);
      names_[to] = names_.at(from);
      names_.erase(from);
      return 0;
    });
  }
  void remove(const fs::path& file) noexcept override {
    step("remove " + file.string(), [&] {
      FileLayer::remove(file);
      names_.erase(file);
      return 0;
    });
  }
  void ended(const fs::path& input) {
    step("ended " + input.string(), [&] { return ended_.insert(input).second; });
  }
  std::vector<Cut> cuts() const { return cuts_; }

 private:
  template <typename Work>
  std::invoke_result_t<Work> step(const std::string& name, Work work) {
    const std::scoped_lock lock(mutex_);
    take_picture("before " + name);
    auto result = work();
    take_picture("after " + name);
    return result;
  }

  void take_picture(const std::string& name) {
    Cut cut;
    cut.step = name;
    cut.ended = ended_;
    for (const auto& [file, id] : names_) cut.all[file] = file_text(file);
    for (const auto& [file, id] : lasting_names_) {
      if (is_lasting(file.parent_path())) cut.synced[file] = lasting_bytes_[id];  // else empty
    }
    for (const char* suffix : {"", "-wal"}) cut.database[suffix] = file_text(database_.native() + suffix);
    cuts_.push_back(std::move(cut));
  }

  bool is_lasting(const fs::path& folder) const {
    return folder == top_.parent_path() || (lasting_folders_.contains(folder) && is_lasting(folder.parent_path()));
  }

  const fs::path top_, database_;
  const std::size_t files_;
  std::mutex mutex_;
  std::condition_variable all_created_;
  std::size_t created_ = 0;
  int next_ = 0;
  std::map<fs::path, int> names_, lasting_names_;
  std::map<int, std::string> lasting_bytes_;
  std::set<fs::path> lasting_folders_;
  std::set<fs::path> ended_;
  std::vector<Cut> cuts_;
};

class PowerCutTest : public ::testing::Test {
 protected:
  static constexpr int kItems = 3;

  ItemPtr item(int number, const std::string& settings, bool replace) const {
    auto made = std::make_shared<Item>();
    made->input = made->identity = folder_ / ("in/" + std::to_string(number));
    made->outputs = {folder_ / ("out/deep/" + std::to_string(number) + ".png"),
                     folder_ / ("out/masks/" + std::to_string(number) + ".png")};
    made->replace = {replace, replace};
    made->key = {"content " + std::to_string(number), "model", settings, "job"};
    return made;
  }
  static Made made(int number, const std::string& settings) {
    Made made;
    for (const char* role : {"picture", "mask"})
      made.files.push_back({bytes(settings + " " + role + " " + std::to_string(number)), {}});
    made.records.push_back({"found/1", bytes(settings)});
    return made;
  }

  // Commits all items; returns what a power cut at each step would leave.
  std::vector<ForgetfulFiles::Cut> commit_all(const std::string& settings, bool replace) {
    fs::create_directories(folder_ / "out");
    ForgetfulFiles files(folder_ / "out", database_, 2 * kItems);
    {
      Catalogue catalogue(database_);
      Writer writer(folder_ / "state", files);
      std::atomic<bool> disk_full = false;
      Committer committer({writer, catalogue, disk_full, [&](Item& item) {
                             EXPECT_FALSE(item.failure) << item.failure->message;
                             files.ended(item.input);
                           }});
      for (int i = 0; i < kItems; ++i) committer.commit(item(i, settings, replace), made(i, settings));
      committer.drain();
    }
    return files.cuts();
  }

  void restore(const std::map<fs::path, std::string>& files, const std::map<std::string, std::string>& database) {
    fs::remove_all(folder_ / "out");
    fs::create_directories(folder_ / "out");
    for (const auto& [file, text] : files) write_file(file, text);
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(database_.native() + suffix);
    for (const auto& [suffix, text] : database) write_file(database_.native() + suffix, text);
  }

  // Of the files that a cut left, none is half, none is called foreign, and none that was told done is missing.
  void check(const ForgetfulFiles::Cut& cut, const std::map<fs::path, std::string>& files, const std::string& old,
             const std::string& settings) {
    SCOPED_TRACE(cut.step);
    restore(files, cut.database);
    Catalogue catalogue(database_);
    EXPECT_TRUE(catalogue.take_warnings().empty());
    for (int i = 0; i < kItems; ++i) {
      const ItemPtr one = item(i, settings, false);
      const Made whole = made(i, settings);
      const Made before = made(i, old);
      for (std::size_t o = 0; o < 2; ++o) {
        const Standing standing = claim_of(catalogue, one->outputs[o], {one->identity, {}, one->key}).standing;
        if (standing == Standing::absent) {
          EXPECT_TRUE(old.empty()) << "the old file was lost";
        } else {
          const auto is = bytes(file_text(one->outputs[o]));
          if (standing == Standing::done) {
            EXPECT_EQ(is, whole.files[o].bytes);
            EXPECT_TRUE(catalogue.has_result(one->identity, one->key)) << "its records are missing";
          } else {
            EXPECT_EQ(standing, Standing::stale) << "a file of pixmill's is taken for somebody else's";
            EXPECT_EQ(is, before.files[o].bytes);
          }
        }
        if (cut.ended.contains(one->input)) {
          EXPECT_EQ(standing, Standing::done) << "it had been told done";
        }
      }
    }
  }

  void check_all(const std::vector<ForgetfulFiles::Cut>& cuts, const std::string& old, const std::string& settings) {
    EXPECT_GT(cuts.size(), 40U);
    for (const ForgetfulFiles::Cut& cut : cuts) {
      check(cut, cut.synced, old, settings);
      check(cut, cut.all, old, settings);
    }
  }

  TemporaryFolder folder_;
  fs::path database_ = folder_ / "state/catalogue.db";
};

TEST_F(PowerCutTest, NewFiles) {
  check_all(commit_all("one", false), "", "one");
}

TEST_F(PowerCutTest, ReplacedFiles) {
  commit_all("one", false);
  check_all(commit_all("two", true), "one", "two");
}

// A second cut while the work of the first is done again; after each the third run finds all in order.
TEST_F(PowerCutTest, TwoInTheWindowOfReplacing) {
  commit_all("one", false);
  const auto first = commit_all("two", true);
  for (std::size_t at = 0; at < first.size(); at += 9) {
    restore(first[at].synced, first[at].database);
    const auto second = commit_all("three", true);
    for (std::size_t then = 0; then < second.size(); then += 11) {
      for (const auto* files : {&second[then].synced, &second[then].all}) {
        restore(*files, second[then].database);
        Catalogue catalogue(database_);
        for (int i = 0; i < kItems; ++i) {
          const ItemPtr one = item(i, "three", false);
          for (const fs::path& output : one->outputs) {
            const Standing standing = claim_of(catalogue, output, {one->identity, {}, one->key}).standing;
            EXPECT_TRUE(standing == Standing::done || standing == Standing::stale)
                << first[at].step << ", then " << second[then].step << ": " << static_cast<int>(standing);
          }
        }
      }
    }
  }
}

// The test would see a commit that names a file before its bytes, or before its row, are on disk.
TEST_F(PowerCutTest, ALayerThatForgetsForgets) {
  fs::create_directories(folder_ / "out");
  write_file(database_, "");
  ForgetfulFiles files(folder_ / "out", database_, 1);
  const fs::path file = folder_ / "out/a";
  (void)files.create(folder_ / "out/staged", bytes("text"));
  files.rename(folder_ / "out/staged", file, false);
  EXPECT_TRUE(files.cuts().back().synced.empty());
  EXPECT_EQ(files.cuts().back().all.at(file), "text");
  files.sync_folder(folder_ / "out");
  EXPECT_EQ(files.cuts().back().synced.at(file), "");
  files.sync_file(file);
  EXPECT_EQ(files.cuts().back().synced.at(file), "text");
}

}  // namespace
}  // namespace pixmill::pipeline
