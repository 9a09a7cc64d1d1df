// An int8 variant of a model: calibrated on the user's pictures, its loss and speed measured, added to the store.
//
// Static quantisation in QDQ form by ONNX Runtime's own tools, which run in a Python environment that is made at the
// first call. All layers are quantised at first; where that loses more than the tolerance, as few as possible of the
// layers that err most are left in float. Python gets preprocessed tensors, not pictures; every loss and
// speed is measured here, with the session that a job would use.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pixmill/models/model_store.h"
#include "pixmill/platform/home.h"

namespace pixmill::measure {

// What is being done, for a line of progress.
struct QuantizeStep {
  std::string what;         // "calibrating"
  int done = 0, of = 0;     // 0 of 0: not known
  std::string detail = {};  // a line of the program that works: "Downloading numpy-..."
};

struct QuantizeOptions {
  std::string model;                     // id or path
  std::vector<std::string> calibration;  // files and folders
  // The pictures that the loss is measured on; empty: every third of `calibration`, which is then not used to
  // calibrate.
  std::vector<std::string> check = {};
  std::filesystem::path masks = {};  // true masks of the pictures it is judged by; empty: judged by the float model
  int limit = 48;  // pictures for calibration at most; where `check` is empty, half as many more to judge by
  std::optional<double> tolerance = {};  // of the loss; without: default_tolerance()
  std::optional<int> in_float = {};      // so many layers stay in float; without: as few as the tolerance allows
  double seconds = 4.0;                  // so long each speed is measured
  bool force = false;                    // add it whatever its loss is
  std::string id = {};                   // of the variant; empty: ID-int8
  std::filesystem::path python = {};     // with onnx and onnxruntime; empty: the environment of our own
  const std::atomic<bool>* stop = nullptr;
  std::function<void(const QuantizeStep&)> progress = {};
};

// One candidate that was tried.
struct QuantizeTrial {
  int in_float = 0;
  double loss = 0.0;  // in the backend that loses more
  bool good = false;  // within the tolerance
};

struct QuantizeResult {
  models::ModelCard card;           // of the variant; loss, tolerance and speeds stand in `card.variant`
  bool stored = false;              // false: it loses more than the tolerance, and `force` was not requested
  std::filesystem::path path = {};  // of the weights, where stored
  std::vector<QuantizeTrial> trials = {};
  std::vector<std::string> worst = {};     // the layers that err most by themselves, worst first; at most eight
  std::vector<std::string> notes = {};     // in words: pictures that could not be read, ...
  std::int64_t base_bytes = 0, bytes = 0;  // of the weights' files
};

// What a variant may lose of what `card`'s task is judged by, unless the user says otherwise.
double default_tolerance(const models::ModelCard& card);

// Throws Error: usage (too few pictures, a model that is quantised already, an id that another model has), bad_model
// (no card, or nothing in it that can be quantised), network and not_found (the environment cannot be made),
// interrupted, and what loading the model and reading pictures throws; single damaged pictures are left out.
QuantizeResult quantize(const QuantizeOptions& options, const platform::Home& home);

}  // namespace pixmill::measure
