#include "runtime/onnxruntime_library.h"

#include <dlfcn.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>

#include "pixmill/core/error.h"
#include "runtime/hardware.h"
#include "runtime/names.h"

namespace pixmill::runtime {
namespace {

constexpr const char* kHint = "run scripts/setup.sh, install libonnxruntime, or set ONNXRUNTIME_LIB to its file";

thread_local LogReader* current_reader = nullptr;

void ORT_API_CALL on_log(void*, OrtLoggingLevel severity, const char*, const char*, const char*, const char* message) {
  if (current_reader != nullptr && message != nullptr) current_reader->read(severity, message);
}

// Official builds for Linux and macOS report home from 1.29 on: creating the environment already starts a thread,
// writes an identifier into the user's cache folder and sends an event. Only this variable, read at that moment,
// prevents it.
void forbid_telemetry() {
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
}

}  // namespace

std::vector<std::string> runtime_candidates() {
  if (const char* named = std::getenv("ONNXRUNTIME_LIB"); named != nullptr && *named != '\0') return {named};
  std::vector<std::string> candidates;
#ifdef PIXMILL_ONNXRUNTIME_LIB
  candidates.emplace_back(PIXMILL_ONNXRUNTIME_LIB);
#endif
  const std::string program = folder_of_program();
  candidates.push_back(program + "/libonnxruntime.so.1");
  candidates.push_back(program + "/../lib/pixmill/libonnxruntime.so.1");
  candidates.emplace_back("libonnxruntime.so.1");
  return candidates;
}

OpenedRuntime open_runtime(const std::vector<std::string>& candidates) {
  std::string tried;
  for (const std::string& candidate : candidates) {
    void* library = dlopen(candidate.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) {
      // The loader's words name the file that failed, which may be one that the library needs.
      add_to(tried, dlerror());
      continue;
    }
    const auto base_of = reinterpret_cast<const OrtApiBase* (*)()>(dlsym(library, "OrtGetApiBase"));
    if (base_of == nullptr) {
      dlclose(library);
      throw Error(ErrorCode::no_device, candidate + " is not ONNX Runtime: it has no OrtGetApiBase", kHint);
    }
    const OrtApiBase* base = base_of();
    const std::string version = base->GetVersionString();
    // An old library answers with a null pointer and prints a line of its own, so its version is asked first.
    unsigned minor = 0;
    if (version.starts_with("1.")) std::from_chars(version.data() + 2, version.data() + version.size(), minor);
    const bool recent = !version.starts_with("1.") || minor >= ORT_API_VERSION;
    const OrtApi* api = recent ? base->GetApi(ORT_API_VERSION) : nullptr;
    if (api == nullptr) {
      throw Error(ErrorCode::no_device,
                  candidate + " is ONNX Runtime " + version + "; pixmill needs 1." + std::to_string(ORT_API_VERSION) +
                      " or later",
                  kHint);
    }
    return {api, version, library_holding(reinterpret_cast<const void*>(base_of))};
  }
  throw Error(ErrorCode::no_device, "ONNX Runtime was not found (" + tried + ")", kHint);
}

const OnnxRuntime& OnnxRuntime::get() {
  struct Outcome {
    std::unique_ptr<OnnxRuntime> runtime;
    std::optional<Error> error;
  };
  static const Outcome* const outcome = [] {
    auto result = std::make_unique<Outcome>();
    try {
      forbid_telemetry();
      result->runtime.reset(new OnnxRuntime(open_runtime(runtime_candidates())));
    } catch (const Error& error) {
      result->error = error;
    } catch (const Ort::Exception& error) {
      result->error = Error(ErrorCode::no_device, std::string("ONNX Runtime does not start: ") + error.what(), kHint);
    }
    return result.release();  // never destroyed, see the class
  }();
  if (outcome->error) throw Error(*outcome->error);
  return *outcome->runtime;
}

OnnxRuntime::OnnxRuntime(OpenedRuntime opened) : opened_(std::move(opened)), env_(nullptr) {
  Ort::InitApi(opened_.api);
  env_ = Ort::Env(ORT_LOGGING_LEVEL_ERROR, "pixmill", on_log, nullptr);
  env_.DisableTelemetryEvents();
  providers_ = Ort::GetAvailableProviders();
}

bool OnnxRuntime::has_provider(std::string_view name) const {
  return std::find(providers_.begin(), providers_.end(), name) != providers_.end();
}

LogReader::LogReader() : outer_(current_reader) {
  current_reader = this;
}

LogReader::~LogReader() {
  current_reader = outer_;
}

void LogReader::read(OrtLoggingLevel severity, std::string_view message) {
  if (severity >= ORT_LOGGING_LEVEL_ERROR) {
    add_to(errors_, message, "\n");
    return;
  }
  // " All nodes placed on [NAME]. Number of nodes: 112" or " Node(s) placed on [NAME]. Number of nodes: 12"
  constexpr std::string_view kPlaced = "placed on [";
  constexpr std::string_view kCount = "]. Number of nodes: ";
  const std::size_t placed = message.find(kPlaced);
  const std::size_t count = message.find(kCount);
  if (placed == std::string_view::npos || count == std::string_view::npos || count < placed) return;
  const std::size_t name = placed + kPlaced.size();
  int nodes = 0;
  std::from_chars(message.data() + count + kCount.size(), message.data() + message.size(), nodes);
  placement_[std::string(message.substr(name, count - name))] += nodes;
}

}  // namespace pixmill::runtime
