#include "tasks/restore/flags.h"

#include <utility>

#include "tasks/result_format.h"

namespace pixmill::tasks {

using config::Flag;
using config::Kind;

std::vector<Flag> restore_flags(std::string_view group) {
  return {
      {.name = "format",
       .kind = Kind::choice,
       .value = "F",
       .fallback = "png",
       .group = config::kOutputs,
       .help = "of the result; png and tiff keep 16 bits",
       .choices = {"png", "jpeg", "webp", "tiff", "avif", "jxl"},
       .basic = true},
      {.name = "strength",
       .kind = Kind::real,
       .value = "S",
       .fallback = "1",
       .group = group,
       .help = "share of the model's result, 0 to 1; the rest is the photograph",
       .minimum = 0,
       .maximum = 1,
       .basic = true,
       .changes_result = true},
      {.name = "tta",
       .group = group,
       .help = "average over eight turns of the picture: slightly better, eight times the work",
       .basic = true,
       .changes_result = true},
      {.name = "tile",
       .kind = Kind::automatic,
       .value = "N",
       .fallback = "auto",
       .group = group,
       .help = "largest tile in pixels of the photograph",
       .basic = true,
       .changes_result = true,
       .also = "tile-size"},
      {.name = "overlap",
       .kind = Kind::automatic,
       .value = "N",
       .fallback = "auto",
       .group = group,
       .help = "pixels that neighbouring tiles share; auto: what the model sees",
       .changes_result = true},
      {.name = "check-seams",
       .group = group,
       .help = "say of each picture how far it is from one without tiles",
       .changes_result = true},
  };
}

RestoreOptions read_restore(const config::Values& values) {
  RestoreOptions options;
  options.tile = static_cast<int>(values.integer("tile"));
  if (values.text("overlap") != "auto") options.overlap = static_cast<int>(values.integer("overlap"));
  options.strength = static_cast<float>(values.real("strength", 1.0));
  options.turned = values.on("tta");
  options.check_seams = values.on("check-seams");
  return options;
}

JobOptions restore_job(const config::Values& values, const std::string& output, std::string_view name_template) {
  JobOptions job;
  job.format = result_format(values, output);
  job.name_template = name_template;
  RestoreOptions options = read_restore(values);
  if (config::find_flag(values.command(), "scale") != nullptr) options.scale = values.real("scale");
  job.make_task = [options](models::ModelCard card) { return make_restore(std::move(card), options); };
  return job;
}

}  // namespace pixmill::tasks
