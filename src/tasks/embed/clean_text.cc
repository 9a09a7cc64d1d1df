#include "tasks/embed/clean_text.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/regex.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <array>
#include <charconv>
#include <memory>
#include <utility>

#include "pixmill/core/error.h"

namespace pixmill::tasks {
namespace {

using icu::UnicodeString;

void check(UErrorCode status) {
  if (U_FAILURE(status)) throw Error(ErrorCode::internal, std::string("ICU: ") + u_errorName(status));
}

const icu::Normalizer2& normalizer(bool compatible) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* found =
      compatible ? icu::Normalizer2::getNFKCInstance(status) : icu::Normalizer2::getNFCInstance(status);
  check(status);
  return *found;
}

// What stands between '&' and ';'; 0 where that is no entity that is known here.
UChar32 entity(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, UChar32>, 6> kNames = {
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xA0}}};
  for (const auto& [known, sign] : kNames) {
    if (known == name) return sign;
  }
  if (!name.starts_with('#')) return 0;
  const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
  const std::string_view digits = name.substr(hex ? 2 : 1);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, hex ? 16 : 10);
  const bool whole = error == std::errc() && end == digits.data() + digits.size() && !digits.empty();
  return whole && number > 0 && number <= 0x10FFFF && !U_IS_SURROGATE(number) ? static_cast<UChar32>(number) : 0;
}

std::string without_entities(std::string_view text) {
  constexpr std::size_t kLongest = 10;  // of a name
  std::string plain;
  while (!text.empty()) {
    const std::size_t end = text.front() == '&' ? text.substr(0, kLongest + 2).find(';') : std::string_view::npos;
    const UChar32 sign = end == std::string_view::npos ? 0 : entity(text.substr(1, end - 1));
    if (sign == 0) {
      plain += text.front();
      text.remove_prefix(1);
      continue;
    }
    UnicodeString(sign).toUTF8String(plain);
    text.remove_prefix(end + 1);
  }
  return plain;
}

// Letters that stand for plain ones: ligatures of Latin letters, and the wide and narrow forms of Asian typing.
bool has_plain_form(UChar32 sign) {
  return sign == 0x3000 || (sign >= 0xFF01 && sign <= 0xFFEE) || (sign >= 0xFB00 && sign <= 0xFB06) || sign == 0x132 ||
         sign == 0x133 || (sign >= 0x1C4 && sign <= 0x1CC) || (sign >= 0x1F1 && sign <= 0x1F3);
}

UnicodeString straightened(const UnicodeString& text) {
  UnicodeString out;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 sign = text.char32At(i);
    if (sign == 0x149) {
      out.append(UnicodeString("'n"));
    } else if (sign == 0x2BC || (sign >= 0x2018 && sign <= 0x201B)) {
      out.append('\'');
    } else if (sign >= 0x201C && sign <= 0x201F) {
      out.append('"');
    } else if (has_plain_form(sign)) {
      UErrorCode status = U_ZERO_ERROR;
      out.append(normalizer(true).normalize(UnicodeString(sign), status));
      check(status);
    } else {
      out.append(sign);
    }
  }
  return out;
}

// Marks of byte order and of annotations, and controls of terminals. A joiner of emojis is none.
bool is_control(UChar32 sign) {
  return sign < 0x20 || sign == 0x7F || (sign >= 0x206A && sign <= 0x206F) || sign == 0xFEFF ||
         (sign >= 0xFFF9 && sign <= 0xFFFB);
}

UnicodeString single_spaces(const UnicodeString& text) {
  UnicodeString out;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 sign = text.char32At(i);
    if (u_isUWhiteSpace(sign) || (sign >= 0x1C && sign <= 0x1F)) {
      if (!out.isEmpty() && out[out.length() - 1] != ' ') out.append(' ');
    } else if (!is_control(sign)) {
      out.append(sign);
    }
  }
  return out.trim();
}

}  // namespace

std::string clean_text(std::string_view text) {
  const std::string plain = without_entities(without_entities(text));  // pages have some that were made twice
  UErrorCode status = U_ZERO_ERROR;
  UnicodeString cleaned = normalizer(false).normalize(straightened(UnicodeString::fromUTF8(plain)), status);
  check(status);
  std::string result;
  single_spaces(cleaned).toLower(icu::Locale::getRoot()).toUTF8String(result);
  return result;
}

std::vector<std::string> words_of(const std::string& cleaned) {
  static const std::unique_ptr<icu::RegexPattern> pattern = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::RegexPattern> made(icu::RegexPattern::compile(
        UnicodeString::fromUTF8("'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+"), UREGEX_CASE_INSENSITIVE,
        status));
    check(status);
    return made;
  }();
  UErrorCode status = U_ZERO_ERROR;
  const UnicodeString text = UnicodeString::fromUTF8(cleaned);
  const std::unique_ptr<icu::RegexMatcher> matcher(pattern->matcher(text, status));
  check(status);
  std::vector<std::string> words;
  while (matcher->find(status) != 0) {
    check(status);
    matcher->group(status).toUTF8String(words.emplace_back());
  }
  check(status);
  return words;
}

}  // namespace pixmill::tasks
