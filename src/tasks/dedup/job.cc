#include "tasks/dedup/job.h"

#include "pixmill/tasks/dedup.h"
#include "pixmill/tasks/embed.h"

namespace pixmill::tasks {
namespace {

using config::Flag;
using config::Kind;

constexpr std::string_view kAlike = "Alike";

}  // namespace

const std::vector<Flag>& dedup_flags() {
  static const std::vector<Flag> flags = {
      {.name = "threshold",
       .kind = Kind::integer,
       .value = "BITS",
       .fallback = "10",
       .group = kAlike,
       .help = "of the 64 bits of a perceptual hash so many may differ, 0 to 19",
       .minimum = 0,
       .maximum = AlikeOptions::kMostBits,
       .basic = true},
      {.name = "similarity",
       .kind = Kind::real,
       .value = "S",
       .fallback = "0.85",
       .group = kAlike,
       .help = "with --model, one of vectors: pictures whose vectors have this cosine are alike too",
       .minimum = 0.5,
       .maximum = 1,
       .basic = true},
      {.name = "no-mirrored", .group = kAlike, .help = "pictures that are mirrored are different ones"},
      {.name = "turned", .group = kAlike, .help = "pictures that are turned by 90, 180 or 270 degrees are alike too"},
      {.name = "different",
       .group = kAlike,
       .help = "only say, for this and later runs, that the named pictures are different ones"},
      {.name = "not-different", .group = kAlike, .help = "take --different back for the named pictures"},
      {.name = "keep",
       .kind = Kind::choice,
       .value = "WHICH",
       .fallback = "best",
       .group = kAlike,
       .help = "of a group; best: the largest, of equally large ones the sharpest",
       .choices = {"best", "largest", "sharpest", "oldest"},
       .basic = true},
      {.name = "format",
       .kind = Kind::choice,
       .value = "F",
       .fallback = "txt",
       .group = config::kOutputs,
       .help = "of the list: groups of paths, the one to keep first; or with all figures",
       .choices = {"txt", "csv", "json"},
       .basic = true,
       .section_only = true},
      {.name = "html",
       .kind = Kind::path,
       .value = "FILE",
       .group = config::kOutputs,
       .help = "a page with the groups side by side, and what differs",
       .basic = true},
      {.name = "extra",
       .group = config::kOutputs,
       .help = "list only those that are not kept, a path a line",
       .basic = true},
      {.name = "print0",
       .letter = '0',
       .group = config::kOutputs,
       .help = "with --extra: paths end with NUL: pixmill dedup photos/ --extra -0 | xargs -0 ..."}};
  return flags;
}

AlikeOptions read_alike(const config::Values& values) {
  AlikeOptions options;
  options.perceptual = static_cast<int>(values.integer("threshold"));
  // Of the other hash more bits may differ: it is the coarser one.
  options.difference = options.perceptual + options.perceptual * 2 / 5;
  options.mirrored = !values.on("no-mirrored");
  options.turned = values.on("turned");
  return options;
}

JobOptions read_dedup(const config::Values&, const std::string&, const codecs::DecodeOptions&) {
  JobOptions job;
  job.make_task = [](models::ModelCard card) {
    return make_face_task(card.id.empty() ? nullptr : make_embed(std::move(card), true));
  };
  return job;
}

}  // namespace pixmill::tasks
