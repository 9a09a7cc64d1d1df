#include "pixmill/pipeline/catalogue.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "pipeline/catalogue/database.h"
#include "pipeline/catalogue/schema.h"
#include "pipeline/file_layer.h"
#include "pipeline/fingerprint.h"
#include "pipeline/testing.h"
#include "pixmill/pipeline/catalogue_figures.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using pixmill::testing::error_of;
using testing::file_text;
using testing::TemporaryFolder;
using testing::write_file;

const ResultKey kKey = {"content", "model", "settings", "job"};

Fingerprint of(const std::string& text) {
  return fingerprint_of(std::as_bytes(std::span(text)));
}

StoredRecord record(const std::string& kind, const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {kind, {bytes.begin(), bytes.end()}};
}

class CatalogueTest : public ::testing::Test {
 protected:
  static Catalogue::Coming coming(const fs::path& path, const std::string& text) {
    return {.path = path, .stamp = {static_cast<std::int64_t>(text.size()), 7, 1}, .made = of(text)};
  }
  Catalogue::Entry entry(const std::string& text = "one", const ResultKey& key = kKey) {
    return {input_, {10, 20, 30}, key, {coming(output_, text)}, {}};
  }
  static void begin(Catalogue& catalogue, Catalogue::Entry entry) {
    std::vector<Catalogue::Entry> entries = {std::move(entry)};
    catalogue.begin(entries);
    EXPECT_TRUE(entries[0].refused_for.empty());
  }
  // Many rows, so that the file has pages in its middle.
  void fill(Catalogue& catalogue, int rows) {
    std::vector<Catalogue::Entry> entries;
    for (int i = 0; i < rows; ++i) {
      Catalogue::Entry one = entry();
      one.input = "/in/" + std::to_string(i);
      one.outputs[0].path = "/out/" + std::to_string(i);
      entries.push_back(one);
    }
    catalogue.begin(entries);
  }

  TemporaryFolder folder_;
  fs::path file_ = folder_ / "state/catalogue.db";
  fs::path input_ = folder_ / "in/a.png";
  fs::path output_ = folder_ / "out/a.png";
};

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

TEST_F(CatalogueTest, WhatIsNoDatabaseIsSetAside) {
  write_file(file_, "this is no database, and long enough that SQLite reads a header: " + std::string(4096, 'x'));
  Catalogue catalogue(file_);
  const auto warnings = catalogue.take_warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_SAYS(warnings[0], "set aside");
  begin(catalogue, entry());
  Catalogue again(file_);
  EXPECT_TRUE(again.take_warnings().empty());
  EXPECT_TRUE(again.output(output_));
}

