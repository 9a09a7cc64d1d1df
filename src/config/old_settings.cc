#include "pixmill/config/old_settings.h"

namespace pixmill::config {
namespace {

constexpr std::string_view kReadAhead = "pictures are always read ahead, as many as --memory holds";
constexpr std::string_view kFilter = "a rule says it: pixmill filter photos/ --where 'person >= 2'";
constexpr std::string_view kCuda = "chosen from the GPU's memory; --verbose shows what the runtime uses";
constexpr std::string_view kTensorRt = "taken only where the device is tensorrt; --precision auto chooses elsewhere";
constexpr std::string_view kPt =
    "needs PyTorch; export the model (yolo export model=FILE.pt format=onnx) and name the .onnx file with --model";
constexpr std::string_view kWarmUp = "loaded models are warmed up where that pays";
constexpr std::string_view kGraph = "graphs are always optimised fully";
constexpr std::string_view kTiles =
    "upscale and denoise measure which tiles are fastest; their --tile and --overlap set them";
constexpr std::string_view kOutput = "belongs to one run: -o DIR";
constexpr std::string_view kCard = "the model's card sets it";
constexpr std::string_view kBatchBound = "batch auto stays within the memory by itself; batch sets a fixed one";

std::vector<OldSetting> make_table() {
  const OldValue as_device{.ours = {{"device", "{}"}}};
  const std::vector<OldValue> devices = {{"gpu", {{"device", "auto"}}},
                                         {"mps", {{"device", "coreml"}}},
                                         {"CPUExecutionProvider", {{"device", "cpu"}}},
                                         {"CUDAExecutionProvider", {{"device", "cuda"}}},
                                         {"TensorrtExecutionProvider", {{"device", "tensorrt"}}},
                                         {"DmlExecutionProvider", {{"device", "directml"}}},
                                         as_device};
  const std::vector<OldValue> jobs = {{"0", {{"jobs", "auto"}}}, {.ours = {{"jobs", "{}"}}}};
  return {
      // Where and how.
      {"preferred_backend",
       {{"auto", {{"backend", "auto"}, {"device", "auto"}}},
        {"onnx-gpu", {{"backend", "onnxruntime"}, {"device", "cuda"}}},
        {"onnx-cpu", {{"backend", "onnxruntime"}, {"device", "cpu"}}},
        {"cv2.dnn", {{"backend", "opencv"}, {"device", "cpu"}}},
        {"tensorrt", {{"backend", "onnxruntime"}, {"device", "tensorrt"}}},
        {"openvino", {{"backend", "openvino"}}},
        {.value = "ultralytics", .because = kPt}}},
      {"execution_provider", devices},
      {"provider", devices},
      {"device", devices},
      {"use_gpu", {{"true", {{"device", "auto"}}}, {"false", {{"device", "cpu"}}}}},
      {"tensorrt_enabled",
       {{.value = "true", .because = "--device auto takes TensorRT by itself where an engine is ready"},
        {.value = "false",
         .because = "TensorRT is taken only where an engine is ready; --device cuda never takes it"}}},
      {"tensorrt_int8",
       {{"true", {{"precision", "int8"}}, kTensorRt, "tensorrt"}, {.because = "precision auto stays as it is"}}},
      {"tensorrt_fp16",
       {{"true", {{"precision", "fp16"}}, kTensorRt, "tensorrt"},
        {"false", {{"precision", "fp32"}}, kTensorRt, "tensorrt"}}},
      {"tensorrt_workspace_gb", {{.because = kCuda}}},
      {"model_path", {{.ours = {{"model", "{}"}}}}},
      {"graph_optimization_level", {{.because = kGraph}}},
      {"warmup", {{.because = kWarmUp}}},
      {"gpu_mem_limit", {{.because = kCuda}}},
      {"arena_extend_strategy", {{.because = kCuda}}},
      {"cudnn_conv_algo_search", {{.because = kCuda}}},
      {"cudnn_conv_use_max_workspace", {{.because = kCuda}}},
      {"cudnn_conv1d_pad_to_nc1d", {{.because = kCuda}}},
      // How many at once.
      {"batch_size", {{.ours = {{"batch", "{}"}}}}},
      {"max_batch_size", {{.because = kBatchBound}}},
      {"initial_batch_size", {{.because = kBatchBound}}},
      {"num_worker_threads", jobs},
      {"max_workers", jobs},
      {"num_threads", jobs},
      {"io_threads", jobs},
      {"intra_op_num_threads", {{.because = "threads of one inference follow from jobs, threads and the cores"}}},
      {"inter_op_num_threads", {{.because = "inferences run side by side instead; see jobs"}}},
      {"max_memory_gb", {{.ours = {{"memory", "{}G"}}}}},
      {"chunk_size", {{.because = "pictures are never all in memory; see --memory"}}},
      // What is kept.
      {"enable_result_caching",
       {{.value = "true", .because = "results are cached unless cache is off"}, {"false", {{"cache", "off"}}}}},
      {"cache_persistence",
       {{.value = "true", .because = "the cache of results lies on disk anyway"}, {"false", {{"cache", "off"}}}}},
      {"image_cache_size_mb", {{"0", {{"cache", "off"}}}, {.ours = {{"cache", "{}M"}}}}},
      {"enable_caching",
       {{.value = "true", .because = "a loaded model is kept while the program runs unless session-cache is off"},
        {"false", {{"session-cache", "off"}}}}},
      {"preload_enabled", {{.because = kReadAhead}}},
      {"preload_count", {{.because = kReadAhead}}},
      // What other jobs of those programs do.
      {"selected_classes", {{.because = kFilter}}},
      {"count_mode", {{.because = kFilter}}},
      {"count_value", {{.because = kFilter}}},
      {"last_export_dir", {{.because = kOutput}}},
      {"output_folder", {{.because = kOutput}}},
      {"mask_dilation_pixels",
       {{.because = "masks are grown by pixmill mask --dilate; cutout does not widen its matte"}}},
      {"confidence_threshold",
       {{.because = "detect and its like have --confidence; cutout's --threshold is the hard edge of a matte"}}},
      {"tile_size", {{.because = kTiles}}},
      {"overlap", {{.because = kTiles}}},
      {"target_size", {{.because = kCard}}},
      {"max_image_size", {{.because = kCard}}},
      {"show_progress", {{"true", {{"no-progress", "false"}}}, {"false", {{"no-progress", "true"}}}}},
  };
}

}  // namespace

std::span<const OldSetting> old_settings() {
  static const std::vector<OldSetting> table = make_table();
  return table;
}

}  // namespace pixmill::config
