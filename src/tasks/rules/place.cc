#include "tasks/rules/place.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "pixmill/core/error.h"

namespace pixmill::tasks::rules {
namespace {

struct Character {
  std::size_t at = 0;
  std::string text;
  std::size_t columns = 1;
};

struct Range {
  std::uint32_t first, last;
};

// East_Asian_Width W and F of the Unicode standard, blocks as a whole.
constexpr std::array<Range, 9> kWide = {{{0x1100, 0x115F},
                                         {0x2E80, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xF900, 0xFAFF},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0xFFE0, 0xFFE6},
                                         {0x1F300, 0x1FAFF},
                                         {0x20000, 0x3FFFD}}};
constexpr Range kCombining = {0x0300, 0x036F};

bool inside(std::uint32_t code, Range range) {
  return range.first <= code && code <= range.last;
}

std::size_t columns_of(std::uint32_t code) {
  if (inside(code, kCombining)) return 0;
  return std::any_of(kWide.begin(), kWide.end(), [&](Range range) { return inside(code, range); }) ? 2 : 1;
}

// How many bytes the first of a character says that it has; 0 for one that is no first byte.
std::size_t bytes_of(unsigned char first) {
  return first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF8 ? 4 : 0;
}

Character character_at(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t bytes = bytes_of(first);
  if (bytes == 1) return {at, first < 0x20 || first == 0x7F ? " " : std::string(1, text[at]), 1};
  const auto continues = [&](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  const std::string_view whole = text.substr(at, bytes);
  if (bytes == 0 || whole.size() < bytes || !std::all_of(whole.begin() + 1, whole.end(), continues))
    return {at, "?", 1};
  std::uint32_t code = first & (0xFFU >> (bytes + 1));
  for (const char c : whole.substr(1)) code = code << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  return {at, std::string(whole), columns_of(code)};
}

// Those of the rule around the place.
constexpr std::size_t kBefore = 40, kAfter = 32;

}  // namespace

std::string marked(std::string_view rule, Place place) {
  std::vector<Character> characters;
  for (std::size_t at = 0; at < rule.size();) {
    characters.push_back(character_at(rule, at));
    at += characters.back().text == "?" ? 1 : std::max<std::size_t>(1, characters.back().text.size());
  }
  const auto index_of = [&](std::size_t at) {
    const auto found = std::find_if(characters.begin(), characters.end(),
                                    [&](const Character& character) { return character.at >= at; });
    return static_cast<std::size_t>(found - characters.begin());
  };
  const std::size_t from = index_of(place.at), to = std::max(from + 1, index_of(place.at + place.length));
  const std::size_t first = from > kBefore ? from - kBefore : 0, last = std::min(characters.size(), from + kAfter);
  std::string line = first > 0 ? "..." : "";
  std::size_t before = line.size(), carets = 0;
  for (std::size_t i = first; i < last; ++i) {
    line += characters[i].text;
    if (i < from) before += characters[i].columns;
    if (from <= i && i < to) carets += characters[i].columns;
  }
  if (last < characters.size()) line += "...";
  return line + "\n" + std::string(before, ' ') + std::string(std::max<std::size_t>(1, carets), '^');
}

void refuse(std::string_view rule, Place place, const std::string& what, const std::string& advice) {
  throw Error(ErrorCode::usage, "the rule: " + what, marked(rule, place) + (advice.empty() ? "" : "\n" + advice));
}

}  // namespace pixmill::tasks::rules
