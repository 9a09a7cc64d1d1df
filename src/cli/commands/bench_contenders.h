// The contenders of a bench, from --compare and --against.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/parse.h"
#include "pixmill/measure/bench.h"
#include "pixmill/pipeline/job.h"

namespace pixmill::cli {

// The request of a bench as words for the job: its flags as typed, then "--" and the inputs.
struct JobWords {
  const Command* job = nullptr;
  std::vector<std::string> flags = {}, inputs = {};

  std::vector<std::string> with(const std::vector<std::string>& more) const;  // flags, more, "--", inputs
};

// Throws Error{usage} where the first argument is no job, or no input follows it.
JobWords job_words(const Invocation& invocation);

// The pictures of a bench of parts, from argument `first` on; `pictures` is left empty.
struct BenchPictures {
  pipeline::InputSpec inputs;
  std::vector<std::filesystem::path> pictures = {};
};
BenchPictures part_pictures(const Invocation& invocation, std::size_t first);

// One for every job that has a model of its own, on all inputs.
std::vector<measure::Contender> job_contenders(const Invocation& invocation);

// One for every combination of what --compare names, in the order of the command line. Throws Error{usage} for an
// option that the job does not have, a value that does not fit, too many combinations.
std::vector<measure::Contender> contenders(const Invocation& invocation, const JobWords& words);

// The peers of --against. `folder`: empty, for what they read; it must outlive them. Throws Error{usage} where a peer
// does another job or does not know the model, Error{not_found} with the way to get it where it is not installed.
std::vector<measure::Contender> peers(const Invocation& invocation, const pipeline::JobSpec& spec,
                                      const std::vector<std::filesystem::path>& pictures,
                                      const std::filesystem::path& folder);

}  // namespace pixmill::cli
