#include "pipeline/catalogue/claims.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "pipeline/catalogue/database.h"
#include "pipeline/file_layer.h"
#include "pipeline/fingerprint.h"
#include "pipeline/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using testing::write_file;

Fingerprint of(const std::string& text) {
  return fingerprint_of(std::as_bytes(std::span(text)));
}

class ClaimsTest : public ::testing::Test {
 protected:
  ClaimsTest() { write_file(input_, "photo"); }

  Standing standing(const fs::path& input, const ResultKey& key, bool checksum = false) {
    return claim_of(catalogue_, output_,
                    {input, FileLayer::of_the_system().stamp(input).value_or(FileStamp()), key, checksum})
        .standing;
  }
  // The first step of a commit, and with `finished` all of it.
  void make(const std::string& text, const ResultKey& key, bool finished = true) {
    const fs::path staged = write_file(output_.native() + ".staged", text);
    std::vector<Catalogue::Entry> entries = {{input_, {}, key, {}, {}}};
    entries[0].outputs.push_back({.path = output_, .stamp = *files_.stamp(staged), .made = of(text)});
    catalogue_.begin(entries);
    if (!finished) return;
    fs::rename(staged, output_);
    catalogue_.finish(entries[0].outputs);
  }

  TemporaryFolder folder_;
  FileLayer& files_ = FileLayer::of_the_system();
  Catalogue catalogue_{folder_ / "catalogue.db"};
  fs::path input_ = folder_ / "in/a.jpg";
  fs::path other_ = folder_ / "elsewhere/a.jpg";
  fs::path output_ = folder_ / "out/a.png";
  ResultKey key_ = {"content", "model", "settings", "job"};
  ResultKey newer_ = {"content", "model", "newer settings", "job"};
  ResultKey changed_ = {"changed", "model", "settings", "job"};
};

TEST_F(ClaimsTest, OfItsOwnInput) {
  EXPECT_EQ(standing(input_, key_), Standing::absent);
  make("one", key_);
  EXPECT_EQ(standing(input_, key_), Standing::done);
  EXPECT_EQ(standing(input_, newer_), Standing::stale);
  EXPECT_EQ(standing(input_, changed_), Standing::stale);
  fs::remove(output_);
  EXPECT_EQ(standing(input_, key_), Standing::absent);
}

TEST_F(ClaimsTest, WhatNobodyKnowsOrChanged) {
  write_file(output_, "theirs");
  EXPECT_EQ(standing(input_, key_), Standing::unknown);
  fs::remove(output_);
  make("one", key_);
  write_file(output_, "longer");
  EXPECT_EQ(standing(input_, key_), Standing::changed);
  write_file(output_, "two");
  EXPECT_EQ(standing(input_, key_), Standing::changed) << "of the same length";
  fs::remove(output_);
  fs::create_directory(output_);
  EXPECT_EQ(standing(input_, key_), Standing::changed);
}

TEST_F(ClaimsTest, AFileIsReadOnlyWhereItLooksChangedOrThatIsAskedFor) {
  make("one", key_);
  struct stat before {};
  ASSERT_EQ(::stat(output_.c_str(), &before), 0);
  write_file(output_, "two");
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, output_.c_str(), times, 0), 0);
  EXPECT_EQ(standing(input_, key_), Standing::done) << "it was read";
  EXPECT_EQ(standing(input_, key_, /*checksum=*/true), Standing::changed) << "it was not read";
}

TEST_F(ClaimsTest, ACopyIsKnownByItsContent) {
  make("one", key_);
  fs::copy_file(output_, folder_ / "copy");
  fs::rename(folder_ / "copy", output_);
  EXPECT_EQ(standing(input_, key_), Standing::done);
}

TEST_F(ClaimsTest, AnotherInputsResultIsNotReplaced) {
  make("one", key_);
  write_file(other_, "another photo");
  EXPECT_EQ(standing(other_, changed_), Standing::of_another);
  EXPECT_EQ(claim_of(catalogue_, output_, {other_, {}, changed_}).owner, input_);
  fs::remove(input_);
  EXPECT_EQ(standing(other_, changed_), Standing::of_another) << "what was made of it is all that is left";
}

