// The flags of background removal.
#include "tasks/cutout/job.h"

namespace pixmill::tasks {
namespace {

using config::Flag;
using config::Kind;
using config::kOutputs;

constexpr std::string_view kCutout = "Cut-out";

}  // namespace

const std::vector<Flag>& cutout_flags() {
  static const std::vector<Flag> flags = {
      {.name = "format",
       .kind = Kind::choice,
       .value = "F",
       .fallback = "png",
       .group = kOutputs,
       .help = "of the result; jpeg needs a background",
       .choices = {"png", "webp", "tiff", "avif", "jpeg", "jxl"},
       .basic = true},
      {.name = "background",
       .kind = Kind::text,
       .value = "B",
       .fallback = "none",
       .group = kCutout,
       .help = "none, white and all other colours of CSS, #rrggbb, r,g,b[,a], FILE, blur[:radius]",
       .basic = true,
       .changes_result = true},
      {.name = "mask",
       .group = kCutout,
       .help = "write the matte too, as a gray PNG",
       .basic = true,
       .changes_result = true},
      {.name = "only-mask", .group = kCutout, .help = "write only the matte", .basic = true, .changes_result = true},
      {.name = "refine",
       .kind = Kind::choice,
       .value = "R",
       .fallback = "auto",
       .group = kCutout,
       .help = "edges of the matte follow the photograph's",
       .choices = {"auto", "none", "guided"},
       .basic = true,
       .changes_result = true},
      {.name = "foreground",
       .kind = Kind::choice,
       .value = "F",
       .fallback = "estimate",
       .group = kCutout,
       .help = "colours of soft edges: the subject's own, or the photograph's as they are",
       .choices = {"estimate", "keep"},
       .basic = true,
       .changes_result = true},
      {.name = "threshold",
       .kind = Kind::real,
       .value = "T",
       .group = kCutout,
       .help = "a hard edge at this opacity, 0 to 1",
       .minimum = 0,
       .maximum = 1,
       .changes_result = true},
      {.name = "feather",
       .kind = Kind::real,
       .value = "PX",
       .fallback = "0",
       .group = kCutout,
       .help = "soften the edge by this many pixels",
       .minimum = 0,
       .maximum = 1000,
       .changes_result = true},
      {.name = "trim", .group = kCutout, .help = "crop to the subject", .basic = true, .changes_result = true},
      {.name = "canvas",
       .kind = Kind::size,
       .value = "WxH",
       .group = kCutout,
       .help = "subject scaled and centred on a canvas of this size",
       .basic = true,
       .changes_result = true},
      {.name = "margin",
       .kind = Kind::percent,
       .value = "P",
       .fallback = "0%",
       .group = kCutout,
       .help = "free space around the subject, with --canvas or --trim",
       .maximum = 0.45,
       .basic = true,
       .changes_result = true},
      {.name = "shadow", .group = kCutout, .help = "a soft shadow under the subject", .changes_result = true},
  };
  return flags;
}

}  // namespace pixmill::tasks
