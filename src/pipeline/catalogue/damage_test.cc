// A catalogue that is damaged, locked, on a disk that fails, or cannot be written.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "pipeline/catalogue/catalogue_fixture.h"
#include "pipeline/catalogue/database.h"
#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using pixmill::testing::error_of;
using testing::CatalogueTest;
using testing::of;
using testing::write_file;

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

}  // namespace
}  // namespace pixmill::pipeline
