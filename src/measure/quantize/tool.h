// The Python program that quantises, on a model and preprocessed pictures in a folder of its own.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/tensor.h"
#include "pixmill/platform/files.h"

namespace pixmill::measure {

// A layer that can be quantised.
struct QuantizeLayer {
  std::string name;
  double error = 0.0;  // root mean square of the error that it brings by itself, as a share of its output
};

class QuantizeTool {
 public:
  using Progress = std::function<void(std::string_view word, int done, int of)>;

  // Everything is kept in a temporary folder until this goes.
  QuantizeTool(std::filesystem::path python, std::span<const std::byte> model, const std::atomic<bool>& stop);

  void add(const Tensor& input);  // a picture to calibrate on

  // Calibrates; returns the layers, worst first. `progress`: "calibrate" or "errors" with the pictures done.
  // Throws Error: bad_model (with what the program says), interrupted.
  std::vector<QuantizeLayer> prepare(const Progress& progress);

  // The file of the model in int8 but for the `in_float` worst layers; the last one is replaced.
  std::filesystem::path build(int in_float);

 private:
  void run(const std::vector<std::string>& words, const Progress& progress);

  std::filesystem::path python_;
  platform::TemporaryFolder folder_;
  const std::atomic<bool>& stop_;
  int inputs_ = 0;
};

}  // namespace pixmill::measure
