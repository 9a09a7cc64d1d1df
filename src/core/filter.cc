#include "pixmill/core/filter.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pixmill {
namespace {

constexpr std::array<std::pair<Filter, std::string_view>, 6> kNames = {{
    {Filter::nearest, "nearest"},
    {Filter::box, "box"},
    {Filter::bilinear, "bilinear"},
    {Filter::bicubic, "bicubic"},
    {Filter::lanczos3, "lanczos3"},
    {Filter::linear, "linear"},
}};

}  // namespace

std::string_view name_of(Filter filter) {
  return std::ranges::find(kNames, filter, &std::pair<Filter, std::string_view>::first)->second;
}

std::optional<Filter> filter_from(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, &std::pair<Filter, std::string_view>::second);
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

}  // namespace pixmill