TEST_F(ClaimsTest, TheSamePictureUnderAnotherNameIsNotMadeTwice) {
  make("one", key_);
  write_file(other_, "photo");
  EXPECT_EQ(standing(other_, key_), Standing::done);
  EXPECT_EQ(standing(other_, newer_), Standing::of_another) << "the first one is still there";
  catalogue_.finish({});
  EXPECT_EQ(catalogue_.output(output_)->owner, input_);
  EXPECT_EQ(catalogue_.content_of(other_, *files_.stamp(other_)), "content") << "it is not read again";
}

TEST_F(ClaimsTest, AMovedPictureTakesItsResultsAlong) {
  make("one", key_);
  fs::create_directories(other_.parent_path());
  fs::rename(input_, other_);
  EXPECT_EQ(standing(other_, newer_), Standing::stale);
  catalogue_.finish({});
  EXPECT_EQ(catalogue_.output(output_)->owner, other_);
  EXPECT_EQ(standing(other_, key_), Standing::done);
  write_file(input_, "another photo of the old name");
  EXPECT_EQ(standing(input_, changed_), Standing::of_another);
}

TEST_F(ClaimsTest, AKillBeforeTheRenameLeavesTheOldFileOurs) {
  make("one", key_);
  make("two", newer_, false);
  EXPECT_EQ(standing(input_, newer_), Standing::stale);
  EXPECT_EQ(standing(input_, key_), Standing::stale) << "the row tells of the new one";
}

TEST_F(ClaimsTest, TwoKillsBeforeTheRenameAsWell) {
  make("one", key_);
  make("two", newer_, false);
  make("three", changed_, false);
  EXPECT_EQ(standing(input_, changed_), Standing::stale);
  write_file(output_, "two");
  EXPECT_EQ(standing(input_, changed_), Standing::stale);
  make("three", changed_);
  EXPECT_EQ(standing(input_, changed_), Standing::done);
}

TEST_F(ClaimsTest, AKillAfterTheRenameLosesNothing) {
  make("one", key_);
  make("two", newer_, false);
  fs::rename(output_.native() + ".staged", output_);
  EXPECT_EQ(standing(input_, newer_), Standing::done);
}

TEST_F(ClaimsTest, AKillBeforeTheFirstFileLeavesNothing) {
  make("one", key_, false);
  EXPECT_EQ(standing(input_, key_), Standing::absent);
  write_file(output_, "theirs");
  EXPECT_EQ(standing(input_, key_), Standing::changed);
}

TEST(OldJournal, ItsRowsGoToTheFirstInputOfTheirContent) {
  const TemporaryFolder folder;
  const fs::path output = write_file(folder / "out/a.png", "one");
  const fs::path input = write_file(folder / "in/a.jpg", "photo");
  const fs::path journal = folder / "journal.db";
  {
    Database old;
    old.open(journal.native(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0);
    old.run(
        "CREATE TABLE results (output TEXT PRIMARY KEY, content TEXT NOT NULL, model TEXT NOT NULL,"
        " settings TEXT NOT NULL, size INTEGER NOT NULL, digest TEXT NOT NULL, old_size INTEGER, old_digest TEXT,"
        " open INTEGER NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID; PRAGMA user_version = 1;");
    Statement row(old, "INSERT INTO results VALUES (?, 'content', 'model', 'settings', 3, ?, NULL, NULL, 0, 5)");
    row.bind_all(output.native(), of("one").digest);
    row.step();
  }
  Catalogue catalogue(folder / "catalogue.db", {.old_journal = journal});
  const ResultKey changed = {"changed", "model", "settings", "job"};
  EXPECT_EQ(claim_of(catalogue, output, {input, {}, changed}).standing, Standing::of_another);
  const ResultKey key = {"content", "model", "settings", "job"};
  EXPECT_EQ(claim_of(catalogue, output, {input, {1, 2, 3}, key}).standing, Standing::done);
  const ResultKey newer = {"content", "model", "hashed in another way", "job"};
  EXPECT_EQ(claim_of(catalogue, output, {input, {}, newer}).standing, Standing::stale);
  catalogue.finish({});
  EXPECT_EQ(catalogue.output(output)->owner, input);
  EXPECT_EQ(claim_of(catalogue, output, {input, {}, changed}).standing, Standing::stale) << "now it is known whose";
}

}  // namespace
}  // namespace pixmill::pipeline
