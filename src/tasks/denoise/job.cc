#include "tasks/denoise/job.h"

#include "tasks/restore/flags.h"

namespace pixmill::tasks {

const std::vector<config::Flag>& denoise_flags() {
  static const std::vector<config::Flag> flags = restore_flags("Denoise");
  return flags;
}

JobOptions read_denoise(const config::Values& values, const std::string& output, const codecs::DecodeOptions&) {
  return restore_job(values, output, "{dir}/{stem}_denoised.{ext}");
}

}  // namespace pixmill::tasks
