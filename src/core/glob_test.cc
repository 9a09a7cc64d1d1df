#include "pixmill/core/glob.h"

#include <gtest/gtest.h>

#include <string>

#include "support/testing.h"

namespace pixmill {
namespace {

TEST(Glob, MatchesAsGlobMatchDoes) {
  for (const char* pattern : {"*.jpg", "IMG_*.{jpg,png}", "a/*/b*", "**/raw/*", "img_[!0-9].png", "\\*.jpg", "", "{"}) {
    const Glob glob(pattern);
    for (const char* path : {"", "a.jpg", "x/a.jpg", "IMG_1.png", "d/IMG_1.jpg", "a/c/b1", "a/c/d/b1", "raw/c", "*.jpg",
                             "img_x.png", "img_7.png", "{"})
      EXPECT_EQ(glob.matches(path), glob_match(pattern, path)) << pattern << " on " << path;
  }
  EXPECT_TRUE(Glob("IMG_*").matches("2024/IMG_1.jpg"));
  EXPECT_FALSE(Glob("2024/IMG_*").matches("IMG_1.jpg"));
}

TEST(Glob, BracesThatExplodeAreRefused) {
  std::string many = "{";
  for (int i = 0; i < 300; ++i) many += "a,";
  many += "b}";
  const std::string pattern = many + many + many + many + many + many + many + many;
  const Error error = testing::error_of(ErrorCode::usage, [&] { Glob glob(pattern); });
  EXPECT_SAYS(error.message(), "256");
}

}  // namespace
}  // namespace pixmill
