// The options of masks, and how their values are read.
#include <algorithm>

#include "pixmill/core/error.h"
#include "pixmill/tasks/masking.h"
#include "tasks/mask/carried.h"

namespace pixmill::tasks {
namespace {

using config::Flag;
using config::Kind;

constexpr std::string_view kGroup = "Masks";

std::vector<std::string_view> profile_names() {
  std::vector<std::string_view> names;
  for (const MaskProfile& profile : mask_profiles()) names.push_back(profile.name);
  return names;
}

std::vector<Flag> all_flags(bool basic) {
  std::vector<Flag> flags = {
      {.name = "profile",
       .kind = Kind::choice,
       .value = "PROGRAM",
       .fallback = mask_profiles().front().name,
       .group = kGroup,
       .help = "masks named and placed as this program wants them",
       .choices = profile_names()},
      {.name = "dilate",
       .kind = Kind::integer,
       .value = "N",
       .fallback = "15",
       .group = kGroup,
       .help = "grow by N pixels to every side; 10 to 20 is usual, about 2 to 3 cm of the scene",
       .minimum = 0,
       .maximum = 10000},
      {.name = "carried",
       .kind = Kind::text,
       .value = "LIST",
       .fallback = "auto",
       .group = kGroup,
       .help = "also what a person has: names, auto (backpack, handbag, ...) or none"},
      {.name = "fixed",
       .kind = Kind::path,
       .value = "FILE",
       .group = kGroup,
       .help = "a mask of what is left out of every picture: rig, watermark"},
      {.name = "every-image", .group = kGroup, .help = "a white mask where nothing is found, whatever the profile"},
      {.name = "only-found", .group = kGroup, .help = "no mask where nothing is found, whatever the profile"},
      {.name = "keep", .group = kGroup, .help = "keep what is found and mask the rest"},
      {.name = "invert", .group = kGroup, .help = "white is left out and black kept, in --fixed too"},
      {.name = "fill-holes", .group = kGroup, .help = "mask what lies inside too"},
      {.name = "erode",
       .kind = Kind::integer,
       .value = "N",
       .fallback = "0",
       .group = kGroup,
       .help = "shrink by N pixels before --dilate: thin parts and specks go",
       .minimum = 0,
       .maximum = 10000},
      {.name = "min-area",
       .kind = Kind::text,
       .value = "N|P%",
       .group = kGroup,
       .help = "leave out parts of fewer pixels, or of a smaller share of the picture"},
      {.name = "feather",
       .kind = Kind::real,
       .value = "S",
       .fallback = "0",
       .group = kGroup,
       .help = "soften edges, standard deviation in pixels; most programs want hard ones",
       .minimum = 0,
       .maximum = 1000},
      {.name = "wrap",
       .group = kGroup,
       .help = "masks grow across the left and right edge, which meet in a panorama; --equirect does so by itself"},
      {.name = "steady",
       .kind = Kind::integer,
       .value = "N",
       .fallback = "0",
       .group = kGroup,
       .help = "of video frames: up to N without anything get the masks of those before and behind",
       .minimum = 0,
       .maximum = 100},
      {.name = "orientation",
       .kind = Kind::choice,
       .value = "HOW",
       .fallback = "stored",
       .group = kGroup,
       .help = "pixels as the file has them, or upright as EXIF says",
       .choices = {"stored", "upright"}},
  };
  for (Flag& flag : flags) flag.basic = basic;
  return flags;
}

LeastArea parse_least(const std::string& text) {
  const bool is_share = text.ends_with('%');
  const auto share = is_share ? config::parse_percent(text) : std::nullopt;
  const auto pixels = is_share ? std::nullopt : config::parse_integer(text);
  if ((share && *share >= 0 && *share <= 1) || (pixels && *pixels >= 0))
    return {static_cast<double>(pixels.value_or(0)), share.value_or(0)};
  throw Error(ErrorCode::usage, "--min-area: '" + text + "' is no number of pixels and no share",
              "--min-area 500, or --min-area 0.1%");
}

}  // namespace

std::int64_t LeastArea::of(Size picture) const {
  return static_cast<std::int64_t>(std::max(pixels, share * static_cast<double>(picture.area())));
}

const std::vector<Flag>& mask_flags(bool basic) {
  static const std::vector<Flag> plain = all_flags(false), on_a_screen = all_flags(true);
  return basic ? on_a_screen : plain;
}

MaskOptions read_mask_options(const config::Values& values) {
  if (values.on("every-image") && values.on("only-found"))
    throw Error(ErrorCode::usage, "--every-image and --only-found contradict each other", "leave one of them out");
  MaskOptions options;
  options.profile = &mask_profile(values.text("profile"));
  options.selection = read_selection(values);
  options.carried = carried_names(values.text("carried"));
  options.dilate = static_cast<int>(values.integer("dilate"));
  options.erode = static_cast<int>(values.integer("erode"));
  options.fill_holes = values.on("fill-holes");
  if (values.has("min-area")) options.least = parse_least(values.text("min-area"));
  options.feather = static_cast<float>(values.real("feather"));
  options.keep = values.on("keep");
  options.invert = values.on("invert");
  options.every_image = values.on("every-image") || (options.profile->every_image && !values.on("only-found"));
  options.as_stored = values.text("orientation") == "stored";
  options.fixed = values.text("fixed");
  const bool sphere = config::find_flag(values.command(), "equirect") != nullptr && values.on("equirect");
  options.around = values.on("wrap") || sphere;
  options.steady = static_cast<int>(values.integer("steady"));
  return options;
}

}  // namespace pixmill::tasks
