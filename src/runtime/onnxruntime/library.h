// ONNX Runtime, found and loaded at run time. The only way into its API.
#pragma once

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>
#undef ORT_API_MANUAL_INIT

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pixmill::runtime {

// A library file that is ONNX Runtime and new enough.
struct OpenedRuntime {
  const OrtApi* api = nullptr;
  std::string version;  // "1.31.1"
  std::string path;
  std::string candidate;  // the one that it was opened as
};

// The first of `candidates` (paths, or names for the loader) that can be opened. Throws Error{no_device}: none can be
// (names all that were tried), or the first that can is another library or too old.
OpenedRuntime open_runtime(const std::vector<std::string>& candidates);

struct RuntimeCandidate {
  std::string library;  // a path, or a name for the loader
  std::string origin;   // who names it, as in BackendStatus
};

// Where ONNX Runtime is looked for, in this order: beside the program, in ../lib/pixmill, by the loader.
// ONNXRUNTIME_LIB, when set, stands alone: who names a file wants that one.
std::vector<RuntimeCandidate> runtime_candidates();

// The process's one ONNX Runtime. Stays loaded until the end: its threads and statics do not survive unloading.
class OnnxRuntime {
 public:
  // Loads on the first call; thread-safe. Throws Error{no_device}, again on every call.
  static const OnnxRuntime& get();

  const Ort::Env& env() const { return env_; }
  const std::string& version() const { return opened_.version; }
  const std::string& path() const { return opened_.path; }
  const std::string& origin() const { return origin_; }
  const std::string& warning() const { return warning_; }  // why not the one that Setup prefers
  const std::vector<std::string>& providers() const { return providers_; }
  bool has_provider(std::string_view name) const;  // built in or beside the library

  // The file of that name in the folder of the library, or, for what its providers need, in "libraries" below it.
  std::filesystem::path beside(const char* name) const;
  std::filesystem::path below(const std::string& name) const;

  // Opens what lies in "libraries", so that providers find it: CUDA is looked up by name alone. Once; thread-safe.
  void preload_libraries() const;

 private:
  OnnxRuntime(OpenedRuntime opened, std::string origin, std::string warning);

  OpenedRuntime opened_;
  std::string origin_, warning_;
  Ort::Env env_;
  std::vector<std::string> providers_;
};

// While it lives, what ONNX Runtime logs on this thread is read instead of being lost: nothing of it is ever printed.
class LogReader {
 public:
  LogReader();
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  const std::map<std::string, int>& placement() const { return placement_; }  // nodes by provider
  const std::string& errors() const { return errors_; }                       // one a line

  void read(OrtLoggingLevel severity, std::string_view message);

 private:
  std::map<std::string, int> placement_;
  std::string errors_;
  LogReader* outer_;
};

}  // namespace pixmill::runtime
