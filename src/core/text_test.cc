#include "pixmill/core/text.h"

#include <gtest/gtest.h>

namespace pixmill {
namespace {

TEST(Text, Joined) {
  EXPECT_EQ(joined({}, ", "), "");
  EXPECT_EQ(joined({"a"}, ", "), "a");
  EXPECT_EQ(joined({"a", "", "b"}, ", "), "a, , b");
}

TEST(Text, LastLineIsTheLastThatSaysSomething) {
  EXPECT_EQ(last_line(""), "");
  EXPECT_EQ(last_line("\n \r\n"), "");
  EXPECT_EQ(last_line("one"), "one");
  EXPECT_EQ(last_line("one\ntwo\r\n\n  \n"), "two");
}

TEST(Text, Trimmed) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \n"), "");
}

TEST(Text, ShellQuoted) {
  EXPECT_EQ(shell_quoted("don't"), "'don'\\''t'");
  EXPECT_EQ(shell_quoted(""), "''");
}

TEST(Text, HtmlEscaped) {
  EXPECT_EQ(html_escaped("<a href=\"x\">&amp;"), "&lt;a href=&quot;x&quot;&gt;&amp;amp;");
}

}  // namespace
}  // namespace pixmill
