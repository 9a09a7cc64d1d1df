#include "pipeline/feeder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <barrier>
#include <cstring>

#include "pipeline/catalogue/database.h"
#include "pipeline/commit.h"
#include "pipeline/fingerprint.h"
#include "pipeline/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::png_bytes;
using testing::TemporaryFolder;
using testing::write_file;

// Counts what is read, and lets a test look in between.
class WatchedFiles : public FileLayer {
 public:
  std::vector<std::byte> read(const fs::path& file) override {
    ++reads;
    if (before_read) before_read(file);
    return FileLayer::read(file);
  }
  std::function<void(const fs::path&)> before_read;
  std::atomic<int> reads = 0;
};

class FeederTest : public ::testing::Test {
 protected:
  FeederTest() {
    spec_.inputs.inputs = {(folder_ / "in").string()};
    spec_.outputs.output = (folder_ / "out").string();
    spec_.outputs.name_template = "{dir}/{stem}.{ext}";
  }

  void pictures(int count) {
    for (int i = 0; i < count; ++i) {
      const fs::path file = write_file(folder_ / ("in/" + std::to_string(i) + ".png"), picture(i));
      const timespec long_ago[2] = {{1'600'000'000, 0}, {1'600'000'000, 0}};
      ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), long_ago, 0), 0);
    }
  }
  static std::string picture(int i) { return png_bytes({3, 2}, static_cast<std::uint8_t>(i)); }

  // Feeds all that is there and commits a result for each; returns the names in the order in which they came.
  std::vector<std::string> run(std::size_t read_ahead = 1 << 20) {
    skipped_.clear();
    why_.clear();
    failed_.clear();
    const Sources sources = find_sources(spec_.inputs);
    const Plan plan = plan_outputs(spec_, sources, "model", {{.role = "picture"}});
    Budget budget(1 << 20, 1000);
    Writer writer(folder_ / "state");
    std::atomic<bool> disk_full = false;
    Committer committer({writer, catalogue_, disk_full, [](Item& item) { EXPECT_FALSE(item.failure); }});
    Feeder feeder({spec_, sources, plan, key_, catalogue_, reporter_, budget, read_ahead,
                   [](const codecs::Header& header) { return static_cast<std::size_t>(header.size.area()); }, records_,
                   by_content_, files_});
    std::vector<std::string> pushed;
    feeder.feed(
        [&](const ItemPtr& item) {
          pushed.push_back(item->input.stem());
          EXPECT_EQ(item->size, (Size{3, 2}));
          Made made;
          made.files.push_back({.bytes = item->file});
          committer.commit(item, std::move(made));
          if (pushed_one) pushed_one();
        },
        [&] { return stop_.load(); });
    committer.drain();
    return pushed;
  }

  TemporaryFolder folder_;
  JobSpec spec_;
  WatchedFiles files_;
  ResultKey key_ = {"", "model", "settings", "job"};
  bool records_ = false;
  bool by_content_ = true;
  std::atomic<bool> stop_ = false;
  std::function<void()> pushed_one;
  Catalogue catalogue_{folder_ / "state/catalogue.db"};
  std::vector<std::string> skipped_, why_;
  std::vector<Failed> failed_;
  EventSink sink_ = [this](const Event& event) {
    if (const auto* skipped = std::get_if<Skipped>(&event)) {
      skipped_.push_back(skipped->input.stem());
      why_.push_back(skipped->reason);
    }
    if (const auto* planned = std::get_if<Planned>(&event)) why_.push_back(planned->reason);
    if (const auto* failed = std::get_if<Failed>(&event)) failed_.push_back(*failed);
  };
  Reporter reporter_{sink_};
};

