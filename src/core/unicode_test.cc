#include "pixmill/core/unicode.h"

#include <gtest/gtest.h>

#include <vector>

namespace pixmill {
namespace {

using namespace std::string_literals;

TEST(Unicode, CharactersOfEachLength) {
  const std::string text = "a\u00E4\u20AC\U0001F600";
  std::vector<char32_t> codes;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    EXPECT_TRUE(character.valid);
    codes.push_back(character.code);
    at += character.bytes;
  }
  EXPECT_EQ(codes, (std::vector<char32_t>{U'a', 0xE4, 0x20AC, 0x1F600}));
  std::string back;
  for (const char32_t code : codes) append_utf8(code, back);
  EXPECT_EQ(back, text);
  EXPECT_EQ(valid_utf8(text), text);
}

TEST(Unicode, WhatIsNoCharacterIsOneByte) {
  const std::string_view bad[] = {"\x80",
                                  "\xC0\x80",
                                  "\xC0\xAF",
                                  "\xC3",
                                  "\xE0\x80\x80",
                                  "\xE2\x82",
                                  "\xED\xA0\x80",
                                  "\xF0\x9F\x98",
                                  "\xF4\x90\x80\x80",
                                  "\xF8\x88\x80\x80\x80",
                                  "\xFF"};
  for (const std::string_view text : bad) {
    const Character character = character_at(text, 0);
    EXPECT_FALSE(character.valid);
    EXPECT_EQ(character.bytes, 1U);
    EXPECT_EQ(character.code, kReplacement);
    std::string replaced;
    for (std::size_t i = 0; i < text.size(); ++i) append_utf8(kReplacement, replaced);
    EXPECT_EQ(valid_utf8(text), replaced) << "a byte at a time";
    EXPECT_EQ(valid_utf8("a" + std::string(text) + "b"), "a" + replaced + "b");
  }
  EXPECT_EQ(valid_utf8("\0\x7F"s), "\0\x7F"s);
  EXPECT_EQ(valid_utf8(""), "");
}

TEST(Unicode, PairsOfSixteenBitsAreJoined) {
  EXPECT_EQ(utf8_of(u"a\u20AC\U0001F600"), "a\u20AC\U0001F600");
  EXPECT_EQ(utf8_of(std::u16string{u'a', 0xD83D, u'b'}), "a\uFFFDb") << "half of a pair";
  EXPECT_EQ(utf8_of(u""), "");
}

TEST(Unicode, ControlCharactersAreThoseOfLatin1) {
  for (const char32_t code : {U'\0', U'\n', U'\x1B', U'\x7F', U'\x80', U'\x9F'}) EXPECT_TRUE(is_control(code));
  for (const char32_t code : {U' ', U'~', U'\xA0', U'\u200B', U'\uFFFD'}) EXPECT_FALSE(is_control(code));
}

TEST(Unicode, ColumnsAreThoseOfATerminal) {
  for (const char32_t code : {U'a', U'\u00E4', U'\u00AD', U'\u2026', U'\uFF71', U'\uFFFD'})
    EXPECT_EQ(columns_of(code), 1) << static_cast<unsigned>(code);
  for (const char32_t code : {U'\u72AC', U'\uFF21', U'\uAC00', U'\U0001F600', U'\U00020000'})
    EXPECT_EQ(columns_of(code), 2) << static_cast<unsigned>(code);
  for (const char32_t code : {U'\u0301', U'\u200D', U'\uFE0F'})
    EXPECT_EQ(columns_of(code), 0) << static_cast<unsigned>(code);
}

}  // namespace
}  // namespace pixmill
