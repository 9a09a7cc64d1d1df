#include "pipeline/journal.h"

#include <gtest/gtest.h>

#include <thread>

#include "pipeline/testing.h"
#include "pixmill/pipeline/journal_figures.h"

namespace pixmill::pipeline {
namespace {

using testing::TemporaryFolder;
using testing::write_file;
using State = Journal::State;

const ResultKey kKey = {"content", "model", "settings"};
const ResultKey kOther = {"content", "model", "other settings"};

Fingerprint of(const std::string& text) {
  return fingerprint_of(std::as_bytes(std::span(text)));
}

class JournalTest : public ::testing::Test {
 protected:
  void make(Journal& journal, const ResultKey& key, const std::string& text) {
    journal.begin(output_, key, of(text));
    write_file(output_, text);
    journal.finish(output_);
  }
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "state/journal.db";
  std::filesystem::path output_ = folder_ / "out.png";
};

TEST_F(JournalTest, TheFingerprintOfAFileIsThatOfItsBytes) {
  const std::string text(200'000, 'x');
  write_file(output_, text);
  EXPECT_EQ(fingerprint_of(output_), of(text));
  EXPECT_FALSE(fingerprint_of(folder_ / "nothing"));
}

TEST_F(JournalTest, DoneOnlyForTheSameKey) {
  Journal journal(file_);
  EXPECT_EQ(journal.state_of(output_, kKey), State::absent);
  make(journal, kKey, "one");
  EXPECT_EQ(journal.state_of(output_, kKey), State::done);
  EXPECT_EQ(journal.state_of(output_, kOther), State::stale);
}

TEST_F(JournalTest, OutlivesTheProcess) {
  {
    Journal journal(file_);
    make(journal, kKey, "one");
  }
  Journal again(file_);
  EXPECT_EQ(again.state_of(output_, kKey), State::done);
}

TEST_F(JournalTest, ChangedOrUnknownFilesAreForeign) {
  Journal journal(file_);
  write_file(output_, "theirs");
  EXPECT_EQ(journal.state_of(output_, kKey), State::foreign);
  std::filesystem::remove(output_);
  make(journal, kKey, "one");
  write_file(output_, "two");  // same length
  EXPECT_EQ(journal.state_of(output_, kKey), State::foreign);
  std::filesystem::remove(output_);
  EXPECT_EQ(journal.state_of(output_, kKey), State::absent);
  std::filesystem::create_directory(output_);
  EXPECT_EQ(journal.state_of(output_, kKey), State::foreign);
}

TEST_F(JournalTest, AKillBeforeTheRenameLeavesTheOldFileOurs) {
  {
    Journal journal(file_);
    make(journal, kKey, "one");
    journal.begin(output_, kOther, of("two"));
  }
  Journal again(file_);
  EXPECT_EQ(again.state_of(output_, kOther), State::stale);
  make(again, kOther, "two");
  EXPECT_EQ(again.state_of(output_, kOther), State::done);
}

TEST_F(JournalTest, AKillAfterTheRenameLosesNothing) {
  {
    Journal journal(file_);
    journal.begin(output_, kKey, of("one"));
  }
  write_file(output_, "one");
  {
    Journal again(file_);
    EXPECT_EQ(again.state_of(output_, kKey), State::done);
  }
  Journal third(file_);
  EXPECT_EQ(third.state_of(output_, kKey), State::done);
}

TEST_F(JournalTest, AKillBeforeTheFirstFileLeavesNothing) {
  {
    Journal journal(file_);
    journal.begin(output_, kKey, of("one"));
  }
  Journal again(file_);
  EXPECT_EQ(again.state_of(output_, kKey), State::absent);
  write_file(output_, "not one");
  EXPECT_EQ(again.state_of(output_, kKey), State::foreign);
}

TEST_F(JournalTest, ADamagedJournalIsSetAside) {
  write_file(file_, "this is no database, and long enough that SQLite reads a header: " + std::string(4096, 'x'));
  Journal journal(file_);
  ASSERT_EQ(journal.warnings().size(), 1U);
  EXPECT_NE(journal.warnings()[0].find("set aside"), std::string::npos);
  make(journal, kKey, "one");
  Journal again(file_);
  EXPECT_TRUE(again.warnings().empty());
  EXPECT_EQ(again.state_of(output_, kKey), State::done);
}

TEST_F(JournalTest, WithoutAPlaceItStillServesOneRun) {
  write_file(folder_ / "file", "x");
  Journal journal(folder_ / "file/journal.db");
  ASSERT_EQ(journal.warnings().size(), 1U);
  make(journal, kKey, "one");
  EXPECT_EQ(journal.state_of(output_, kKey), State::done);
}

TEST_F(JournalTest, TwoAtOnceDoNotLoseEachOther) {
  const auto work = [&](int from) {
    Journal journal(file_);
    for (int i = from; i < from + 100; ++i) {
      const std::filesystem::path output = folder_ / std::to_string(i);
      journal.begin(output, kKey, of("one"));
      write_file(output, "one");
      journal.finish(output);
    }
  };
  { Journal first(file_); }
  std::thread a(work, 0);
  std::thread b(work, 100);
  a.join();
  b.join();
  Journal journal(file_);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(journal.state_of(folder_ / std::to_string(i), kKey), State::done);
}

TEST(JournalFigures, AreReadFromOutside) {
  const TemporaryFolder folder;
  EXPECT_FALSE(read_journal_figures(folder / "journal.db").has_value());
  {
    Journal journal(folder / "journal.db");
    journal.begin("out.png", kKey, {1000, "d"});
  }
  const auto figures = read_journal_figures(folder / "journal.db");
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->results, 1);
  EXPECT_EQ(figures->open, 1);
  EXPECT_EQ(figures->bytes, 1000);
  EXPECT_GT(figures->newest, 0);
}

}  // namespace
}  // namespace pixmill::pipeline
