// Characters of text that may be anything: names of files, answers of models, files of others.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pixmill {

constexpr char32_t kReplacement = U'\uFFFD';

struct Character {
  std::size_t bytes = 1;
  char32_t code = kReplacement;  // of a byte that is not UTF-8 too
  bool valid = false;            // false: one byte that is not part of a well-formed character
};

// The character whose first byte is text[at]. Well-formed is what the Unicode standard calls so: no long forms, no
// surrogates, nothing above U+10FFFF.
Character character_at(std::string_view text, std::size_t at);

void append_utf8(char32_t code, std::string& text);

// What is not UTF-8 becomes U+FFFD, a byte at a time.
std::string valid_utf8(std::string_view text);

// Half of a pair becomes U+FFFD.
std::string utf8_of(std::u16string_view text);

// A control character of ASCII or Latin-1: not to be shown, and a command to some terminals.
bool is_control(char32_t code);

// Columns of a terminal: 0 of an accent that stands on the character before it and of what has no picture, 2 of the
// wide ones of Chinese, Japanese and Korean and of emoji, else 1.
int columns_of(char32_t code);

}  // namespace pixmill
