// Data sets: which part a picture belongs to, names, zip files.
#include "pixmill/pipeline/data_set.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <map>

#include "pipeline/data_set_writer.h"
#include "pipeline/zip_file.h"
#include "support/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using pixmill::testing::error_of;
using pixmill::testing::file_text;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

std::map<std::string, std::string> entries_of(const fs::path& file) {
  std::map<std::string, std::string> entries;
  archive* zip = archive_read_new();
  archive_read_support_format_zip(zip);
  EXPECT_EQ(archive_read_open_filename(zip, file.c_str(), 1 << 16), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  // ARCHIVE_WARN: the locale of the test has no such letters.
  for (int result = 0; (result = archive_read_next_header(zip, &entry)) == ARCHIVE_OK || result == ARCHIVE_WARN;) {
    const char* name = archive_entry_pathname_utf8(entry);
    std::string& text = entries[name == nullptr ? "?" : name];
    char piece[4096];
    for (la_ssize_t count = 0; (count = archive_read_data(zip, piece, sizeof piece)) > 0;)
      text.append(piece, static_cast<std::size_t>(count));
  }
  archive_read_free(zip);
  return entries;
}

TEST(DataSetParts, SharesAreKeptAndPicturesStay) {
  const std::vector<int> shares = {80, 10, 10};
  std::map<std::string, int> counts;
  for (int i = 0; i < 10000; ++i) ++counts[subset_of("day/img" + std::to_string(i) + ".jpg", shares)];
  EXPECT_NEAR(counts["train"], 8000, 150);
  EXPECT_NEAR(counts["val"], 1000, 120);
  EXPECT_NEAR(counts["test"], 1000, 120);
  EXPECT_EQ(counts.size(), 3U);
  EXPECT_EQ(subset_of("a.jpg", {}), "");
  EXPECT_EQ(subset_of("a.jpg", {1, 0}), "train");
  EXPECT_EQ(subset_of("a.jpg", {8, 1, 1}), subset_of("a.jpg", shares)) << "only the shares count";
}

TEST(DataSetParts, NamesFollowThePattern) {
  EXPECT_EQ(name_in_data_set("images/{subset}/{path}", "train", "day 1/a.b.jpg"), "images/train/day 1/a.b.jpg");
  EXPECT_EQ(name_in_data_set("labels/{subset}/{stem}.txt", "val", "day 1/a.b.jpg"), "labels/val/day 1/a.b.txt");
  EXPECT_EQ(name_in_data_set("{subset}/{stem}.json", "", "a.jpg"), "a.json");
  EXPECT_EQ(name_in_data_set("images/{subset}/{path}", "", "a.jpg"), "images/a.jpg");
  EXPECT_EQ(name_in_data_set("{subset}/{path}", "train", "{subset}/{path}.jpg"), "train/{subset}/{path}.jpg");
}

TEST(ZipFile, HoldsWhatWasPutIntoItAndNoTime) {
  const TemporaryFolder folder;
  const fs::path picture = write_file(folder / "p.jpg", std::string(300'000, 'x') + "end");
  const auto make = [&](const std::string& name) {
    ZipFile zip(folder / name, folder / "later.zip");
    zip.add("data.yaml", std::as_bytes(std::span(std::string_view("nc: 2\n"))));
    zip.add("empty.txt", {});
    zip.add_file("images/d\xC3\xA4y 1/\xE2\x82\xAC.jpg", picture, false);
    zip.add_file("packed", picture, true);
    return zip.finish();
  };
  const fs::path first = make("1.zip");
  const std::map<std::string, std::string> entries = entries_of(first);
  EXPECT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries.at("data.yaml"), "nc: 2\n");
  EXPECT_EQ(entries.at("empty.txt"), "");
  EXPECT_EQ(entries.at("packed"), file_text(picture));
  EXPECT_GT(fs::file_size(first), 300'000U) << "pictures are stored";
  EXPECT_LT(fs::file_size(first), 310'000U) << "the other one is packed";
  fs::last_write_time(picture, fs::last_write_time(picture) - std::chrono::hours(1000));
  EXPECT_EQ(file_text(make("2.zip")), file_text(first));
}

TEST(ZipFile, NothingIsLeftUnlessItIsFinished) {
  const TemporaryFolder folder;
  {
    ZipFile zip(folder / "1.zip", folder / "later.zip");
    zip.add("a", std::as_bytes(std::span(std::string_view("b"))));
    error_of(ErrorCode::not_found, [&] { zip.add_file("c", folder / "none.jpg", false); });
  }
  EXPECT_FALSE(fs::exists(folder / "1.zip"));
}

class DataSetFlags : public ::testing::Test {
 protected:
  DataSet read(const std::map<std::string, std::string>& given) {
    config::Values values(command_);
    for (const auto& [name, text] : given) {
      for (const config::Flag* flag : flags_) {
        if (flag->name == name) values.set(*flag, {text}, config::Origin::flag, "");
      }
    }
    return read_data_set(values);
  }

  const std::vector<const config::Flag*> flags_ = config::pointers(data_set_flags());
  const config::Command command_{.name = "export", .arguments = "", .summary = "", .example = "", .flags = flags_};
};

TEST_F(DataSetFlags, PicturesComeAlongWhereADataSetIsDivided) {
  EXPECT_FALSE(read({}).wanted());
  EXPECT_EQ(read({{"split", "80/20"}}).pictures, DataSet::Pictures::link);
  EXPECT_EQ(read({{"split", "80/20"}, {"zip", "true"}}).pictures, DataSet::Pictures::copy);
  EXPECT_EQ(read({{"zip", "true"}}).pictures, DataSet::Pictures::none);
  EXPECT_EQ(read({{"split", "80/20"}, {"images", "none"}}).pictures, DataSet::Pictures::none);
  EXPECT_EQ(read({{"images", "copy"}}).pictures, DataSet::Pictures::copy);
  EXPECT_EQ(read({{"split", "8/1/1"}}).shares, (std::vector<int>{8, 1, 1}));
}

TEST_F(DataSetFlags, SharesThatAreNoneAreRefused) {
  for (const char* text : {"", "80", "80/", "/20", "a/b", "80/10/5/5", "-1/2", "0/100", "80-20", "1.5/2"})
    error_of(ErrorCode::usage, [&] { read({{"split", text}}); });
}

}  // namespace
}  // namespace pixmill::pipeline
