#include "tasks/rules/place.h"

#include <algorithm>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/unicode.h"

namespace pixmill::tasks::rules {
namespace {

struct Shown {
  std::size_t at = 0;
  std::string text;
  std::size_t columns = 1;
};

std::vector<Shown> shown(std::string_view rule) {
  std::vector<Shown> all;
  for (std::size_t at = 0; at < rule.size();) {
    const Character character = character_at(rule, at);
    if (!character.valid) {
      all.push_back({at, "?"});
    } else if (is_control(character.code)) {
      all.push_back({at, " "});
    } else {
      const auto columns = static_cast<std::size_t>(columns_of(character.code));
      all.push_back({at, std::string(rule.substr(at, character.bytes)), columns});
    }
    at += character.bytes;
  }
  return all;
}

// Those of the rule around the place.
constexpr std::size_t kBefore = 40, kAfter = 32;

}  // namespace

std::string marked(std::string_view rule, Place place) {
  const std::vector<Shown> characters = shown(rule);
  const auto index_of = [&](std::size_t at) {
    const auto found =
        std::find_if(characters.begin(), characters.end(), [&](const Shown& character) { return character.at >= at; });
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
