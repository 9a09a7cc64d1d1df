#include "pixmill/core/unicode.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace pixmill {

Character character_at(std::string_view text, std::size_t at) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::size_t next = at;
  UChar32 code = 0;
  U8_NEXT(bytes, next, text.size(), code);
  if (code < 0) return {};
  return {next - at, static_cast<char32_t>(code), true};
}

void append_utf8(char32_t code, std::string& text) {
  char bytes[U8_MAX_LENGTH];
  std::size_t count = 0;
  U8_APPEND_UNSAFE(bytes, count, code);
  text.append(bytes, count);
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    if (character.valid) {
      valid += text.substr(at, character.bytes);
    } else {
      append_utf8(kReplacement, valid);
    }
    at += character.bytes;
  }
  return valid;
}

std::string utf8_of(std::u16string_view text) {
  std::string utf8;
  icu::UnicodeString(false, text.data(), static_cast<std::int32_t>(text.size())).toUTF8String(utf8);
  return utf8;
}

bool is_control(char32_t code) {
  return u_charType(static_cast<UChar32>(code)) == U_CONTROL_CHAR;
}

int columns_of(char32_t code) {
  const auto character = static_cast<UChar32>(code);
  const std::uint32_t kind = U_GET_GC_MASK(character);
  constexpr std::uint32_t kNone = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK;
  constexpr UChar32 kSoftHyphen = 0xAD;  // of the kind, and shown
  if ((kind & kNone) != 0 && character != kSoftHyphen) return 0;
  const int width = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

}  // namespace pixmill
