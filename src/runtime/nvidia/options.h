// The options that CUDA and TensorRT are given: pure functions of the card and the model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pixmill::runtime {

using ProviderOptions = std::map<std::string, std::string>;

// `card_bytes`: memory of the card; 0: not known, and no limit is set.
ProviderOptions cuda_options(int index, std::size_t card_bytes);

struct TensorRtRequest {
  int index = 0;
  bool fp16 = false;
  std::size_t card_bytes = 0;
  std::string cache_folder = {};         // of built engines; empty: none are kept
  std::string engine = {};               // what this model's engines are called there
  std::string input = {};                // the model's first input where its shape is open, else empty
  std::vector<std::int64_t> shape = {};  // it will have; empty: any
};
ProviderOptions tensorrt_options(const TensorRtRequest& request);

// Ours, with the user's own in place of or beside them.
ProviderOptions overlaid(ProviderOptions ours, const ProviderOptions& users);

// Those whose names start with "trt_" (TensorRT's), or the others (CUDA's).
ProviderOptions tensorrt_part(const ProviderOptions& options, bool tensorrt);

// Parses "a=1;b=2", the form in which ONNX Runtime reports options.
ProviderOptions options_from(std::string_view text);

}  // namespace pixmill::runtime