// The header is whole and the file opens; the damage is met in the middle of a run.
TEST_F(CatalogueTest, ADamagedPageInTheMiddleIsNoMissingRow) {
  {
    Catalogue catalogue(file_);
    fill(catalogue, 2000);
  }
  const auto size = fs::file_size(file_);
  ASSERT_GT(size, 100'000U);
  {
    std::fstream file(file_, std::ios::binary | std::ios::in | std::ios::out);
    for (std::streamoff at = 20 * 4096; at < static_cast<std::streamoff>(size); at += 4096) {
      file.seekp(at);
      file << std::string(64, '\xff');
    }
  }
  Catalogue catalogue(file_);
  std::thread other([&] {
    for (int i = 0; i < 2000; ++i) (void)catalogue.output("/out/" + std::to_string(i));
  });
  for (int i = 0; i < 2000; ++i) (void)catalogue.output("/out/" + std::to_string(i));
  other.join();
  const auto warnings = catalogue.take_warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_SAYS(warnings[0], "set aside");
  begin(catalogue, entry());
  EXPECT_TRUE(catalogue.output(output_));
  int aside = 0;
  for (const auto& found : fs::directory_iterator(file_.parent_path()))
    aside += found.path().native().find(".damaged-") != std::string::npos ? 1 : 0;
  EXPECT_GE(aside, 1);
}

TEST_F(CatalogueTest, DamageMetWhileWritingLosesNothingOfTheCommit) {
  {
    Catalogue catalogue(file_);
    fill(catalogue, 2000);
  }
  Catalogue catalogue(file_);
  const auto size = fs::file_size(file_);
  {
    std::fstream file(file_, std::ios::binary | std::ios::in | std::ios::out);
    for (std::streamoff at = 4096; at < static_cast<std::streamoff>(size); at += 4096) {
      file.seekp(at);
      file << std::string(64, '\xff');
    }
  }
  fill(catalogue, 2000);
  ASSERT_EQ(catalogue.take_warnings().size(), 1U);
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(catalogue.output("/out/" + std::to_string(i)));
}

TEST_F(CatalogueTest, WhileAnotherHoldsItThatIsAnError) {
  { Catalogue catalogue(file_, {.on_network = true}); }
  Database other;
  other.open(file_.native(), SQLITE_OPEN_READWRITE, 0);
  other.run("BEGIN EXCLUSIVE");
  const Error error =
      error_of(ErrorCode::unwritable, [&] { Catalogue catalogue(file_, {.busy_ms = 1, .on_network = true}); });
  EXPECT_SAYS(error.message(), "another program");
  EXPECT_FALSE(error.hint().empty());
  other.run("ROLLBACK");
  Catalogue catalogue(file_, {.busy_ms = 1, .on_network = true});
  EXPECT_TRUE(catalogue.take_warnings().empty());
  other.run("BEGIN EXCLUSIVE");
  EXPECT_THROW((void)catalogue.output(output_), CatalogueError);
  EXPECT_THROW(begin(catalogue, entry()), CatalogueError);
  other.run("ROLLBACK");
  begin(catalogue, entry());
  EXPECT_TRUE(catalogue.output(output_));
}

TEST_F(CatalogueTest, OnANetworkThereIsNoSharedMemory) {
  Catalogue catalogue(file_, {.on_network = true});
  begin(catalogue, entry());
  EXPECT_FALSE(fs::exists(file_.native() + "-wal"));
  EXPECT_FALSE(fs::exists(file_.native() + "-shm"));
  EXPECT_FALSE(on_network(folder_.path()));
}

// Where a file of SQLite's cannot be made beside it: it can be read and not written.
TEST_F(CatalogueTest, OneThatCanOnlyBeReadIsReadAndTold) {
  {
    Catalogue catalogue(file_);
    begin(catalogue, entry());
  }
  fs::create_directories(file_.native() + "-wal");
  Catalogue catalogue(file_);
  const auto warnings = catalogue.take_warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_SAYS(warnings[0], "not remembered");
  EXPECT_TRUE(catalogue.output(output_));
  fill(catalogue, 3);
  EXPECT_TRUE(catalogue.output("/out/2"));
}

// A disk that takes no more bytes of this file; SQLite calls it an I/O error.
TEST_F(CatalogueTest, ADiskThatFailsIsAnError) {
  Catalogue catalogue(file_);
  begin(catalogue, entry());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit none{4096, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  std::vector<Catalogue::Entry> entries = {entry("two")};
  EXPECT_THROW(catalogue.begin(entries), CatalogueError);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(catalogue.output(output_)->made, of("one"));
  EXPECT_TRUE(catalogue.take_warnings().empty());
  begin(catalogue, entry("two"));
  EXPECT_EQ(catalogue.output(output_)->made, of("two"));
}

TEST_F(CatalogueTest, WithoutAPlaceItServesOneRun) {
  write_file(folder_ / "file", "x");
  Catalogue catalogue(folder_ / "file/catalogue.db");
  ASSERT_EQ(catalogue.take_warnings().size(), 1U);
  begin(catalogue, entry());
  EXPECT_TRUE(catalogue.output(output_));
}

TEST_F(CatalogueTest, ANewerOneIsLeftAlone) {
  fs::create_directories(file_.parent_path());
  {
    Database newer;
    newer.open(file_.native(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0);
    newer.run("PRAGMA user_version = 99");
  }
  Catalogue catalogue(file_);
  const auto warnings = catalogue.take_warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_SAYS(warnings[0], "newer");
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
