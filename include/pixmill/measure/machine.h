// The machine that a measurement or a bug report comes from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "pixmill/codecs/codec.h"
#include "pixmill/platform/cores.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/devices.h"

namespace pixmill::measure {

struct Processor {
  std::string name;                        // "AMD EPYC 9354 32-Core Processor"; "CPU" where it is unknown
  int physical_cores = 0;                  // online ones, without their second threads
  int logical_cores = 0;                   // online ones
  int affinity_cores = 0;                  // that the scheduler may put this process on
  double quota = 0.0;                      // cores that control groups grant: 1.5; 0: no limit
  int usable_cores = 0;                    // what pixmill uses: the least of the above
  std::vector<std::string> features = {};  // of those that matter to models: "AVX2", "AVX-512", "AMX bf16"
};

struct Memory {
  std::int64_t total_bytes = 0;
  std::int64_t available_bytes = 0;  // without swapping
  std::int64_t limit_bytes = 0;      // of the control groups of this process; 0: none

  std::int64_t usable_bytes() const { return limit_bytes > 0 ? std::min(limit_bytes, total_bytes) : total_bytes; }
};

// A folder that pixmill writes into, existing or to be made.
struct Folder {
  std::string purpose;  // "cache", "state", "output"
  std::filesystem::path path;
  std::int64_t free_bytes = -1;  // for this user, on the disk it lies or would lie on; negative: unknown
  std::string obstacle = {};     // why nothing can be written there; empty when something can
};

struct Machine {
  std::string pixmill_version;
  std::string operating_system;  // "Debian GNU/Linux 12 (bookworm)"
  std::string kernel;            // "Linux 6.1.0 x86_64"
  std::string container;         // "docker", "podman", "kubernetes", ...; empty outside of one
  Processor processor;
  Memory memory;
  std::vector<std::string> gpus = {};
  std::string libvips_version;
  std::vector<codecs::FormatSupport> formats = {};
  std::vector<runtime::BackendStatus> backends = {};
  std::vector<Folder> folders = {};  // cache, state and, where one is named, output
};

// Loads the runtimes and libvips (tens of milliseconds). To find out whether a folder can be written, a file without
// a name is made in it, or in the nearest folder above it that exists. `output`: empty for none.
Machine describe_machine(const platform::Home& home, const std::filesystem::path& output = {});

}  // namespace pixmill::measure
