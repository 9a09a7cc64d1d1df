// Names of resampling filters, as Pillow defines them: the support grows with the reduction, half-pixel centres. One
// does not: `linear` is OpenCV's INTER_LINEAR, two samples a side whatever the reduction.
#pragma once

#include <optional>
#include <string_view>

namespace pixmill {

enum class Filter { nearest, box, bilinear, bicubic, lanczos3, linear };  // bicubic: a = -0.5

std::string_view name_of(Filter filter);                   // "lanczos3", ...
std::optional<Filter> filter_from(std::string_view name);  // empty for an unknown name

}  // namespace pixmill
