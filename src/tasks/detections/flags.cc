#include "tasks/detections/flags.h"

#include "pixmill/core/error.h"
#include "pixmill/models/class_names.h"
#include "pixmill/platform/files.h"
#include "pixmill/tasks/picture_flags.h"

namespace pixmill::tasks {
namespace {

using config::Flag;
using config::Kind;

std::vector<Flag> all_flags() {
  std::vector<Flag> flags = {
      {.name = "format",
       .kind = Kind::text,
       .value = "LIST",
       .fallback = "yolo",
       .group = config::kOutputs,
       .help = "of the results, comma between",
       .repeatable = true,
       .basic = true,
       .section_only = true},
  };
  for (const Flag& flag : selection_flags()) flags.push_back(flag);
  flags.push_back({.name = "names",
                   .kind = Kind::path,
                   .value = "FILE",
                   .group = kDetectionFlags,
                   .help = "of the model's classes: one a line, a data.yaml or a JSON list"});
  flags.push_back({.name = "iou",
                   .kind = Kind::real,
                   .value = "I",
                   .fallback = "0.45",
                   .group = kDetectionFlags,
                   .help = "of two boxes that overlap more the weaker one goes, 0 to 1",
                   .minimum = 0,
                   .maximum = 1,
                   .basic = true,
                   .changes_result = true});
  flags.push_back({.name = "agnostic-nms",
                   .group = kDetectionFlags,
                   .help = "boxes of two classes overlap too",
                   .changes_result = true});
  flags.push_back({.name = "slice",
                   .kind = Kind::integer,
                   .value = "N",
                   .fallback = "0",
                   .group = kDetectionFlags,
                   .help = "look for small things in windows of N pixels too; 0: not",
                   .minimum = 0,
                   .maximum = 16384,
                   .basic = true,
                   .changes_result = true});
  flags.push_back({.name = "slice-overlap",
                   .kind = Kind::real,
                   .value = "S",
                   .fallback = "0.2",
                   .group = kDetectionFlags,
                   .help = "of a window with the next, 0 to 0.9 of its side",
                   .minimum = 0,
                   .maximum = 0.9,
                   .changes_result = true});
  flags.push_back({.name = "slice-merge",
                   .kind = Kind::choice,
                   .value = "HOW",
                   .fallback = "nms",
                   .group = kDetectionFlags,
                   .help = "of what several windows saw the best stays (nms), or boxes are averaged (wbf)",
                   .choices = {"nms", "wbf"},
                   .changes_result = true});
  flags.push_back({.name = "equirect",
                   .group = kDetectionFlags,
                   .help = "panoramas of the whole sphere, 2:1: look at views of them, and map what is found back",
                   .changes_result = true});
  flags.push_back({.name = "fast-decode",
                   .group = kDetectionFlags,
                   .help = "large JPEGs are read smaller for every model: boxes may move by some pixels of its input",
                   .changes_result = true});
  for (const Flag& flag : picture_flags()) flags.push_back(flag);
  return flags;
}

bool names_a_picture(const std::string& file) {
  const std::size_t dot = file.rfind('.');
  return dot != std::string::npos && codecs::format_from(file.substr(dot + 1)).has_value();
}

}  // namespace

const std::vector<Flag>& finding_flags() {
  static const std::vector<Flag> flags = all_flags();
  return flags;
}

DetectOptions read_finding(const config::Values& values) {
  return {.overlap = values.real("iou"),
          .across_classes = values.on("agnostic-nms"),
          .slice = static_cast<int>(values.integer("slice")),
          .slice_overlap = values.real("slice-overlap"),
          .merge = values.text("slice-merge") == "wbf" ? Merge::fuse : Merge::best,
          .equirect = values.on("equirect"),
          .fast_decode = values.on("fast-decode")};
}

GivenNames read_names(const config::Values& values) {
  if (!values.has("names")) return {};
  GivenNames given{.file = values.text("names"), .text = {}, .names = {}};
  constexpr std::size_t kMostBytes = 1U << 20U;
  given.text = platform::read_text(given.file, kMostBytes);
  given.names = models::names_from_file(given.text, given.file);
  return given;
}

models::ModelCard with_names(models::ModelCard card, const GivenNames& given) {
  if (given.names.empty()) return card;
  const std::size_t own = card.output.classes.size(), names = given.names.size();
  if (own != 0 && own != names) {
    throw Error(ErrorCode::usage,
                given.file + " names " + std::to_string(names) + " classes, the model '" + card.id + "' tells " +
                    std::to_string(own) + " apart",
                "--names wants a name for each class, in the model's order");
  }
  card.output.classes = given.names;
  return card;
}

void read_formats(const config::Values& values, const std::string& output, JobOptions& job) {
  const bool draw = values.on("draw"), sheet = values.has("sheet");
  const bool asked = values.all().at("format").origin != config::Origin::fallback;
  const bool no_place = (sheet && output.empty() && !draw) || (draw && names_a_picture(output));
  if (asked || !no_place) job.formats = values.texts("format");
  add_picture_formats(values, job);
}

void add_picture_formats(const config::Values& values, JobOptions& job) {
  if (values.on("draw")) job.formats.emplace_back("drawn");
  if (values.on("crops")) job.formats.emplace_back("crops");
  add_sheet(values, job);
}

void add_sheet(const config::Values& values, JobOptions& job) {
  if (!values.has("sheet")) return;
  job.formats.emplace_back("sheet");
  job.own_files["sheet"] = values.text("sheet");
}

}  // namespace pixmill::tasks
