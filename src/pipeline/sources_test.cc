#include "pixmill/pipeline/sources.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "pipeline/testing.h"

namespace pixmill::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using testing::write_file;

std::vector<std::string> relatives(const Sources& sources) {
  std::vector<std::string> names;
  for (const SourceItem& item : sources.items) names.push_back(item.relative.generic_string());
  return names;
}

Sources find(const TemporaryFolder& folder, InputSpec spec = {}) {
  spec.inputs = {folder.path().string()};
  return find_sources(spec);
}

TEST(NaturalOrder, NumbersCompareAsNumbers) {
  std::vector<std::string> names = {"img10", "img2", "img1", "img02", "b", "a10b2", "a10b10", "a9"};
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return natural_less(a, b); });
  EXPECT_EQ(names, (std::vector<std::string>{"a9", "a10b2", "a10b10", "b", "img1", "img02", "img2", "img10"}));
}

TEST(NaturalOrder, IsAStrictWeakOrder) {
  const std::vector<std::string> names = {
      "", "0", "00", "1", "01", "a", "a0", "a00", "a1", "\xff", "9999999999999999999999", "x9y", "x09y"};
  for (const auto& a : names) {
    EXPECT_FALSE(natural_less(a, a));
    for (const auto& b : names) {
      if (a != b) EXPECT_NE(natural_less(a, b), natural_less(b, a)) << a << " " << b;
      for (const auto& c : names) {
        if (natural_less(a, b) && natural_less(b, c)) EXPECT_TRUE(natural_less(a, c)) << a << " " << b << " " << c;
      }
    }
  }
}

TEST(Glob, Matches) {
  EXPECT_TRUE(glob_match("*.jpg", "a.jpg"));
  EXPECT_TRUE(glob_match("*.jpg", "deep/down/a.jpg"));
  EXPECT_FALSE(glob_match("*.jpg", "a.jpeg"));
  EXPECT_TRUE(glob_match("*.{jpg,png}", "a.png"));
  EXPECT_TRUE(glob_match("out/**", "out/x/y.png"));
  EXPECT_FALSE(glob_match("out/*", "out/x/y.png"));
  EXPECT_TRUE(glob_match("**/raw/*", "a/b/raw/c.png"));
  EXPECT_TRUE(glob_match("**/raw/*", "raw/c.png"));
  EXPECT_TRUE(glob_match("img_[0-9]?.png", "img_7x.png"));
  EXPECT_FALSE(glob_match("img_[!0-9].png", "img_7.png"));
  EXPECT_FALSE(glob_match("[", "["));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_FALSE(glob_match("?", ""));
}

TEST(Glob, HostilePatternsEnd) {
  const std::string stars = "a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";
  EXPECT_FALSE(glob_match(stars, std::string(200, 'a')));
  EXPECT_FALSE(glob_match("{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}", "b"));
}

TEST(List, TakesWhatEditorsWrite) {
  const auto paths = parse_list("\xEF\xBB\xBF# mine\r\na b.jpg\r\n\r\n/abs/c.png\nd.png", "folder");
  EXPECT_EQ(paths, (std::vector<fs::path>{"folder/a b.jpg", "/abs/c.png", "folder/d.png"}));
  EXPECT_THROW(parse_list(std::string_view("a\0b", 3), ""), Error);
}

TEST(Shard, EveryItemInExactlyOne) {
  for (int i = 0; i < 200; ++i) {
    const std::string name = "img" + std::to_string(i);
    int hits = 0;
    for (int shard = 1; shard <= 7; ++shard) hits += in_shard(name, shard, 7) ? 1 : 0;
    EXPECT_EQ(hits, 1);
  }
}

TEST(Sources, WalksInNaturalOrderAndLeavesOutWhatIsNoPicture) {
  const TemporaryFolder folder;
  for (const char* name : {"img10.jpg", "img2.jpg", "sub/a.PNG", "notes.txt", ".hidden.jpg", ".git/b.jpg", "empty.jpg"})
    write_file(folder / name, name == std::string("empty.jpg") ? "" : "x");
  write_file(folder / "no_extension", testing::png_bytes({2, 2}, 7));
  EXPECT_EQ(relatives(find(folder)),
            (std::vector<std::string>{"empty.jpg", "img2.jpg", "img10.jpg", "no_extension", "sub/a.PNG"}));
}

TEST(Sources, Filters) {
  const TemporaryFolder folder;
  for (const char* name : {"a.jpg", "b.png", "sub/c.jpg"}) write_file(folder / name, "x");
  EXPECT_EQ(relatives(find(folder, {.include = {"*.jpg"}})), (std::vector<std::string>{"a.jpg", "sub/c.jpg"}));
  EXPECT_EQ(relatives(find(folder, {.exclude = {"sub/**"}})), (std::vector<std::string>{"a.jpg", "b.png"}));
  EXPECT_EQ(relatives(find(folder, {.recursive = false})), (std::vector<std::string>{"a.jpg", "b.png"}));
  EXPECT_EQ(relatives(find(folder, {.limit = 1})), (std::vector<std::string>{"a.jpg"}));
  EXPECT_EQ(relatives(find(folder, {.newer_than = 4'000'000'000})), std::vector<std::string>{});
}

TEST(Sources, FoldersNamedLikePicturesAreWalked) {
  const TemporaryFolder folder;
  write_file(folder / "x.jpg/inside.png", "x");
  EXPECT_EQ(relatives(find(folder)), (std::vector<std::string>{"x.jpg/inside.png"}));
}

TEST(Sources, LinksAreFollowedOnlyWhenAsked) {
  const TemporaryFolder folder;
  write_file(folder / "a.jpg", "x");
  fs::create_symlink("nowhere", folder / "broken.jpg");
  fs::create_directory_symlink(".", folder / "loop");
  EXPECT_EQ(relatives(find(folder)), (std::vector<std::string>{"a.jpg"}));
  EXPECT_EQ(find(folder).links_left_out, 2);
  const Sources followed = find(folder, {.follow_links = true});
  EXPECT_EQ(relatives(followed), (std::vector<std::string>{"a.jpg"}));
  ASSERT_EQ(followed.failed.size(), 1U);
  EXPECT_NE(followed.failed[0].message.find("leads nowhere"), std::string::npos);
}

TEST(Sources, MissingInputsFailAndTheRestGoesOn) {
  const TemporaryFolder folder;
  write_file(folder / "a.jpg", "x");
  const Sources sources =
      find_sources({.inputs = {(folder / "a.jpg").string(), (folder / "b.jpg").string(), (folder / "*.gif").string()}});
  EXPECT_EQ(sources.items.size(), 1U);
  ASSERT_EQ(sources.failed.size(), 2U);
  EXPECT_EQ(sources.failed[0].code, ErrorCode::not_found);
}

TEST(Sources, AFileNamedTwiceIsTakenOnce) {
  const TemporaryFolder folder;
  write_file(folder / "a.jpg", "x");
  EXPECT_EQ(find_sources({.inputs = {folder.path().string(), (folder / "a.jpg").string()}}).items.size(), 1U);
}

TEST(Sources, NamesAreBytes) {
  const TemporaryFolder folder;
  write_file(folder / "new\nline.jpg", "x");
  write_file(folder / "\xff\xfe.jpg", "x");
  EXPECT_EQ(find(folder).items.size(), 2U);
}

}  // namespace
}  // namespace pixmill::pipeline
