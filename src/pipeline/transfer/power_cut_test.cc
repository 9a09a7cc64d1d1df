// What a power cut or a kill at every step of a transfer, or of its undo, leaves.
#include <fcntl.h>
#include <sys/stat.h>

#include <span>

#include "pipeline/fingerprint.h"
#include "pipeline/forgetful_files.h"
#include "pipeline/transfer/fixture.h"

namespace pixmill::pipeline {
namespace {

using testing::ForgetfulFiles;
using testing::tree;
using testing::write_file;
namespace fs = std::filesystem;

// `out` is another file system than `in`.
class TwoDisks : public ForgetfulFiles {
 public:
  TwoDisks(const fs::path& top, const fs::path& database, bool two)
      : ForgetfulFiles(top, database, 0), out_(top / "out"), two_(two) {}

  void rename(const fs::path& from, const fs::path& to, bool replace) override {
    if (two_ && is_out(from) != is_out(to)) throw std::system_error(EXDEV, std::generic_category());
    ForgetfulFiles::rename(from, to, replace);
  }

 private:
  bool is_out(const fs::path& path) const { return path.native().starts_with(out_.native()); }

  const fs::path out_;
  const bool two_;
};

struct Case {
  const char* name;
  TransferAction action;
  bool two_disks;
};

class TransferCuts : public testing::TransferTest, public ::testing::WithParamInterface<Case> {
 protected:
  using Files = std::map<fs::path, std::string>;
  inline static const std::vector<std::string> kNames = {"a.jpg", "deep/c.jpg"};

  void SetUp() override {
    in_ = top_ / "in";
    out_ = top_ / "out";
    TransferTest::SetUp();
    for (const auto& entry : fs::recursive_directory_iterator(top_)) {
      if (!entry.is_regular_file()) continue;
      const std::string text = testing::file_text(entry.path());
      originals_[entry.path()] = text;
      set_time(entry.path());
      Catalogue(catalogue_file(home()))
          .saw_input(entry.path(), *FileLayer::of_the_system().stamp(entry.path()),
                     hash_of(std::as_bytes(std::span(text))));
    }
  }

  // All files have one time: those that a cut left have it again.
  static void set_time(const fs::path& file) {
    const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  }

  TransferSpec remaining() const {
    TransferSpec all = spec(GetParam().action, kNames);
    std::erase_if(all.files, [](const TransferFile& file) { return !fs::exists(file.source); });
    return all;
  }

  std::vector<ForgetfulFiles::Cut> cuts_of(const std::function<void(FileLayer&)>& work) {
    TwoDisks files(top_, plans_, GetParam().two_disks);
    work(files);
    return files.cuts();
  }

  void restore(const Files& files, const std::map<std::string, std::string>& database) {
    fs::remove_all(top_);
    fs::create_directories(in_);
    for (const auto& [file, text] : files) {
      write_file(file, text);
      set_time(file);
      // A temporary file of a run that was killed: its lock is there, and nobody holds it.
      constexpr std::size_t kPrefix = 9, kDigits = 16;
      const std::string name = file.filename();
      if (name.ends_with(".tmp")) write_file(home().state / "runs" / name.substr(kPrefix, kDigits), "");
    }
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(plans_.native() + suffix);
    for (const auto& [suffix, text] : database) {
      if (!text.empty()) write_file(plans_.native() + suffix, text);
    }
  }

  static Files files_below(const fs::path& top) {
    Files files;
    for (const auto& entry : fs::recursive_directory_iterator(top)) {
      if (entry.is_regular_file()) files[entry.path()] = testing::file_text(entry.path());
    }
    return files;
  }

  // Every original stands somewhere, and whatever has a name is whole.
  void check_nothing_lost() const {
    const Files now = files_below(top_);
    for (const auto& [original, text] : originals_) {
      const fs::path moved = out_ / original.lexically_relative(in_);
      EXPECT_TRUE(now.contains(original) || now.contains(moved)) << original << " is lost";
      for (const fs::path& place : {original, moved}) {
        if (const auto found = now.find(place); found != now.end()) {
          EXPECT_EQ(found->second, text) << place;
        }
      }
    }
  }

  void check_undone() {
    if (!list_plans(home()).empty()) {
      const Undone done = take_back();
      for (const Failed& one : done.left) ADD_FAILURE() << one.message;
    }
    EXPECT_EQ(files_below(top_), originals_);
  }

  // `check` on all that the cuts left, with what was not synced lost, and with all of it kept.
  template <typename Check>
  void for_each_rest(const std::vector<ForgetfulFiles::Cut>& cuts, const Check& check) {
    std::set<std::pair<Files, std::map<std::string, std::string>>> seen;
    for (const ForgetfulFiles::Cut& cut : cuts) {
      for (const Files* files : {&cut.synced, &cut.all}) {
        if (HasFailure() || !seen.emplace(*files, cut.database).second) continue;
        SCOPED_TRACE(cut.step + (files == &cut.all ? ": a kill" : ": a power cut"));
        restore(*files, cut.database);
        check_nothing_lost();
        check([&] { restore(*files, cut.database); });
      }
    }
    EXPECT_GT(seen.size(), 4U);
  }

  const fs::path top_ = folder_ / "top", plans_ = folder_ / "state/plans.db";
  Files originals_;
};

TEST_P(TransferCuts, NothingIsLostAndAllCanBeTakenBack) {
  const auto cuts = cuts_of([&](FileLayer& files) { EXPECT_EQ(run(remaining(), files).count.done, 2); });
  for_each_rest(cuts, [&](const auto& restore_again) {
    check_undone();
    restore_again();
    const Transferred done = run(remaining());  // goes on
    EXPECT_TRUE(done.failed.empty());
    for (const TransferFile& file : spec(GetParam().action, kNames).files) {
      EXPECT_TRUE(fs::exists(out_ / file.relative)) << file.relative;
      EXPECT_EQ(fs::exists(file.source), GetParam().action == TransferAction::copy) << file.source;
    }
    check_undone();
  });
}

TEST_P(TransferCuts, AnUndoThatIsCutIsDoneAgain) {
  EXPECT_EQ(run(remaining()).count.done, 2);
  const auto cuts = cuts_of([&](FileLayer& files) {
    EXPECT_EQ(undo_on(files, {{}, false, home()}, {}, stop_).taken_back, 2);
  });
  for_each_rest(cuts, [&](const auto&) { check_undone(); });
}

INSTANTIATE_TEST_SUITE_P(All, TransferCuts,
                         ::testing::Values(Case{"move", TransferAction::move, false},
                                           Case{"moveToAnotherDisk", TransferAction::move, true},
                                           Case{"copy", TransferAction::copy, false}),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace pixmill::pipeline
