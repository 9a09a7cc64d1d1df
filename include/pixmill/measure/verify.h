// Whether every way to run a model here gives the results of the baseline: full precision, one picture at a time, on
// the CPU, through ONNX Runtime.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/measure/subject.h"
#include "pixmill/models/model_card.h"
#include "pixmill/runtime/session.h"

namespace pixmill::measure {

enum class Verdict {
  reference,  // the baseline
  good,       // within the tolerance of the task
  differs,    // finite, and further off than the tolerance
  broken,     // not a number, infinite, one result for all pictures, or an error
  unable,     // the model cannot be loaded that way
};
std::string_view name_of(Verdict verdict);

// One way to run the model, and its results.
struct Check {
  std::string device, backend;
  runtime::Precision precision = runtime::Precision::fp32;  // that really ran
  bool reduced = false;                                     // not the file's own precision: the card has to allow it
  int batch = 1;
  int streams = 1;
  int pictures = 0;
  double max_error = 0.0, mean_error = 0.0;    // of mattes and pictures (0..1), else of the raw numbers
  double mean_score = 0.0, worst_score = 0.0;  // by the task's own metric, over the pictures
  std::optional<double> truth;                 // mean IoU with the true masks, where there are any
  Verdict verdict = Verdict::good;
  std::string why;          // what is wrong: the number, and the tolerance it misses
  bool chosen = false;      // `auto` may take it
  bool companions = false;  // the error comes from the other pictures of the batch
};

struct Findings {
  std::string model;  // id or path
  std::string task;
  std::string metric, unit;                                                     // "PSNR", "dB"
  double mean_score_wanted = 0, worst_score_wanted = 0, mean_error_wanted = 0;  // 0: no limit
  std::vector<Check> checks;
  std::vector<std::string> notes;  // what could not be tried, and why; in words
  models::RuntimeSpec advised;     // what the card should say of batch, deny and precision

  bool drawn = false;  // the pictures are generated: enough to find what is broken,
                       // not to judge precisions by

  bool good() const;  // nothing that `auto` may take is wrong
};

struct VerifyOptions {
  std::string device = "auto";    // auto: each that is there
  std::string backend = "auto";   // auto: each that is there
  bool drawn = false;             // the subject's pictures are generated
  int side_by_side = 8;           // so many of the pictures are tried in batches and in streams too
  std::vector<Image> masks = {};  // true masks of the subject's pictures (1 channel, u8); empty: none
  const std::atomic<bool>* stop = nullptr;
  std::function<void(const Check& next)> progress = {};  // before each check
  // Loads a model; tests put theirs here.
  std::function<std::shared_ptr<runtime::Session>(const runtime::ModelSource&, const runtime::SessionOptions&)> load =
      runtime::load_session;
};

// Throws Error: no_device and usage for a device or backend that is not available, interrupted, and what running the
// reference throws. Whatever goes wrong elsewhere is a verdict.
Findings verify(const Subject& subject, const VerifyOptions& options);

}  // namespace pixmill::measure
