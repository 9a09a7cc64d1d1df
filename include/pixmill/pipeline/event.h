// What a job tells while it runs. The terminal, --json, the report and a server are printers of this one stream.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/image.h"
#include "pixmill/runtime/session.h"

namespace pixmill::pipeline {

enum class Stage { read, decode, prepare, infer, finish, encode, write };
constexpr std::size_t kStages = 7;
std::string_view name_of(Stage stage);

// Milliseconds that each stage took, by Stage.
using StageTimes = std::array<double, kStages>;

// The job is about to read its first picture. What really ran follows in Ended: a resumed job may never load a model.
struct Began {
  std::string job;
  std::string model;
  std::int64_t total = 0;             // pictures found
  runtime::SessionInfo session = {};  // as planned
  bool dry_run = false;
};

// What --dry-run says of one input.
struct Planned {
  std::filesystem::path input;
  std::vector<std::filesystem::path> outputs;
  std::string action;  // "write", "skip", "refuse"
  std::string reason;
};

struct Done {
  std::filesystem::path input;
  std::vector<std::filesystem::path> outputs;
  Size size;  // of the photo
  StageTimes times{};
};

// Made before by the same content, model and settings.
struct Skipped {
  std::filesystem::path input;
  std::vector<std::filesystem::path> outputs;
};

struct Failed {
  std::filesystem::path input;
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string hint;
};

struct Warning {
  std::string message;
};

struct Progress {
  std::int64_t total = 0, done = 0, skipped = 0, failed = 0;
  double elapsed_s = 0.0;
  double rate = 0.0;              // pictures a second, lately
  double eta_s = -1.0;            // negative: not known yet
  std::filesystem::path current;  // the last one that went into work

  double percentage() const {
    return total == 0 ? 100.0 : 100.0 * static_cast<double>(done + skipped + failed) / static_cast<double>(total);
  }
};

// The end of every job, however it came about.
struct Ended {
  std::int64_t total = 0, done = 0, skipped = 0, failed = 0;
  bool interrupted = false;
  std::string stopped_because;  // in words, when the job gave up before its last picture: "the disk is full: ..."
  double elapsed_s = 0.0;
  double rate = 0.0;   // done / elapsed
  StageTimes times{};  // sums over all pictures and workers
  int workers = 0;
  int batch = 1;
  runtime::SessionInfo session;  // backend empty when no model was loaded
  std::string model;
  std::string model_hash;
  std::int64_t peak_memory_bytes = 0;
  std::string bottleneck;  // in words
  std::vector<std::string> warnings;

  // Of what was tried: done and skipped, in percent; 100 for nothing.
  double success_rate() const {
    const auto tried = static_cast<double>(done + skipped + failed);
    return tried == 0 ? 100.0 : 100.0 * static_cast<double>(done + skipped) / tried;
  }
};

using Event = std::variant<Began, Planned, Done, Skipped, Failed, Warning, Progress, Ended>;

// Called for every event, from one thread at a time, never concurrently. It must not throw.
using EventSink = std::function<void(const Event&)>;

}  // namespace pixmill::pipeline
