// The ONNX Runtimes that a user added: fetched by name, or files of their own; and which one is in use.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/platform/home.h"

namespace pixmill::measure {

struct AddedRuntime {
  std::string name;               // "cuda-1.31.1"
  std::string version;            // "1.31.1"
  std::filesystem::path library;  // libonnxruntime
  std::vector<std::string> providers;
  bool fetched = false;    // by pixmill; else a file of the user's that stays where it is
  bool libraries = false;  // with what its providers need
  bool in_use = false;
};

// What fetching brings and costs.
struct FetchPlan {
  std::string name;           // that it will have: "cuda-1.31.1"
  std::string title;          // "ONNX Runtime 1.31.1 for NVIDIA GPUs"
  std::int64_t to_fetch = 0;  // bytes; 0: all is here
  std::int64_t on_disk = 0;   // bytes that unpacking adds
};

// Told now and then; `done` and `total` in bytes.
using FetchProgress = std::function<void(std::int64_t done, std::int64_t total)>;

// What a library was found to be, in a process of its own.
struct RuntimeSelfTest {
  std::string version;
  std::filesystem::path library;
  std::vector<std::string> providers;
  std::string cuda_reason;  // why CUDA cannot be used with it here, and what would help; empty where it can, or where
  std::string cuda_remedy;  // the library has none
};

// Below home.data: a folder for each, and the name of the one in use. Whole or not at all, and one process at a time.
class RuntimeStore {
 public:
  explicit RuntimeStore(const platform::Home& home);

  std::vector<AddedRuntime> list() const;

  // Throws Error{usage} with the nearest known name.
  AddedRuntime find(std::string_view name) const;

  // The libonnxruntime in use; empty: the built-in one. Names a file that does not exist where the chosen one is
  // damaged.
  std::filesystem::path chosen() const;

  // By name; "built-in" goes back to the one that pixmill was built with. Throws Error{usage, unwritable}.
  void use(std::string_view name);

  // Of a fetched one all that was fetched, of a user's own file only the note of it.
  void remove(std::string_view name);

  // A file of the user's, tested before it is recorded. `name`: that it gets; empty: "own-VERSION".
  // Throws Error: no_device (no ONNX Runtime, too old, crashes, gives wrong answers), usage, unwritable.
  AddedRuntime add_file(const std::filesystem::path& library, const std::string& name, const std::atomic<bool>& stop);

  // Throws Error{usage} for a name that cannot be fetched, Error{unsupported} on another machine than x86-64 Linux.
  FetchPlan plan_fetch(std::string_view package, bool with_libraries) const;

  // Fetches what is missing, by pip, against pinned hashes; unpacks and tests it. Files that were complete before an
  // error stay in the cache and are not fetched again. Throws Error: network, corrupt (another hash), disk_full,
  // not_found (no Python, no pip), no_device, unwritable, interrupted.
  AddedRuntime fetch(std::string_view package, bool with_libraries, const FetchProgress& progress,
                     const std::atomic<bool>& stop);

 private:
  std::filesystem::path folder_;  // home.data / "runtimes"
  std::filesystem::path wheels_;  // home.cache / "wheels"
};

// The names that fetch() knows.
std::vector<std::string> fetchable_runtimes();

// Tests the library in a new process of this program, so that a crash does no harm. Throws Error: no_device,
// interrupted.
RuntimeSelfTest self_test_runtime(const std::filesystem::path& library, const std::atomic<bool>& stop);

// What the program does when it is run so: loads a small network, checks the answer, and returns one line of JSON.
// Throws Error{no_device}.
std::string self_test_loaded_runtime();

// The subcommand of `pixmill runtimes` that does this.
inline constexpr std::string_view kSelfTestWord = "self-test";

}  // namespace pixmill::measure
