// The self-test of a libonnxruntime, in a process of its own.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "pixmill/core/error.h"
#include "pixmill/measure/runtimes.h"
#include "pixmill/platform/child.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/runtime/self_test_model.h"
#include "pixmill/runtime/session.h"

namespace pixmill::measure {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kLongest{60};

runtime::BackendStatus onnxruntime() {
  for (runtime::BackendStatus& backend : runtime::backends()) {
    if (backend.name == "onnxruntime") return std::move(backend);
  }
  return {};
}

// The largest difference between what the loaded library computes and the right answer.
double error_of_self_test() {
  const std::string bytes = runtime::self_test_model(runtime::Precision::fp32);
  const auto session = runtime::load_session({"self_test.onnx", std::as_bytes(std::span(bytes)), {}},
                                             {.backend = "onnxruntime", .device = "cpu", .require_device = true});
  const Tensor input = runtime::self_test_input(2);
  const std::vector<Tensor> outputs = session->run({&input, 1});
  const Tensor& got = outputs.front();
  const Tensor right = runtime::self_test_answer(input);
  if (got.shape() != right.shape()) return 1.0;
  double largest = 0.0;
  const std::span<const float> numbers = got.as<float>(), wanted = right.as<float>();
  for (std::size_t i = 0; i < numbers.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(numbers[i]) - wanted[i]));
  return largest;
}

// The last line that is one JSON object: libraries may print before it.
Json last_object(std::string_view text) {
  while (!text.empty()) {
    const std::size_t start = text.find_last_of('\n', text.size() - 2);
    const std::size_t line = start == std::string_view::npos ? 0 : start + 1;
    Json json = Json::parse(text.substr(line), nullptr, false);
    if (json.is_object()) return json;
    text = text.substr(0, line);
  }
  return {};
}

}  // namespace

std::string self_test_loaded_runtime() {
  const runtime::BackendStatus status = onnxruntime();
  if (status.version.empty()) throw Error(ErrorCode::no_device, status.reason, status.remedy);
  const double error = error_of_self_test();
  if (!(error <= runtime::self_test_tolerance(runtime::Precision::fp32)))
    throw Error(ErrorCode::no_device, status.library + " computes wrong results: off by " + std::to_string(error));
  Json json = {{"version", status.version}, {"library", status.library}, {"providers", status.providers}};
  const auto& providers = status.providers;
  if (std::find(providers.begin(), providers.end(), "CUDAExecutionProvider") != providers.end()) {
    const runtime::DeviceStatus cuda = runtime::device_status("cuda");
    json["cuda_reason"] = cuda.reason;
    json["cuda_remedy"] = cuda.remedy;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

RuntimeSelfTest self_test_runtime(const std::filesystem::path& library, const std::atomic<bool>& stop) {
  const platform::ChildOptions options = {
      .stop = &stop, .limit = kLongest, .environment = {{"ONNXRUNTIME_LIB", library.string()}}};
  const platform::ChildResult child =
      platform::run_child({platform::own_program(), "runtimes", std::string(kSelfTestWord)}, options);
  if (child.stopped) throw Error(ErrorCode::interrupted, "stopped while " + library.string() + " was tried");
  const Json json = child.good() ? last_object(child.output) : Json();
  if (!json.is_object()) {
    // The program's error message, or how the library crashed it.
    constexpr std::string_view kComplaint = "pixmill: ";
    const std::size_t at = child.errors.rfind(kComplaint);
    const bool told = child.exit_code != 0 && at != std::string::npos;
    const std::size_t start = told ? at + kComplaint.size() : 0;
    const std::string why = told ? child.errors.substr(start, child.errors.find('\n', start) - start)
                                 : "it crashed the program that tested it: " + platform::ending_of(child, options);
    throw Error(ErrorCode::no_device, library.string() + " cannot be used: " + why,
                "use the libonnxruntime.so of a release for this machine");
  }
  return {json.at("version"), json.at("library").get<std::string>(), json.at("providers"),
          json.value("cuda_reason", ""), json.value("cuda_remedy", "")};
}

}  // namespace pixmill::measure
