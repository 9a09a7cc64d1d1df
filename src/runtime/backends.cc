#include "runtime/backends.h"
#include "runtime/hardware.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "runtime/names.h"

namespace pixmill::runtime {
namespace {

// Vendors wrap what happened in source positions and line breaks: the words without them, cut to a readable length.
std::string shortened(std::string_view words) {
  constexpr std::size_t kLongest = 300;
  std::string text;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find('\n'), words.size());
    std::string_view line = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (line.starts_with("Exception from ") || line.starts_with("Check '")) continue;
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.front()))) line.remove_prefix(1);
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.remove_suffix(1);
    if (!line.empty()) add_to(text, line, " ");
  }
  // "/onnxruntime_src/file.h:46 void function(int) What is wrong."
  for (std::size_t at; (at = text.find("/onnxruntime_src/")) != std::string::npos;) {
    const std::size_t end = text.find(") ", at);
    text.erase(at, end == std::string::npos ? end : end + 2 - at);
  }
  if (text.size() > kLongest) text = text.substr(0, kLongest) + " ...";
  return text.empty() ? "no reason was given" : text;
}

bool mentions_memory(std::string_view words) {
  constexpr std::array<std::string_view, 8> kSigns = {
      "bad_alloc",     "Failed to allocate memory", "out of memory",    "Out of memory", "CUDNN_STATUS_ALLOC_FAILED",
      "OUT_OF_MEMORY", "Available memory of",       "std::length_error"};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [&](std::string_view sign) { return words.find(sign) != std::string_view::npos; });
}

}  // namespace

std::span<const Backend> known_backends() {
  static const auto backends = std::to_array<Backend>({
      kOnnxRuntimeBackend,
#ifdef PIXMILL_WITH_OPENVINO
      kOpenVinoBackend,
#endif
      kOpenCvBackend,
      kLibTorchBackend,
  });
  return backends;
}

const Backend* find_backend(std::string_view name) {
  const auto backends = known_backends();
  const auto found =
      std::find_if(backends.begin(), backends.end(), [&](const Backend& row) { return row.name == name; });
  return found == backends.end() ? nullptr : &*found;
}

BackendStatus backend_status(std::string_view name) {
  const Backend* backend = find_backend(name);
  return backend == nullptr ? BackendStatus{.name = std::string(name)} : backend->status();
}

std::vector<BackendStatus> backends() {
  std::vector<BackendStatus> all;
  for (const Backend& backend : known_backends()) all.push_back(backend.status());
  return all;
}

std::string backend_versions() {
  std::string text;
  for (const Backend& backend : known_backends()) {
    if (backend.on_request) continue;
    if (const std::string version = backend.status().version; !version.empty())
      text.append("; ").append(backend.name).append(" ").append(version);
  }
  return text;
}

std::string machine_text() {
  std::string text = cpu_title() + ";";
  for (const Precision precision : cpu_precisions()) text += " " + std::string(name_of(precision));
  if (const std::string gpu = nvidia_title(); !gpu.empty()) text += "; " + gpu;
  return text + backend_versions();
}

std::string device_name(const Provider& provider, const Placement& placement) {
  std::string name(provider.name == "CPU" ? "cpu" : provider.id);
  if (placement.index > 0) add_to(name, std::to_string(placement.index), ":");
  return name;
}

SessionInfo described(const LoadRequest& request, std::vector<std::string> warnings) {
  const BackendStatus status = find_backend(request.provider.backend)->status();
  SessionInfo info;
  info.backend = status.name;
  info.backend_version = status.version;
  info.device = device_name(request.provider, request.placement);
  info.streams = request.placement.streams;
  info.threads = request.placement.threads;
  info.warnings = std::move(warnings);
  return info;
}

void warn_of_precision(SessionInfo& info, Precision asked) {
  if (asked == info.precision || info.precision == Precision::int8) return;  // a quantised model is what it is
  const std::string why =
      asked == Precision::int8 ? "the model is not quantised" : info.backend + " supports nothing else here";
  info.warnings.push_back(std::string(name_of(asked)) + " was requested, the model runs in " +
                          std::string(name_of(info.precision)) + ": " + why);
}

Error vendor_error(ErrorCode code, const std::string& doing, std::string_view words) {
  if (mentions_memory(words)) {
    return {ErrorCode::out_of_memory, doing + ": not enough memory (" + shortened(words) + ")",
            "use fewer streams, a smaller batch or a smaller model"};
  }
  return {code, doing + ": " + shortened(words)};
}

Error load_error(const LoadRequest& request, std::string_view vendor, std::string_view words) {
  Error error = vendor_error(ErrorCode::bad_model, std::string(vendor) + " cannot load " + request.model.name, words);
  if (error.code() != ErrorCode::bad_model) return error;
  return {error.code(), error.message(),
          "export the model again with standard operators and a common opset, such as 17 (this one's is " +
              std::to_string(request.file.opset) + ")"};
}

}  // namespace pixmill::runtime
