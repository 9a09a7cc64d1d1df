#include "runtime/names.h"

#include <array>
#include <optional>
#include <utility>

#include "pixmill/core/nearest.h"
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
  return {ErrorCode::usage, "unknown " + std::string(what) + " '" + std::string(name) + "'", suggestion(name, known)};
}

void add_to(std::string& list, std::string_view item, std::string_view separator) {
  if (!list.empty()) list += separator;
  list += item;
}

}  // namespace pixmill::runtime
