#include "pixmill/pipeline/catalogue.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <barrier>
#include <optional>
#include <thread>

#include "pipeline/catalogue/catalogue_fixture.h"
#include "pipeline/catalogue/database.h"
#include "pipeline/catalogue/schema.h"
#include "pipeline/file_layer.h"
#include "pipeline/fingerprint.h"
#include "pipeline/testing.h"
#include "pixmill/pipeline/catalogue_figures.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::CatalogueTest;
using testing::kKey;
using testing::of;
using testing::record;
using testing::TemporaryFolder;
using testing::write_file;

TEST_F(CatalogueTest, ACommitIsKnownInBothItsSteps) {
  Catalogue catalogue(file_);
  EXPECT_FALSE(catalogue.output(output_));
  begin(catalogue, entry("one"));
  const auto open = catalogue.output(output_);
  ASSERT_TRUE(open);
  EXPECT_TRUE(open->open);
  EXPECT_EQ(open->owner, input_);
  EXPECT_EQ(open->key, kKey);
  EXPECT_EQ(open->made, of("one"));
  EXPECT_TRUE(open->prior.empty());
  catalogue.finish(std::vector<Catalogue::Coming>{coming(output_, "one")});
  EXPECT_FALSE(catalogue.output(output_)->open);
}

// As processes that start on a new machine at the same moment.
TEST_F(CatalogueTest, SeveralMayMakeItAtOnce) {
  for (int round = 0; round < 20; ++round) {
    const std::filesystem::path file = file_.string() + std::to_string(round);
    std::vector<std::jthread> others;
    std::atomic<int> failures = 0;
    std::barrier start(4);
    for (int i = 0; i < 4; ++i) {
      others.emplace_back([&] {
        start.arrive_and_wait();
        try {
          Catalogue catalogue(file);
          failures += catalogue.take_warnings().empty() ? 0 : 1;
        } catch (const Error& error) {
          ++failures;
          ADD_FAILURE() << error.message();
        }
      });
    }
    others.clear();
    EXPECT_EQ(failures, 0);
  }
}

// Of two kills one after the other, neither forgets the file that still stands there.
TEST_F(CatalogueTest, EveryFileThatMayStandThereIsKnownUntilTheCommitEnds) {
  Catalogue catalogue(file_);
  begin(catalogue, entry("one"));
  catalogue.finish(std::vector<Catalogue::Coming>{coming(output_, "one")});
  begin(catalogue, entry("two"));
  begin(catalogue, entry("three"));
  EXPECT_EQ(catalogue.output(output_)->prior, (std::vector<Fingerprint>{of("one"), of("two")}));
  catalogue.finish(std::vector<Catalogue::Coming>{coming(output_, "two")});
  EXPECT_TRUE(catalogue.output(output_)->open) << "that was another process's";
  catalogue.finish(std::vector<Catalogue::Coming>{coming(output_, "three")});
  EXPECT_TRUE(catalogue.output(output_)->prior.empty());
}

TEST_F(CatalogueTest, AnInputIsKnownWhileItLooksTheSame) {
  Catalogue catalogue(file_);
  begin(catalogue, entry());
  EXPECT_EQ(catalogue.content_of(input_, {10, 20, 30}), "content");
  EXPECT_FALSE(catalogue.content_of(input_, {11, 20, 30}));
  EXPECT_FALSE(catalogue.content_of(input_, {10, 21, 30}));
  EXPECT_FALSE(catalogue.content_of(input_, {10, 20, 31}));
  Catalogue::Entry unsettled = entry();
  unsettled.stamp.mtime_ns = 0;
  begin(catalogue, unsettled);
  EXPECT_FALSE(catalogue.content_of(input_, {10, 0, 30})) << "it may have changed unseen";
}

TEST_F(CatalogueTest, AnotherInputsOutputIsRefusedUnlessItWasSeen) {
  Catalogue catalogue(file_);
  begin(catalogue, entry());
  std::vector<Catalogue::Entry> entries = {entry("two")};
  entries[0].input = folder_ / "other/a.png";
  catalogue.begin(entries);
  EXPECT_EQ(entries[0].refused_for, input_);
  EXPECT_EQ(entries[0].refused_at, output_);
  EXPECT_EQ(catalogue.output(output_)->made, of("one"));
  entries[0].outputs[0].seen_owner = input_;
  catalogue.begin(entries);
  EXPECT_EQ(catalogue.output(output_)->owner, folder_ / "other/a.png");
}

