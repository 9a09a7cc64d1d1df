#include "pixmill/measure/parts.h"

#include <algorithm>

#include "measure/bench/part_rows.h"

namespace pixmill::measure {
namespace {

constexpr Part kParts[] = {
    {.name = "nms",
     .summary = "boxes that overlap are removed, and what a model says of 8400 candidates is read",
     .reads_pictures = false,
     .measure = measure_nms},
    {.name = "preprocess",
     .summary = "pictures become inputs of a model, on one thread",
     .measure = measure_preprocess},
    {.name = "io", .summary = "folders are listed, files read and decoded", .measure = measure_io},
    {.name = "cache",
     .summary = "outputs of models are kept on disk and found again",
     .reads_pictures = false,
     .measure = measure_cache},
};

}  // namespace

std::span<const Part> parts() {
  return kParts;
}

const Part* find_part(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kParts), std::end(kParts), [&](const Part& part) { return part.name == name; });
  return found == std::end(kParts) ? nullptr : found;
}

PartResult measure_part(const Part& part, const PartInput& input) {
  return {std::string(part.name), std::string(part.summary), part.measure(input)};
}

}  // namespace pixmill::measure
