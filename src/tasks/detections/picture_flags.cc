#include "pixmill/tasks/picture_flags.h"

namespace pixmill::tasks {
namespace {

using config::Flag;
using config::Kind;

constexpr std::string_view kGroup = "Pictures";

std::vector<Flag> all_flags() {
  std::vector<Flag> flags = {
      {.name = "draw",
       .group = kGroup,
       .help = "also the pictures with boxes, masks and labels drawn on them",
       .basic = true},
      {.name = "crops",
       .group = kGroup,
       .help = "also each found thing as a picture, in folders by class",
       .basic = true},
      {.name = "sheet",
       .kind = Kind::path,
       .value = "FILE",
       .group = kGroup,
       .help = "also one HTML page of all pictures, to look through and filter",
       .basic = true,
       .setting = false},
  };
  return flags;
}

}  // namespace

const std::vector<Flag>& drawing_flags() {
  static const std::vector<Flag> flags = {
      {.name = "line-width",
       .kind = Kind::automatic,
       .value = "N",
       .fallback = "auto",
       .group = kGroup,
       .help = "of drawn boxes, in pixels; auto: by the size of the picture",
       .minimum = 1,
       .maximum = 1000},
      {.name = "no-labels", .group = kGroup, .help = "draw no labels"},
      {.name = "no-confidence", .group = kGroup, .help = "draw labels without their confidence"},
  };
  return flags;
}

Drawing read_drawing(const config::Values& values) {
  return {static_cast<int>(values.integer("line-width")), !values.on("no-labels"), !values.on("no-confidence")};
}

const std::vector<Flag>& crop_flags() {
  static const std::vector<Flag> flags = {
      {.name = "crop-margin",
       .kind = Kind::percent,
       .value = "P",
       .fallback = "0%",
       .group = kGroup,
       .help = "cut out so much more on each side of a box",
       .minimum = 0,
       .maximum = 5},
  };
  return flags;
}

double read_crop_margin(const config::Values& values) {
  return values.share("crop-margin");
}

const std::vector<Flag>& picture_flags() {
  static const std::vector<Flag> flags = all_flags();
  return flags;
}

}  // namespace pixmill::tasks
