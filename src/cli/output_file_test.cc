#include "cli/output_file.h"

#include <gtest/gtest.h>

#include "cli/output/report.h"
#include "pixmill/core/error.h"
#include "support/testing.h"

namespace pixmill::cli {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using testing::write_file;

TEST(OutputFile, KnowsItsOwn) {
  EXPECT_TRUE(made_by_pixmill(std::string(kReportColumns) + "\r\na.jpg,done"));
  EXPECT_TRUE(made_by_pixmill(std::string(kBenchColumns) + ",rate_median\r\n"));
  EXPECT_TRUE(made_by_pixmill("{\"pixmill\": \"0.1\", \"results\": ["));
  EXPECT_TRUE(made_by_pixmill("<!doctype html><html>" + std::string(kHtmlMark)));
  EXPECT_TRUE(made_by_pixmill("2026-11-21T08:00:00+0100 {\"event\":\"began\"}\n"));
  EXPECT_TRUE(made_by_pixmill("pixmill doctor, 2026-11-21 08:00\n"));
  for (const char* foreign :
       {"\xff\xd8\xff\xe0", "{\"results\": []}", "<!doctype html><html>", "input,state\n", "pixmill", "notes of mine\n",
        "2026-11-21T08:00:00+0100 tea {\"event\":\"began\"}\n", " \n"})
    EXPECT_FALSE(made_by_pixmill(foreign)) << foreign;
}

TEST(OutputFile, ForeignFilesStay) {
  const TemporaryFolder folder;
  const fs::path mine = folder / "mine.json";
  EXPECT_NO_THROW(check_output_file("--report", mine, false));
  write_file(mine, "{\"a\": 1}");
  try {
    write_output_file("--report", mine, "new", false);
    FAIL() << "it was replaced";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(error.message().find("mine.json exists and was not made by pixmill"), std::string::npos);
    EXPECT_NE(error.hint().find("--overwrite"), std::string::npos);
  }
  EXPECT_THROW(check_output_file("--log-file", mine, false, Writing::appended), Error);
  EXPECT_NO_THROW(check_output_file("--log-file", mine, true, Writing::appended));
  write_output_file("--report", mine, "new", true);
  EXPECT_EQ(fs::file_size(mine), 3U);
  write_file(folder / "empty", "");
  EXPECT_NO_THROW(check_output_file("--report", folder / "empty", false));
  fs::create_symlink(mine, folder / "link.json");
  EXPECT_THROW(check_output_file("--report", folder / "link.json", false), Error);
}

TEST(OutputFile, FoldersAndDevicesAreNeverReplaced) {
  const TemporaryFolder folder;
  EXPECT_THROW(check_output_file("--report", folder.path(), true), Error);
  EXPECT_THROW(check_output_file("--report", "/dev/null", true), Error);
  EXPECT_NO_THROW(check_output_file("--log-file", "/dev/null", false, Writing::appended));
}

TEST(Report, IsWrittenAgainAndNeverOverAnother) {
  const TemporaryFolder folder;
  for (const char* name : {"r.json", "r.csv", "r.html"}) {
    for (int run = 0; run < 2; ++run) {
      Report report(folder / name, false);
      report(pipeline::Done{"a.jpg", {"b.png"}});
      report(pipeline::Ended{});
      EXPECT_FALSE(report.failure()) << name;
    }
    write_file(folder / name, "mine");
    EXPECT_THROW(Report(folder / name, false), Error);
    Report late(folder / name, true);
    late(pipeline::Ended{});
    EXPECT_NE(fs::file_size(folder / name), 4U);
  }
}

TEST(Report, AFileThatAppearsMeanwhileStays) {
  const TemporaryFolder folder;
  Report report(folder / "r.csv", false);
  write_file(folder / "r.csv", "mine");
  report(pipeline::Ended{});
  ASSERT_TRUE(report.failure());
  EXPECT_NE(report.failure()->message().find("was not made by pixmill"), std::string::npos);
  EXPECT_EQ(fs::file_size(folder / "r.csv"), 4U);
}

}  // namespace
}  // namespace pixmill::cli
