// What a power cut at every step of a commit leaves.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "pipeline/catalogue/claims.h"
#include "pipeline/commit.h"
#include "pipeline/forgetful_files.h"
#include "pipeline/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::file_text;
using testing::ForgetfulFiles;
using testing::TemporaryFolder;
using testing::write_file;

std::vector<std::byte> bytes(const std::string& text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

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
