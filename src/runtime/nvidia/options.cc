#include "runtime/nvidia/options.h"

#include <algorithm>

#include "runtime/names.h"

namespace pixmill::runtime {
namespace {

constexpr std::size_t kGiB = std::size_t{1} << 30;

// What stays free beside the arena: the CUDA context and the workspaces of cuDNN and cuBLAS, and a screen perhaps.
std::size_t arena_limit(std::size_t card_bytes) {
  return card_bytes - std::min(card_bytes / 2, std::max(kGiB, card_bytes / 8));
}

std::string profile(const std::string& input, std::vector<std::int64_t> shape, std::int64_t batch) {
  shape.front() = batch;
  std::string extents;
  for (const std::int64_t extent : shape) add_to(extents, std::to_string(extent), "x");
  return input + ":" + extents;
}

}  // namespace

ProviderOptions cuda_options(int index, std::size_t card_bytes) {
  ProviderOptions options = {
      {"device_id", std::to_string(index)},
      {"arena_extend_strategy", "kSameAsRequested"},  // the default doubles, and holds unused memory
      {"cudnn_conv_algo_search", "HEURISTIC"},        // the exhaustive default takes seconds for every new shape
      {"cudnn_conv_use_max_workspace", "1"},          // the faster algorithms need workspace
      {"cudnn_conv1d_pad_to_nc1d", "1"},
      {"do_copy_in_default_stream", "1"},  // in order with the computing; a stream of its own may race
      {"use_tf32", "0"}};                  // fp32 means fp32
  if (card_bytes > 0) options["gpu_mem_limit"] = std::to_string(arena_limit(card_bytes));
  return options;
}

ProviderOptions tensorrt_options(const TensorRtRequest& request) {
  ProviderOptions options = {{"device_id", std::to_string(request.index)},
                             {"trt_fp16_enable", request.fp16 ? "1" : "0"},
                             {"trt_int8_enable", "0"}};  // it would need a calibration table
  if (request.card_bytes > 0)
    options["trt_max_workspace_size"] = std::to_string(std::max(kGiB, request.card_bytes / 4));
  if (!request.cache_folder.empty()) {
    // ONNX Runtime names engines by the graph's shape alone: without a prefix, models of one architecture share theirs.
    options.merge(ProviderOptions{{"trt_engine_cache_enable", "1"},
                                  {"trt_engine_cache_path", request.cache_folder},
                                  {"trt_engine_cache_prefix", request.engine},
                                  {"trt_timing_cache_enable", "1"},
                                  {"trt_timing_cache_path", request.cache_folder}});
  }
  // One engine for every batch up to the one that will mostly come; without these the engine is rebuilt for each.
  if (!request.input.empty() && !request.shape.empty()) {
    const std::string most = profile(request.input, request.shape, request.shape.front());
    options["trt_profile_min_shapes"] = profile(request.input, request.shape, 1);
    options["trt_profile_opt_shapes"] = most;
    options["trt_profile_max_shapes"] = most;
  }
  return options;
}

ProviderOptions overlaid(ProviderOptions ours, const ProviderOptions& users) {
  for (const auto& [key, value] : users) ours[key] = value;
  return ours;
}

ProviderOptions tensorrt_part(const ProviderOptions& options, bool tensorrt) {
  ProviderOptions part;
  for (const auto& [key, value] : options) {
    if (key.starts_with("trt_") == tensorrt) part.emplace(key, value);
  }
  return part;
}

ProviderOptions options_from(std::string_view text) {
  ProviderOptions options;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) options.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return options;
}

}  // namespace pixmill::runtime
