#include "runtime/names.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <utility>

#include "pixmill/runtime/session.h"

namespace pixmill::runtime {
namespace {

constexpr std::array<std::pair<Precision, std::string_view>, 5> kPrecisions = {{
    {Precision::automatic, "auto"},
    {Precision::fp32, "fp32"},
    {Precision::fp16, "fp16"},
    {Precision::bf16, "bf16"},
    {Precision::int8, "int8"},
}};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view name_of(Precision precision) {
  for (const auto& [value, name] : kPrecisions) {
    if (value == precision) return name;
  }
  return "auto";
}

std::optional<Precision> precision_from(std::string_view name) {
  for (const auto& [value, known] : kPrecisions) {
    if (known == name) return value;
  }
  return std::nullopt;
}

Error unknown_name(std::string_view what, std::string_view name, const std::vector<std::string>& known) {
  std::string list;
  for (const std::string& candidate : known) add_to(list, candidate, ", ");
  const auto nearest = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
    return edit_distance(name, a) < edit_distance(name, b);
  });
  std::string hint = "known: " + list;
  if (nearest != known.end()) hint = "did you mean " + *nearest + "? " + hint;
  return {ErrorCode::usage, "unknown " + std::string(what) + " '" + std::string(name) + "'", hint};
}

void add_to(std::string& list, std::string_view item, std::string_view separator) {
  if (!list.empty()) list += separator;
  list += item;
}

}  // namespace pixmill::runtime