TEST_F(CatalogueTest, CorrectionsComeWithTheNextTransaction) {
  const fs::path other = folder_ / "moved/a.png";
  {
    Catalogue catalogue(file_);
    begin(catalogue, entry());
    catalogue.saw_output(output_, {3, 99, 9}, of("one"));
    catalogue.saw_output(output_, {3, 98, 8}, of("another process's"));
    catalogue.moved(input_, other);
    catalogue.saw_input(other, {1, 2, 3}, "content");
  }
  const Catalogue again(file_);
  EXPECT_EQ(again.output(output_)->owner, other);
  EXPECT_EQ(again.output(output_)->stamp.mtime_ns, 99);
  EXPECT_EQ(again.content_of(other, {1, 2, 3}), "content");
  EXPECT_FALSE(again.content_of(input_, {10, 20, 30}));
}

TEST_F(CatalogueTest, RecordsStandWithTheirResult) {
  Catalogue catalogue(file_);
  Catalogue::Entry made = {input_, {10, 20, 30}, kKey, {}, {record("boxes/1", "abc"), record("boxes/1", "")}};
  EXPECT_FALSE(catalogue.has_result(input_, kKey));
  begin(catalogue, made);
  EXPECT_TRUE(catalogue.has_result(input_, kKey));
  ResultKey other = kKey;
  other.settings = "others";
  EXPECT_FALSE(catalogue.has_result(input_, other));
  other = kKey;
  other.content = "changed";
  EXPECT_FALSE(catalogue.has_result(input_, other));
  std::vector<StoredRecord> found;
  const auto take = [&](const fs::path& input, const StoredRecord& one) {
    EXPECT_EQ(input, input_);
    found.push_back(one);
  };
  catalogue.records_of(std::vector<fs::path>{input_}, "boxes/1", take);
  EXPECT_EQ(found, made.records);
  made.records.pop_back();
  begin(catalogue, made);
  found.clear();
  catalogue.records_of(std::vector<fs::path>{input_}, "boxes/1", take, &kKey);
  EXPECT_EQ(found, made.records);
  other.content.clear();
  other.settings = "others";
  found.clear();
  catalogue.records_of(std::vector<fs::path>{input_}, "boxes/1", take, &other);
  catalogue.records_of(std::vector<fs::path>{input_}, "masks/1", take);
  catalogue.saw_input(input_, {1, 1, 1}, "changed");
  catalogue.finish({});
  catalogue.records_of(std::vector<fs::path>{input_}, "boxes/1", take);
  EXPECT_TRUE(found.empty());
}

TEST_F(CatalogueTest, AnEqualPictureSharesAResult) {
  const fs::path copy = folder_ / "in/copy.png", late = folder_ / "in/late.png";
  const std::vector<StoredRecord> records = {record("boxes/1", "abc"), record("boxes/1", ""), record("notes/1", "x")};
  const ResultKey key = {"0123456789abcdef", "model", "settings", "job"};
  ResultKey other = key, almost = key;
  other.settings = "others";
  almost.content.back() = '?';  // what is indexed of it is the same
  {
    Catalogue catalogue(file_);
    EXPECT_FALSE(catalogue.has_result(key));
    begin(catalogue, {input_, {10, 20, 30}, key, {}, records});
    EXPECT_TRUE(catalogue.has_result(key));
    EXPECT_FALSE(catalogue.has_result(other));
    EXPECT_FALSE(catalogue.has_result(almost));
    catalogue.share_result(copy, {11, 21, 31}, key);
    catalogue.share_result(input_, {10, 20, 30}, key);  // has it already
    catalogue.share_result(late, {1, 2, 3}, almost);    // nobody has it
  }
  const Catalogue again(file_);
  EXPECT_TRUE(again.has_result(copy, key));
  EXPECT_FALSE(again.has_result(late, almost));
  EXPECT_EQ(again.content_of(copy, {11, 21, 31}), key.content);
  std::map<fs::path, std::vector<StoredRecord>> found;
  again.records_of(std::vector<fs::path>{input_, copy}, "*",
                   [&](const fs::path& input, const StoredRecord& one) { found[input].push_back(one); });
  EXPECT_EQ(found[copy], records);
  EXPECT_EQ(found[input_], records);
}

// Of an earlier version, or where kills came before results were entered. It may be asked while another program writes.
TEST_F(CatalogueTest, ResultsThatWaitAreFoundAfterTheNextCommit) {
  begin(*std::make_unique<Catalogue>(file_), {input_, {}, kKey, {}, {}});
  Database other;
  other.open(file_.string(), SQLITE_OPEN_READWRITE, 0);
  other.run("DELETE FROM result_contents; UPDATE result_contents_last SET result = 0");
  {
    const Transaction writing(other);
    EXPECT_FALSE(Catalogue(file_).has_result(kKey));
  }
  other.run("DROP TABLE result_contents; DROP TABLE result_contents_last");
  other.run("DROP TRIGGER result_contents_changed; DROP TRIGGER result_contents_deleted");
  Catalogue catalogue(file_);
  EXPECT_FALSE(catalogue.has_result(kKey));
  ResultKey next = kKey;
  next.content = "next";
  begin(catalogue, {"/in/next.png", {}, next, {}, {}});
  EXPECT_TRUE(catalogue.has_result(kKey));
}

