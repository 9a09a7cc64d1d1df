#include "pixmill/core/glob.h"

#include <algorithm>

#include "pixmill/core/error.h"

namespace pixmill {
namespace {

bool match_class(std::string_view pattern, std::size_t& at, char c) {
  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool inside = false;
  for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false, ++i) {
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      inside |= pattern[i] <= c && c <= pattern[i + 2];
      i += 2;
    } else {
      inside |= pattern[i] == c;
    }
  }
  at = i;  // on the ']', or past the end of an unclosed class, which matches nothing
  return i < pattern.size() && inside != negated && c != '/';
}

// One alternative, without braces. Iterative with two restart points (one for *, one for **), so that no pattern
// costs more than the product of the lengths.
bool match_plain(std::string_view pattern, std::string_view path) {
  std::size_t p = 0;
  std::size_t s = 0;
  std::size_t star = std::string_view::npos, star_at = 0;
  std::size_t deep = std::string_view::npos, deep_at = 0;
  while (true) {
    if (p == pattern.size() && s == path.size()) return true;
    if (p < pattern.size() && pattern[p] == '*') {
      if (p + 1 < pattern.size() && pattern[p + 1] == '*') {
        p += 2;
        if (p < pattern.size() && pattern[p] == '/') ++p;  // "**/" also matches no folder at all
        deep = p;
        deep_at = s;
        star = std::string_view::npos;
      } else {
        star = ++p;
        star_at = s;
      }
      continue;
    }
    if (p < pattern.size() && s < path.size()) {
      const bool escaped = pattern[p] == '\\' && p + 1 < pattern.size();
      std::size_t next = escaped ? p + 1 : p;
      const bool same = escaped             ? pattern[next] == path[s]
                        : pattern[p] == '?' ? path[s] != '/'
                        : pattern[p] == '[' ? match_class(pattern, next, path[s])
                                            : pattern[p] == path[s];
      if (same) {
        p = next + 1;
        ++s;
        continue;
      }
    }
    if (star != std::string_view::npos && star_at < path.size() && path[star_at] != '/') {
      p = star;
      s = ++star_at;
    } else if (deep != std::string_view::npos && deep_at < path.size()) {
      p = deep;
      s = ++deep_at;
      star = std::string_view::npos;
    } else {
      return false;
    }
  }
}

constexpr int kMaxBraces = 8;  // nested or in a row: 2^8 alternatives are enough for anyone

// Calls `visit` with each pattern that the braces stand for, until it returns true; whether one did.
template <typename Visit>
bool any_alternative(const std::string& pattern, Visit visit, int depth = 0) {
  const std::size_t open = pattern.find('{');
  const std::size_t close = open == std::string::npos ? open : pattern.find('}', open);
  if (close == std::string::npos || depth > kMaxBraces) return visit(pattern);
  for (std::size_t from = open + 1; from <= close;) {
    const std::size_t to = std::min(pattern.find(',', from), close);
    const std::string one = pattern.substr(0, open) + pattern.substr(from, to - from) + pattern.substr(close + 1);
    if (any_alternative(one, visit, depth + 1)) return true;
    from = to + 1;
  }
  return false;
}

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

constexpr std::size_t kMostAlternatives = 256;

}  // namespace

bool glob_match(std::string_view pattern, std::string_view path) {
  if (pattern.find('/') == std::string_view::npos) path = last_part(path);
  return any_alternative(std::string(pattern), [&](const std::string& one) { return match_plain(one, path); });
}

std::vector<std::string> glob_alternatives(const std::string& pattern, std::size_t most) {
  std::vector<std::string> all;
  any_alternative(pattern, [&](const std::string& one) {
    all.push_back(one);
    return all.size() > most;
  });
  return all;
}

Glob::Glob(std::string_view pattern)
    : last_part_(pattern.find('/') == std::string_view::npos),
      alternatives_(glob_alternatives(std::string(pattern), kMostAlternatives)) {
  if (alternatives_.size() <= kMostAlternatives) return;
  throw Error(ErrorCode::usage, "the braces stand for more than " + std::to_string(kMostAlternatives) + " patterns");
}

bool Glob::matches(std::string_view path) const {
  if (last_part_) path = last_part(path);
  return std::any_of(alternatives_.begin(), alternatives_.end(),
                     [&](const std::string& pattern) { return match_plain(pattern, path); });
}

bool is_glob(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

}  // namespace pixmill
