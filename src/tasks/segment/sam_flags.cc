#include "tasks/segment/sam_flags.h"

#include <algorithm>

#include "pixmill/core/error.h"
#include "pixmill/models/class_names.h"
#include "pixmill/platform/files.h"

namespace pixmill::tasks {
namespace {

using config::Kind;

constexpr std::string_view kPrompts = "Prompts (SAM)";
constexpr std::size_t kLargestFile = std::size_t{256} << 20;  // bytes; prompts of a million pictures

bool given(const config::Values& values, std::string_view flag) {
  const auto found = values.all().find(flag);
  return found != values.all().end() && found->second.origin != config::Origin::fallback;
}

Everything read_everything(const config::Values& values) {
  Everything how;
  how.points_per_side = static_cast<int>(values.integer("points-per-side"));
  how.predicted_iou = values.real("predicted-iou");
  how.stability = values.real("stability");
  if (given(values, "iou")) how.overlap = values.real("iou");
  return how;
}

}  // namespace

const std::vector<config::Flag>& prompt_flags() {
  static const std::vector<config::Flag> flags = {
      {.name = "point",
       .kind = Kind::text,
       .value = "X,Y[,L]",
       .group = kPrompts,
       .help = "a pixel of the thing, or outside it (label 0); 50%,50% too",
       .repeatable = true,
       .basic = true,
       .setting = false,
       .changes_result = true},
      {.name = "box",
       .kind = Kind::text,
       .value = "X0,Y0,X1,Y1",
       .group = kPrompts,
       .help = "a box around a thing; each is a thing of its own",
       .repeatable = true,
       .basic = true,
       .setting = false,
       .changes_result = true},
      {.name = "everything",
       .group = kPrompts,
       .help = "all things, by a grid of points",
       .basic = true,
       .setting = false,
       .changes_result = true},
      {.name = "prompts",
       .kind = Kind::path,
       .value = "FILE.json",
       .group = kPrompts,
       .help = "points and boxes of many pictures, by their paths",
       .basic = true,
       .setting = false},
      {.name = "label",
       .kind = Kind::text,
       .value = "NAME",
       .fallback = "object",
       .group = kPrompts,
       .help = "class of the things that are prompted for",
       .changes_result = true},
      {.name = "points-per-side",
       .kind = Kind::integer,
       .value = "N",
       .fallback = "32",
       .group = kPrompts,
       .help = "--everything: points of the grid",
       .minimum = 1,
       .maximum = 128,
       .changes_result = true},
      {.name = "predicted-iou",
       .kind = Kind::real,
       .value = "I",
       .fallback = "0.88",
       .group = kPrompts,
       .help = "--everything: leave out masks that the model rates below",
       .minimum = 0,
       .maximum = 1,
       .changes_result = true},
      {.name = "stability",
       .kind = Kind::real,
       .value = "S",
       .fallback = "0.95",
       .group = kPrompts,
       .help = "--everything: leave out masks whose edge is less certain",
       .minimum = 0,
       .maximum = 1,
       .changes_result = true},
  };
  return flags;
}

SamOptions read_prompts(const config::Values& values, std::string& files) {
  SamOptions options;
  options.label = values.text("label");
  const bool control =
      std::any_of(options.label.begin(), options.label.end(), [](unsigned char c) { return c < 0x20; });
  if (options.label.empty() || options.label.size() > models::kLongestClass || control)
    throw Error(ErrorCode::usage, "--label: must be a name in one line", "--label dog");
  PromptGroup group;
  for (const std::string& text : values.texts("point")) group.points.push_back(parse_point(text));
  for (const std::string& text : values.texts("box")) group.boxes.push_back(parse_box(text));
  const bool typed = !group.points.empty() || !group.boxes.empty();
  const std::string& file = values.text("prompts");
  if (int{typed} + int{!file.empty()} + int{values.on("everything")} > 1)
    throw Error(ErrorCode::usage, "--point and --box, --prompts and --everything exclude each other",
                "one of them at a time; a file of prompts may hold points and boxes");
  if (typed) options.groups.push_back(std::move(group));
  if (!file.empty()) {
    files = platform::read_text(file, kLargestFile);
    options.file = std::make_shared<const PromptFile>(parse_prompts(files, file, options.label));
  }
  if (values.on("everything")) options.everything = read_everything(values);
  return options;
}

void refuse_prompts(const SamOptions& options, const std::string& model) {
  if (options.groups.empty() && !options.file && !options.everything) return;
  throw Error(ErrorCode::usage, "the model '" + model + "' takes no prompts: it finds the things that it knows",
              "--point, --box, --prompts and --everything are for SAM, MobileSAM and SAM 2");
}

}  // namespace pixmill::tasks
