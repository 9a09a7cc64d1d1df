// Whether a model takes several pictures at once, and a copy of it that does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pixmill/core/tensor.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/rebatch.h"

namespace pixmill::measure {

// What came out when four pictures were run at once and one by one. Differences are parts of the largest value of an
// output.
struct BatchProof {
  double difference = 0.0, tolerance = 0.0;  // over all outputs and pictures
  std::string why_not;                       // empty: they are equal within the tolerance
};

struct Batchable {
  std::string name;
  ModelSignature signature;
  bool dynamic = false;  // dimension 0 of every input that carries the batch
  // Exactly one of the two is there.
  std::optional<BatchProof> proof;                 // of the file as it is, or of what rebatch() would write
  std::optional<runtime::BatchObstacle> obstacle;  // the node that forbids a batch
  bool works = false;                              // the file as it is takes batches
  bool can_be = false;                             // rebatch() would write one that does
  std::vector<std::string> changes;                // that it would make
};

// `model`: a file or an id. Runs it, on pictures drawn here. Throws Error: not_found, bad_model, and what loading and
// running throw.
Batchable find_batchable(const std::string& model, const platform::Home& home);

struct Rebatched {
  Batchable findings;
  std::filesystem::path card;  // written beside; empty where no card describes the model
  bool written = false;        // false: the file takes batches as it is, or cannot be made to
};

// Writes `out` and, beside it, the model's card with the new file's name and hash. What exists is replaced only with
// `overwrite`, and nothing is written unless the new file gives the same results.
// Throws Error as above; usage, unwritable, disk_full.
Rebatched rebatch(const std::string& model, const std::filesystem::path& out, bool overwrite,
                  const platform::Home& home);

}  // namespace pixmill::measure
