// Parts of the program measured on their own: what a picture costs beside the model.
#pragma once

#include <atomic>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/measure/timing.h"
#include "pixmill/pipeline/job.h"

namespace pixmill::measure {

// One thing that was measured.
struct PartRow {
  std::string name;  // "8400 boxes", "decode, 2 threads"
  Statistics ms;     // of one run over all of it
  double items = 1;  // pictures, files, boxes that one run works on
  std::string item;  // what they are, in the plural: "boxes"
  // The row that it is compared with, and how many times faster it is; empty: none.
  std::string beside = {};
  double times_faster = 0;

  double rate() const { return ms.median > 0 ? 1000.0 * items / ms.median : 0.0; }  // items a second
};

struct PartResult {
  std::string name;
  std::string summary;
  std::vector<PartRow> rows;
};

struct PartInput {
  const pipeline::InputSpec& inputs;                   // of the user
  const std::vector<std::filesystem::path>& pictures;  // that were found there
  const std::filesystem::path& scratch;                // an empty folder
  double seconds = 0.2;                                // that each row is measured at least
  const std::atomic<bool>& stop;
};

struct Part {
  std::string_view name;
  std::string_view summary;
  bool reads_pictures = true;
  // Throws Error: what reading the pictures throws.
  std::vector<PartRow> (*measure)(const PartInput& input) = nullptr;
};

std::span<const Part> parts();

// Null where there is none of that name.
const Part* find_part(std::string_view name);

PartResult measure_part(const Part& part, const PartInput& input);

}  // namespace pixmill::measure
