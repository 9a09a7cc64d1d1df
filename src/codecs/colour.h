// Any colour space of a file -> sRGB.
#pragma once

#include <string_view>

#include "codecs/upright.h"
#include "codecs/vips.h"
#include "pixmill/codecs/codec.h"

namespace pixmill::codecs {

// The conversion of the samples of an opened picture: a conversion by libvips, then a layout row by row.
struct ColourPlan {
  enum class Step { none, profile, colour_space };
  Step step = Step::none;
  RowLayout layout;
};

// Throws Error{unsupported} for sample types that are no photograph's (complex, signed, 32 bits without a colour
// space).
enum class UseProfile { no, yes };
ColourPlan plan_colour(VipsImage* opened, Format format, std::string_view name, UseProfile use_profile);

// The picture after the plan's first part, ready for its layout; empty where libvips fails.
Ref<VipsImage> apply(const ColourPlan& plan, VipsImage* opened);

}  // namespace pixmill::codecs
