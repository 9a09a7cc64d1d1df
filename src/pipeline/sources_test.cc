#include "pixmill/pipeline/sources.h"

#include <dirent.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "pipeline/glob.h"
#include "pipeline/testing.h"

namespace {

int entries_until_failure = -1;  // of readdir(); negative: it never fails

}  // namespace

// In place of the library's: a disk that fails in the middle of a folder.
extern "C" __attribute__((visibility("default"))) dirent* readdir(DIR* folder) {
  using Real = dirent* (*)(DIR*);
  static const auto real = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "readdir"));
  if (entries_until_failure == 0) {
    errno = EIO;
    return nullptr;
  }
  if (entries_until_failure > 0) --entries_until_failure;
  return real(folder);
}

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
  const auto paths = parse_list("\xEF\xBB\xBF# mine\r\na b.jpg\r\n\r\n/abs/c.png\nd.png");
  EXPECT_EQ(paths, (std::vector<std::string_view>{"a b.jpg", "/abs/c.png", "d.png"}));
  EXPECT_THROW(parse_list(std::string_view("a\0b", 3)), Error);
}

TEST(List, RelativePathsAreBelowItsFolder) {
  const TemporaryFolder folder;
  write_file(folder / "a b.jpg", "x");
  write_file(folder / "deep/c.png", "x");
  write_file(folder / "list.txt", "a b.jpg\n" + (folder / "deep/c.png").string() + "\nmissing.png\n");
  const Sources sources = find_sources({.inputs = {"@" + (folder / "list.txt").string()}});
  ASSERT_EQ(sources.items.size(), 3U);
  EXPECT_EQ(sources.items[0].path, folder / "a b.jpg");
  EXPECT_EQ(sources.items[1].path, folder / "missing.png") << "what is not there keeps its place";
  EXPECT_EQ(sources.items[2].relative, "deep/c.png");
  EXPECT_TRUE(sources.failed.empty());
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
  EXPECT_NE(followed.failed[0].message.find("is broken"), std::string::npos);
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

TEST(Sources, AFolderThatFailsInTheMiddleIsAFailedInput) {
  const TemporaryFolder folder;
  for (const char* name : {"a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"}) write_file(folder / name, "x");
  entries_until_failure = 4;  // two of them may be "." and ".."
  const Sources sources = find(folder);
  entries_until_failure = -1;
  EXPECT_LT(sources.items.size(), 5U);
  ASSERT_EQ(sources.failed.size(), 1U);
  EXPECT_EQ(sources.failed[0].code, ErrorCode::unreadable);
  EXPECT_EQ(sources.failed[0].input, folder.path());
  EXPECT_NE(sources.failed[0].message.find("Input/output error"), std::string::npos) << sources.failed[0].message;
}

TEST(Sources, TheWalkIsStopped) {
  const TemporaryFolder folder;
  for (const char* name : {"a.jpg", "b.jpg", "deep/c.jpg"}) write_file(folder / name, "x");
  int asked = 0;
  try {
    find_sources({.inputs = {folder.path().string()}}, [&] { return ++asked == 2; });
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::interrupted);
  }
  asked = 0;
  EXPECT_THROW(find_sources({.inputs = {(folder / "**").string()}}, [&] { return ++asked == 2; }), Error);
}

Sources find_glob(const TemporaryFolder& folder, const std::string& pattern) {
  return find_sources({.inputs = {(folder / pattern).string()}});
}

TEST(Sources, GlobsCrossFoldersAndKeepWhatLiesBelowTheirFixedPart) {
  const TemporaryFolder folder;
  for (const char* name : {"x.jpg", "2025/x.jpg", "2025/raw/x.jpg", "2026/x.png", "2026/note.txt", ".hidden/x.jpg",
                           "2025/.x.jpg", "a[1]/x.jpg"})
    write_file(folder / name, "x");
  using Names = std::vector<std::string>;
  EXPECT_EQ(relatives(find_glob(folder, "**/*.jpg")), (Names{"2025/raw/x.jpg", "2025/x.jpg", "a[1]/x.jpg", "x.jpg"}));
  EXPECT_EQ(relatives(find_glob(folder, "**")),
            (Names{"2025/raw/x.jpg", "2025/x.jpg", "2026/x.png", "a[1]/x.jpg", "x.jpg"}));
  EXPECT_EQ(relatives(find_glob(folder, "*/x.jpg")), (Names{"2025/x.jpg", "a[1]/x.jpg"}));
  EXPECT_EQ(relatives(find_glob(folder, "202?/x.*")), (Names{"2025/x.jpg", "2026/x.png"}));
  EXPECT_EQ(relatives(find_glob(folder, "2025/**/x.jpg")), (Names{"raw/x.jpg", "x.jpg"}));
  EXPECT_EQ(relatives(find_glob(folder, "{2025/raw,2026}/x.*")), (Names{"2025/raw/x.jpg", "2026/x.png"}));
  EXPECT_EQ(relatives(find_glob(folder, "a\\[1\\]/*.jpg")), (Names{"x.jpg"}));
  EXPECT_EQ(relatives(find_glob(folder, "202?")), (Names{"2025/raw/x.jpg", "2025/x.jpg", "2026/x.png"}));
  EXPECT_EQ(relatives(find_glob(folder, ".h*/*.jpg")), (Names{".hidden/x.jpg"}));
  EXPECT_EQ(find_glob(folder, "**/*.gif").failed.size(), 1U);
}

TEST(Sources, GlobsDoNotRunInCircles) {
  const TemporaryFolder folder;
  write_file(folder / "a/x.jpg", "x");
  fs::create_directory_symlink("..", folder / "a/up");
  EXPECT_EQ(find_glob(folder, "**/*.jpg").items.size(), 1U);
  EXPECT_EQ(find_sources({.inputs = {(folder / "**/*.jpg").string()}, .follow_links = true}).items.size(), 1U);
}

TEST(List, NulSeparated) {
  using namespace std::string_view_literals;
  EXPECT_EQ(parse_nul_list("a b.jpg\0#c\nd.png\0\0/abs/e.png"sv),
            (std::vector<std::string_view>{"a b.jpg", "#c\nd.png", "/abs/e.png"}));
  EXPECT_TRUE(parse_nul_list("").empty());
}

TEST(Sources, StandardInputIsReadOnce) {
  EXPECT_THROW(find_sources({.inputs = {"-", "@-"}}), Error);
  EXPECT_THROW(find_sources({.inputs = {"-"}, .nul_list = "-"}), Error);
}

}  // namespace
}  // namespace pixmill::pipeline
