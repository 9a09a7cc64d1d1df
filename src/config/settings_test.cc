#include "pixmill/config/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"
#include "support/testing.h"

namespace pixmill::config {
namespace {

namespace fs = std::filesystem;

class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() {
    std::string pattern = (fs::temp_directory_path() / "pixmill_settings_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    file_ = folder_ / "settings.yaml";
  }
  ~SettingsTest() override { fs::remove_all(folder_); }

  void given(const std::string& text) const { platform::write_whole(file_, text); }
  std::string text() const { return platform::read_text(file_, kLargestSettings); }

  fs::path folder_, file_;
};

constexpr const char* kFile =
    "# mine\n"
    "device: cpu  # always\n"
    "\n"
    "include:\n"
    "  - a*\n"
    "  # not b\n"
    "  - c*\n"
    "cutout:\n"
    "    format: webp\n"
    "    # soft\n"
    "    feather: 2\n"
    "\n"
    "# the end\n";

TEST_F(SettingsTest, WritingKeepsOrderAndComments) {
  given(kFile);
  write_setting(file_, "", "device", {"cuda"});
  write_setting(file_, "cutout", "feather", {"3"});
  write_setting(file_, "cutout", "trim", {"true"});
  write_setting(file_, "", "include", {"x", "y z"});
  write_setting(file_, "", "threads", {"4"});
  EXPECT_EQ(text(),
            "# mine\ndevice: cuda\n\ninclude: [x, \"y z\"]\ncutout:\n    format: webp\n    # soft\n    feather: 3\n"
            "    trim: true\n\n# the end\nthreads: 4\n");
}

TEST_F(SettingsTest, AValueThatIsNoTextIsRefusedAndNotChanged) {
  given("device: cpu\n");
  EXPECT_THROW(write_setting(file_, "", "exclude", {"caf\xe9*"}), Error);
  EXPECT_EQ(text(), "device: cpu\n");
  write_setting(file_, "", "exclude", {"caf\xc3\xa9*", "tab\tquote\"back\\"});
  EXPECT_EQ(read_settings(file_).back().values, (std::vector<std::string>{"caf\xc3\xa9*", "tab\tquote\"back\\"}));
}

TEST_F(SettingsTest, RemovingTakesTheWholeEntryAndAnEmptySection) {
  given(kFile);
  EXPECT_TRUE(remove_setting(file_, "", "include"));
  EXPECT_TRUE(remove_setting(file_, "cutout", "format"));
  EXPECT_FALSE(remove_setting(file_, "cutout", "format"));
  EXPECT_FALSE(remove_setting(file_, "", "feather"));  // that one stands in a section
  EXPECT_EQ(text(), "# mine\ndevice: cpu  # always\n\ncutout:\n    # soft\n    feather: 2\n\n# the end\n");
  EXPECT_TRUE(remove_setting(file_, "cutout", "feather"));
  EXPECT_EQ(read_settings(file_).size(), 1U);
}

// Whoever wrote them would lose one of the two when the file is changed.
TEST_F(SettingsTest, NoNameStandsTwice) {
  for (const char* text :
       {"a: 1\na: 2\n", "s: {a: 1, a: 2}\n", "s: {a: 1}\ns: {b: 2}\n", "s: 1\ns: {a: 1}\n", "s: {a: 1}\ns: 1\n"}) {
    EXPECT_THROW(parse_settings(text, "file"), Error) << text;
  }
  EXPECT_EQ(parse_settings("a: 1\ns: {a: 2}\nt: {a: 3}\n", "file").size(), 3U);
}

TEST_F(SettingsTest, WhatSharesALineIsLeftToAPerson) {
  given("cutout: {format: webp, feather: 2}\n");
  EXPECT_THROW(remove_setting(file_, "cutout", "format"), Error);
  EXPECT_THROW(write_setting(file_, "cutout", "format", {"png"}), Error);
  EXPECT_EQ(text(), "cutout: {format: webp, feather: 2}\n");
}

TEST_F(SettingsTest, AnyTextComesBackAsItWas) {
  for (const char* value : {"",
                            "a b",
                            "null",
                            "~",
                            "yes",
                            "0x10",
                            "-",
                            "- a",
                            "#fff",
                            "a: b",
                            "\"",
                            "'",
                            "[a]",
                            "é",
                            "line\nbreak",
                            "*",
                            "&x",
                            "!tag",
                            "{dir}/{stem}.{ext}",
                            "8%"}) {
    write_setting(file_, "cutout", "name", {value});
    write_setting(file_, "", "include", {value, "other"});
    for (const Setting& setting : read_settings(file_)) EXPECT_EQ(setting.values.front(), value) << text();
  }
}

TEST_F(SettingsTest, AWholeFileHasEachSectionOnce) {
  const std::string made =
      settings_text({{"cutout", "trim", {"true"}, 0}, {"", "batch", {"2"}, 0}, {"cutout", "format", {"webp"}, 0}});
  EXPECT_EQ(made, "cutout:\n  trim: true\n  format: webp\nbatch: 2\n");
}

TEST_F(SettingsTest, ForeignFilesMayBeDeepAndHollow) {
  given("a: {b: {c: 1}, d: [x, [y]]}\ne:\nf: null\n");
  const std::vector<Setting> found = read_foreign_settings(file_);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].section + "/" + found[0].key, "a.b/c");
  EXPECT_EQ(found[1].values, (std::vector<std::string>{"x", "[y]"}));
  EXPECT_TRUE(found[2].values.empty());
  EXPECT_TRUE(found[3].values.empty());
  EXPECT_THROW(read_settings(file_), Error);
  EXPECT_THROW(read_foreign_settings(folder_ / "nothing"), Error);
}

TEST_F(SettingsTest, AliasesDoNotMakeMillions) {
  std::string bomb = "a0: &a0 {x: 1, y: 2}\n";
  for (int i = 1; i < 40; ++i) {
    const std::string last = std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {p: *a" + last + ", q: *a" + last + "}\n";
  }
  given(bomb);
  EXPECT_THROW(read_foreign_settings(file_), Error);
}

TEST(SettingsFile, ThatIsALinkStaysOne) {
  const testing::TemporaryFolder folder;
  const fs::path file = testing::write_file(folder / "dotfiles/pixmill.yaml", "# mine\ndevice: cpu\n");
  const fs::path link = folder / "settings.yaml";
  fs::create_symlink("dotfiles/pixmill.yaml", link);
  write_setting(link, "", "threads", {"2"});
  EXPECT_TRUE(remove_setting(link, "", "device"));
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(testing::file_text(file), "# mine\nthreads: 2\n");
}

}  // namespace
}  // namespace pixmill::config
