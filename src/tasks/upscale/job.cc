#include "tasks/upscale/job.h"

#include "tasks/restore/flags.h"

namespace pixmill::tasks {
namespace {

constexpr std::string_view kUpscale = "Upscale";

std::vector<config::Flag> make_flags() {
  std::vector<config::Flag> flags = restore_flags(kUpscale);
  flags.insert(flags.begin() + 1, {.name = "scale",
                                   .kind = config::Kind::real,
                                   .value = "X",
                                   .group = kUpscale,
                                   .help = "of the sides; another one than the model's is resampled afterwards",
                                   .minimum = 0.05,
                                   .maximum = 16,
                                   .basic = true,
                                   .changes_result = true,
                                   .also = "outscale"});
  return flags;
}

}  // namespace

const std::vector<config::Flag>& upscale_flags() {
  static const std::vector<config::Flag> flags = make_flags();
  return flags;
}

JobOptions read_upscale(const config::Values& values, const std::string& output, const codecs::DecodeOptions&) {
  return restore_job(values, output, "{dir}/{stem}_x{scale}.{ext}");
}

}  // namespace pixmill::tasks
