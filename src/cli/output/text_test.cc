#include "cli/output/text.h"

#include <gtest/gtest.h>

namespace pixmill::cli {
namespace {

TEST(Text, IsCountedAndCutByCharacters) {
  EXPECT_EQ(columns_of("aü…"), 3);
  EXPECT_EQ(columns_of("犬と😀"), 6);
  EXPECT_EQ(columns_of("e\u0301"), 1) << "an accent stands on its letter";
  EXPECT_EQ(head_of("aü…😀", 2), "aü");
  EXPECT_EQ(head_of("aü", 9), "aü");
  EXPECT_EQ(head_of("aü", 0), "");
  EXPECT_EQ(head_of("aü", -1), "");
  EXPECT_EQ(head_of("犬と", 3), "犬");
  EXPECT_EQ(head_of("e\u0301x", 1), "e\u0301");
  EXPECT_EQ(tail_of("aü…😀", 5), "aü…😀");
  EXPECT_EQ(tail_of("aü…😀b", 4), "…😀b");
  EXPECT_EQ(tail_of("aü…😀b", 3), "…b") << "half of it does not fit";
}

TEST(Text, BreaksAtSpaces) {
  EXPECT_EQ(wrapped("", 2, 10), "");
  EXPECT_EQ(wrapped("ab cd ef", 0, 5), "ab cd\nef");
  EXPECT_EQ(wrapped("ab cd ef", 2, 5), "ab\n  cd\n  ef");
  EXPECT_EQ(wrapped("üü üü", 0, 5), "üü üü");
  EXPECT_EQ(wrapped("a-word-longer-than-that b", 0, 5), "a-word-longer-than-that\nb");
}

TEST(Text, OfCountsAndMoments) {
  EXPECT_EQ(count_text(0, "picture"), "0 pictures");
  EXPECT_EQ(count_text(1, "picture"), "1 picture");
  EXPECT_EQ(utc_text(86399, "%Y-%m-%d %H:%M"), "1970-01-01 23:59");
}

}  // namespace
}  // namespace pixmill::cli