// Few wait, however many there are, and none when it is closed. One that changes is found by what it has now.
TEST_F(CatalogueTest, EqualPicturesAreFoundAmongMany) {
  constexpr int kResults = 3000;
  const auto key_of = [](int i) {
    ResultKey key = kKey;
    key.content = hash_of(std::as_bytes(std::span(&i, 1)));
    return key;
  };
  const auto path_of = [](int i) { return "/in/" + std::to_string(i) + ".png"; };
  const auto found = [&](const Catalogue& catalogue, int from) {
    int count = 0;
    for (int i = from; i < from + kResults; ++i) count += catalogue.has_result(key_of(i)) ? 1 : 0;
    return count;
  };
  {
    Catalogue catalogue(file_);
    for (int i = 0; i < kResults; ++i) begin(catalogue, {path_of(i), {}, key_of(i), {}, {}});
    EXPECT_GE(found(catalogue, 0), kResults - kResults / 16);
  }
  std::optional<Catalogue> open(file_);
  Catalogue& catalogue = *open;
  EXPECT_EQ(found(catalogue, 0), kResults);
  for (int i = 0; i < kResults; ++i) begin(catalogue, {path_of(i), {}, key_of(kResults + i), {}, {}});
  EXPECT_EQ(found(catalogue, 0), 0);
  EXPECT_EQ(found(catalogue, kResults), kResults);
  // The last ones go, where others move onto their paths; new ones may get their numbers.
  for (int i = 0; i < 10; ++i) catalogue.moved(path_of(i), path_of(kResults - 1 - i));
  catalogue.finish({});
  EXPECT_EQ(found(catalogue, kResults), kResults - 10);
  for (int i = 0; i < 10; ++i) begin(catalogue, {path_of(2 * kResults + i), {}, key_of(2 * kResults - 1 - i), {}, {}});
  open.reset();
  EXPECT_EQ(found(Catalogue(file_), kResults), kResults);
  Database other;
  other.open(file_.string(), SQLITE_OPEN_READONLY, 0);
  EXPECT_EQ(other.number("SELECT COUNT(*) FROM result_contents"), kResults) << "a row of each result and no other";
}

TEST_F(CatalogueTest, AShareThatFailedComesWithTheNextTransaction) {
  Catalogue catalogue(file_, {.busy_ms = 1});
  begin(catalogue, {input_, {}, kKey, {}, {record("boxes/1", "abc")}});
  catalogue.share_result("/in/copy.png", {}, kKey);
  Database other;
  other.open(file_.string(), SQLITE_OPEN_READWRITE, 0);
  {
    const Transaction writing(other);
    EXPECT_THROW(catalogue.finish({}), Error);
  }
  catalogue.finish({});
  EXPECT_TRUE(catalogue.has_result("/in/copy.png", kKey));
}

TEST_F(CatalogueTest, AShareOfWhatWentIsTold) {
  Catalogue catalogue(file_);
  begin(catalogue, {input_, {}, kKey, {}, {}});
  catalogue.share_result("/in/copy.png", {}, kKey);
  Database other;
  other.open(file_.string(), SQLITE_OPEN_READWRITE, 0);
  other.run("DELETE FROM results");
  EXPECT_TRUE(catalogue.take_warnings().empty());
  catalogue.finish({});
  EXPECT_EQ(catalogue.take_warnings().size(), 1U);
  EXPECT_FALSE(catalogue.has_result("/in/copy.png", kKey));
}

TEST_F(CatalogueTest, RecordsComeInTheOrderOfTheInputsOrOfTheFolder) {
  Catalogue catalogue(file_);
  std::vector<fs::path> inputs;
  std::vector<Catalogue::Entry> entries;
  for (int i = 600; i-- > 0;) {
    inputs.push_back("/in/" + std::to_string(i) + ".png");
    entries.push_back({inputs.back(), {}, kKey, {}, {record("boxes/1", inputs.back())}});
  }
  entries.push_back({"/inside.png", {}, kKey, {}, {record("boxes/1", "not below /in")}});
  catalogue.begin(entries);
  std::vector<fs::path> found;
  const auto take = [&](const fs::path& input, const StoredRecord&) { found.push_back(input); };
  catalogue.records_of(inputs, "boxes/1", take);
  EXPECT_EQ(found, inputs);
  found.clear();
  catalogue.records_under("/in/", "boxes/1", take);
  EXPECT_EQ(found, std::vector<fs::path>(inputs.rbegin(), inputs.rend()));
}

