#include "runtime/onnxruntime/library.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/platform/trusted_path.h"
#include "pixmill/runtime/setup.h"
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

std::vector<RuntimeCandidate> runtime_candidates() {
  if (const char* named = std::getenv("ONNXRUNTIME_LIB"); named != nullptr && *named != '\0')
    return {{named, "ONNXRUNTIME_LIB"}};
  std::vector<RuntimeCandidate> candidates;
  for (const char* folder : {"/", "/../lib/pixmill/"}) {
    // The file that a link names: providers lie beside that one.
    const std::string library = folder_of_program() + folder + "libonnxruntime.so.1";
    std::error_code missing;
    const std::filesystem::path file = std::filesystem::canonical(library, missing);
    candidates.push_back({missing ? library : file.string(), "built in"});
  }
  candidates.push_back({"libonnxruntime.so.1", "system"});
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
    return {api, version, library_holding(reinterpret_cast<const void*>(base_of)), candidate};
  }
  throw Error(ErrorCode::no_device, "ONNX Runtime was not found (" + tried + ")", kHint);
}

namespace {

struct Found {
  OpenedRuntime opened;
  std::string origin;
  std::string warning;
};

// The one that was chosen, else the first of the candidates. ONNXRUNTIME_LIB overrules the choice.
Found find_runtime() {
  const std::vector<RuntimeCandidate> candidates = runtime_candidates();
  const std::string chosen = current_setup().onnxruntime.string();
  std::string warning;
  if (!chosen.empty() && candidates.front().origin != "ONNXRUNTIME_LIB") {
    try {
      platform::require_trusted(chosen);
      return {open_runtime({chosen}), "chosen", {}};
    } catch (const Error& error) {
      warning = "the ONNX Runtime that was chosen cannot be used: " + error.message() + "; " +
                (error.hint().empty() ? "" : error.hint() + "; ") + "`pixmill runtimes use` chooses";
    }
  }
  std::vector<std::string> libraries;
  for (const RuntimeCandidate& candidate : candidates) libraries.push_back(candidate.library);
  OpenedRuntime opened = open_runtime(libraries);
  const auto origin = std::find_if(candidates.begin(), candidates.end(), [&](const RuntimeCandidate& candidate) {
    return candidate.library == opened.candidate;
  });
  return {std::move(opened), origin->origin, warning};
}

}  // namespace

const OnnxRuntime& OnnxRuntime::get() {
  struct Outcome {
    std::unique_ptr<OnnxRuntime> runtime;
    std::optional<Error> error;
  };
  static const Outcome* const outcome = [] {
    auto result = std::make_unique<Outcome>();
    try {
      forbid_telemetry();
      Found found = find_runtime();
      result->runtime.reset(
          new OnnxRuntime(std::move(found.opened), std::move(found.origin), std::move(found.warning)));
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

OnnxRuntime::OnnxRuntime(OpenedRuntime opened, std::string origin, std::string warning)
    : opened_(std::move(opened)), origin_(std::move(origin)), warning_(std::move(warning)), env_(nullptr) {
  Ort::InitApi(opened_.api);
  env_ = Ort::Env(ORT_LOGGING_LEVEL_ERROR, "pixmill", on_log, nullptr);
  env_.DisableTelemetryEvents();
  providers_ = Ort::GetAvailableProviders();
}

bool OnnxRuntime::has_provider(std::string_view name) const {
  return std::find(providers_.begin(), providers_.end(), name) != providers_.end();
}

std::filesystem::path OnnxRuntime::beside(const char* name) const {
  return std::filesystem::path(path()).parent_path() / name;
}

std::filesystem::path OnnxRuntime::below(const std::string& name) const {
  return beside("libraries") / name;
}

void OnnxRuntime::preload_libraries() const {
  // What another needs stands before it. cuDNN finds its own parts, which lie beside it, when it wants them.
  constexpr std::array<const char*, 9> kOrder = {"libcudart.so.13", "libnvJitLink.so.13", "libnvrtc-builtins.so.13.0",
                                                 "libnvrtc.so.13",  "libcublasLt.so.13",  "libcublas.so.13",
                                                 "libcufft.so.12",  "libcurand.so.10",    "libcudnn.so.9"};
  static const bool done = [&] {
    if (std::error_code none; std::filesystem::exists(beside("libraries"), none))
      platform::require_trusted(beside("libraries"));
    for (const char* name : kOrder) dlopen(below(name).c_str(), RTLD_LAZY | RTLD_LOCAL);
    return true;
  }();
  (void)done;
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