std::vector<std::string> numbers(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

TEST_F(FeederTest, PicturesComeInOrderWhoeverReadsThem) {
  pictures(200);
  EXPECT_EQ(run(), numbers(200));
}

// Would wait for ever if one reader had to end before the next one starts.
TEST_F(FeederTest, ADiskThatAnswersLateIsAskedForManyFilesAtOnce) {
  pictures(8);
  std::barrier all(8);
  files_.before_read = [&](const fs::path&) { all.arrive_and_wait(); };
  EXPECT_EQ(run(), numbers(8));
}

TEST_F(FeederTest, WhatIsDoneIsNotRead) {
  pictures(100);
  run();
  EXPECT_EQ(files_.reads, 100);
  EXPECT_TRUE(run().empty());
  EXPECT_EQ(skipped_, numbers(100));
  EXPECT_EQ(files_.reads, 100) << "they were read again";
  spec_.checksum = true;
  EXPECT_TRUE(run().empty());
  EXPECT_EQ(files_.reads, 200) << "they were not read";
}

TEST_F(FeederTest, WhatChangedIsMadeAgain) {
  pictures(10);
  run();
  write_file(folder_ / "in/3.png", picture(77));
  fs::remove(folder_ / "out/5.png");
  EXPECT_EQ(run(), (std::vector<std::string>{"3", "5"}));
  key_.settings = "others";
  EXPECT_EQ(run(), numbers(10));
}

TEST_F(FeederTest, WhatWasOnlyTouchedIsReadOnce) {
  pictures(1);
  run();
  const timespec long_ago[2] = {{1'500'000'000, 0}, {1'500'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (folder_ / "in/0.png").c_str(), long_ago, 0), 0);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(run().empty());
  EXPECT_EQ(files_.reads, 2);
}

// Two folders with files of one name, one after the other into one output folder.
TEST_F(FeederTest, AnotherFoldersResultsAreNotReplaced) {
  pictures(2);
  run();
  const std::string before = testing::file_text(folder_ / "out/0.png");
  write_file(folder_ / "other/0.png", picture(50));
  spec_.inputs.inputs = {(folder_ / "other").string()};
  EXPECT_TRUE(run().empty());
  ASSERT_EQ(failed_.size(), 1U);
  EXPECT_EQ(failed_[0].code, ErrorCode::collision);
  EXPECT_SAYS(failed_[0].message, (folder_ / "in/0.png").string());
  EXPECT_EQ(testing::file_text(folder_ / "out/0.png"), before);
  spec_.outputs.overwrite = true;
  EXPECT_EQ(run(), numbers(1));
  EXPECT_EQ(testing::file_text(folder_ / "out/0.png"), picture(50));
}

TEST_F(FeederTest, ALostCatalogueCostsTheWorkAndNoResult) {
  pictures(3);
  run();
  write_file(folder_ / "out/1.png", "edited");
  const fs::file_time_type before = fs::last_write_time(folder_ / "out/0.png");
  Catalogue empty(folder_ / "elsewhere/catalogue.db");
  const Sources sources = find_sources(spec_.inputs);
  const Plan plan = plan_outputs(spec_, sources, "model", {{.role = "picture"}});
  Budget budget(1 << 20, 1000);
  Writer writer(folder_ / "state");
  std::atomic<bool> disk_full = false;
  std::vector<ItemPtr> items;
  std::mutex mutex;
  Committer committer({writer, empty, disk_full, [](Item&) {}});
  Feeder feeder({spec_, sources, plan, key_, empty, reporter_, budget, 1 << 20,
                 [](const codecs::Header&) { return std::size_t{1}; }, false, true, files_});
  feeder.feed(
      [&](const ItemPtr& item) {
        items.push_back(item);
        Made made;
        made.files.push_back({.bytes = item->file});
        committer.commit(item, std::move(made));
      },
      [] { return false; });
  committer.drain();
  ASSERT_EQ(items.size(), 3U);
  EXPECT_FALSE(items[0]->failure);
  ASSERT_TRUE(items[1]->failure) << "somebody's file";
  EXPECT_EQ(items[1]->failure->code, ErrorCode::collision);
  EXPECT_FALSE(items[2]->failure);
  EXPECT_EQ(fs::last_write_time(folder_ / "out/0.png"), before) << "it was written again";
  EXPECT_TRUE(empty.output(folder_ / "out/0.png"));
}

// The same picture under another name: its file is there, and what was found in it is under the first name.
TEST_F(FeederTest, WhatWasFoundInAnEqualPictureIsNotFoundAgain) {
  pictures(2);
  run();
  records_ = true;
  const std::string bytes = picture(1);
  const ResultKey found = {hash_of(std::as_bytes(std::span(bytes))), key_.model, key_.settings, key_.task};
  for (const bool dry : {false, true}) {  // a dry run shows what a rule says of the copies, too
    const std::string copies = dry ? "copies" : "more";
    fs::copy(folder_ / "in", folder_ / copies, fs::copy_options::recursive);
    spec_.inputs.inputs = {(folder_ / copies).string()};
    spec_.dry_run = dry;
    EXPECT_TRUE(run().empty());
    EXPECT_EQ(why_, (std::vector<std::string>{"same content", "same content"}));
    catalogue_.finish({});
    EXPECT_TRUE(catalogue_.has_result(folder_ / copies / "1.png", found));
    EXPECT_TRUE(run().empty());
    EXPECT_EQ(why_, (std::vector<std::string>{"done before", "done before"})) << "it is its own";
  }
}

TEST_F(FeederTest, WhatDependsOnTheNameIsFoundUnderEachName) {
  pictures(1);
  run();
  fs::copy(folder_ / "in", folder_ / "copy", fs::copy_options::recursive);
  spec_.inputs.inputs = {(folder_ / "copy").string()};
  EXPECT_TRUE(run().empty()) << "its file is there";
  records_ = true;
  by_content_ = false;
  EXPECT_EQ(run(), numbers(1));
  EXPECT_TRUE(run().empty());
}

// Before a file is read its bytes are counted, and of those that wait there are never more than may be.
TEST_F(FeederTest, FilesThatWaitFitIntoTheirPartOfTheMemory) {
  pictures(40);
  const auto bytes = static_cast<std::int64_t>(fs::file_size(folder_ / "in/0.png"));
  std::atomic<std::int64_t> held = 0;
  std::atomic<std::int64_t> most = 0;
  files_.before_read = [&](const fs::path&) {
    const std::int64_t now = held += bytes;
    std::int64_t seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
  };
  pushed_one = [&] { held -= bytes; };
  EXPECT_EQ(run(static_cast<std::size_t>(3 * bytes)), numbers(40));
  EXPECT_GE(most, 1 * bytes);
  EXPECT_LE(most, 4 * bytes) << "three that wait, and the one that everybody waits for";
}

TEST_F(FeederTest, AFileLargerThanThatIsReadAlone) {
  pictures(20);
  EXPECT_EQ(run(1), numbers(20));
}

TEST_F(FeederTest, DamagedPicturesFailAlone) {
  pictures(5);
  write_file(folder_ / "in/2.png", "damaged");
  EXPECT_EQ(run(), (std::vector<std::string>{"0", "1", "3", "4"}));
  ASSERT_EQ(failed_.size(), 1U);
  EXPECT_EQ(failed_[0].input, folder_ / "in/2.png");
}

TEST_F(FeederTest, ItStopsWhenItIsTold) {
  pictures(100);
  pushed_one = [&] { stop_ = true; };
  EXPECT_EQ(run(), numbers(1));
}

TEST_F(FeederTest, ACatalogueThatFailsEndsTheJobAndFailsNoPicture) {
  pictures(3);
  Catalogue held(folder_ / "held/catalogue.db", {.busy_ms = 1, .on_network = true});
  Database other;
  other.open(folder_ / "held/catalogue.db", SQLITE_OPEN_READWRITE, 0);
  other.run("BEGIN EXCLUSIVE");
  const Sources sources = find_sources(spec_.inputs);
  const Plan plan = plan_outputs(spec_, sources, "model", {{.role = "picture"}});
  Budget budget(1 << 20, 1000);
  Feeder feeder({spec_, sources, plan, key_, held, reporter_, budget, 1 << 20,
                 [](const codecs::Header&) { return std::size_t{1}; }, false, true, files_});
  EXPECT_THROW(feeder.feed([](const ItemPtr&) {}, [] { return false; }), CatalogueError);
  EXPECT_TRUE(failed_.empty());
}

}  // namespace
}  // namespace pixmill::pipeline