TEST_F(CatalogueTest, TheNewestResultOfAnInputIsTaken) {
  Catalogue catalogue(file_);
  begin(catalogue, {input_, {}, kKey, {}, {record("boxes/1", "old")}});
  ResultKey newer = kKey;
  newer.model = "newer";
  begin(catalogue, {input_, {}, newer, {}, {record("boxes/1", "new")}});
  std::vector<StoredRecord> found;
  const auto take = [&](const fs::path&, const StoredRecord& one) { found.push_back(one); };
  catalogue.records_of(std::vector<fs::path>{input_}, "boxes/1", take);
  EXPECT_EQ(found, std::vector<StoredRecord>{record("boxes/1", "new")});
  catalogue.records_of(std::vector<fs::path>{input_}, "boxes/1", take, &kKey);
  EXPECT_EQ(found.back(), record("boxes/1", "old"));
}

// What makes a row last through a power cut is SQLite's, if it is asked to.
TEST_F(CatalogueTest, RowsOfABeginningCommitWaitForTheDisk) {
  Catalogue catalogue(file_);
  begin(catalogue, entry());
  const fs::path log = file_.native() + "-wal";
  ASSERT_TRUE(fs::exists(log)) << "the write-ahead log is what SQLite syncs at each commit";
  Database other;
  other.open(file_.native(), SQLITE_OPEN_READWRITE, 0);
  EXPECT_EQ(other.text("PRAGMA journal_mode"), "wal");
}

TEST_F(CatalogueTest, AnOldJournalIsReadOnceAndKept) {
  const fs::path journal = folder_ / "state/journal.db";
  fs::create_directories(journal.parent_path());
  const auto make_journal = [&](const std::string& size) {
    Database old;
    old.open(journal.native(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0);
    old.run(
        "CREATE TABLE IF NOT EXISTS results (output TEXT PRIMARY KEY, content TEXT NOT NULL, model TEXT NOT NULL,"
        " settings TEXT NOT NULL, size INTEGER NOT NULL, digest TEXT NOT NULL, old_size INTEGER, old_digest TEXT,"
        " open INTEGER NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID; PRAGMA user_version = 1;");
    old.run(("INSERT OR REPLACE INTO results VALUES ('/out/a', 'content', 'model', 'settings', " + size +
             ", 'new', 2, 'old', 1, 5)")
                .c_str());
  };
  make_journal("3");
  for (const char* size : {"3", "4"}) {
    make_journal(size);
    Catalogue catalogue(file_, {.old_journal = journal});
    EXPECT_TRUE(catalogue.take_warnings().empty());
    const auto row = catalogue.output("/out/a");
    ASSERT_TRUE(row);
    EXPECT_TRUE(row->owner.empty());
    EXPECT_EQ(row->key, kKey) << "it knows no job";
    EXPECT_EQ(row->made, (Fingerprint{3, "new"})) << "read the first time";
    EXPECT_EQ(row->prior, (std::vector<Fingerprint>{{2, "old"}}));
    EXPECT_FALSE(row->stamp.same_as(row->stamp)) << "the file is read before it is believed";
  }
  EXPECT_TRUE(fs::exists(journal));
}

TEST_F(CatalogueTest, AnOldJournalThatCannotBeReadIsAWarning) {
  const fs::path journal = write_file(folder_ / "state/journal.db", std::string(9000, 'x'));
  Catalogue catalogue(file_, {.old_journal = journal});
  ASSERT_EQ(catalogue.take_warnings().size(), 1U);
  begin(catalogue, entry());
  EXPECT_TRUE(catalogue.output(output_));
}

TEST_F(CatalogueTest, TwoAtOnceDoNotLoseEachOther) {
  const auto work = [&](int from) {
    Catalogue catalogue(file_);
    for (int i = from; i < from + 40; ++i) {
      Catalogue::Entry one = entry();
      one.outputs[0].path = "/out/" + std::to_string(i);
      begin(catalogue, one);
    }
  };
  std::thread a(work, 0);
  std::thread b(work, 40);
  a.join();
  b.join();
  const Catalogue catalogue(file_);
  for (int i = 0; i < 80; ++i) EXPECT_TRUE(catalogue.output("/out/" + std::to_string(i)));
}

TEST(CatalogueFigures, AreReadFromOutside) {
  const TemporaryFolder folder;
  platform::Home home;
  home.state = folder.path();
  EXPECT_FALSE(read_catalogue_figures(home));
  {
    Catalogue catalogue(catalogue_file(home));
    std::vector<Catalogue::Entry> entries = {{"/in/a.png", {}, kKey, {}, {}}};
    entries[0].outputs.push_back({.path = "/out/a.png", .made = {1000, "d"}});
    catalogue.begin(entries);
  }
  const auto figures = read_catalogue_figures(home);
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->results, 1);
  EXPECT_EQ(figures->open, 1);
  EXPECT_EQ(figures->bytes, 1000);
  EXPECT_GT(figures->newest, 0);
}

}  // namespace
}  // namespace pixmill::pipeline
