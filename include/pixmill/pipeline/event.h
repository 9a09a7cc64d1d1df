// The events of a running job. The terminal, --json, the report and a server print this one stream.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/image.h"
#include "pixmill/runtime/session.h"

namespace pixmill::pipeline {

enum class Stage { read, decode, preprocess, infer, postprocess, encode, write };
constexpr std::size_t kStages = 7;
std::string_view name_of(Stage stage);

// Milliseconds that each stage took, by Stage.
using StageTimes = std::array<double, kStages>;

// The job is about to read its first picture. What really ran follows in Ended: a resumed job may never load a model.
struct Began {
  std::string job;
  std::string model;
  std::int64_t total = 0;             // pictures found
  runtime::SessionInfo session = {};  // as planned, on the first device
  bool dry_run = false;
  std::vector<runtime::SessionInfo> devices = {};  // all of them, as planned
  std::string tuned = {};                          // date of the tuning that chose where it runs; empty: none did
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
  std::vector<std::string> notes = {};  // of its task
};

// Made before by the same content, model and settings, or there already where that is enough.
struct Skipped {
  std::filesystem::path input;
  std::vector<std::filesystem::path> outputs;
  std::string reason = "done before";  // or "same content": as another picture, whose result it shares; or "exists"
};

// So many pictures were looked at before, and are not told one by one.
struct Known {
  std::int64_t pictures = 0;
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

// A device takes another number of pictures at once from now on.
struct BatchChanged {
  std::string device;  // as it was requested
  int from = 0, to = 0;
  std::string reason = {};  // in words: "300.0 img/s for 210.5"
};

// What a device did with one batch. Told a few times a second at most; `batches` counts all.
struct BatchEnded {
  std::string device;
  int pictures = 0;
  double ms = 0.0;
  double rate = 0.0;              // pictures a second of this inference
  double average_rate = 0.0;      // of the device's last ten
  std::int64_t memory_bytes = 0;  // that the process has now
  std::int64_t batches = 0;       // of the job so far
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

// A batch size that was measured.
struct BatchTrial {
  int size = 1;
  std::int64_t batches = 0;
  double rate = 0.0;  // pictures a second of one inference, median
};

// What one of a job's devices did.
struct DeviceShare {
  std::string device;  // as it was requested
  runtime::SessionInfo session = {};
  std::int64_t pictures = 0;
  double busy_s = 0.0;  // sum over its inferences, which run side by side
  int batch = 1;        // that it came to
  std::vector<BatchTrial> batches = {};
};

// What caches saved a job.
struct CacheUse {
  bool results_on = false;                            // inferences were looked up, and may have been cached
  std::int64_t result_hits = 0, result_misses = 0;    // inferences saved, and made
  std::int64_t results_kept = 0;                      // of those made; none where the model is fast
  std::int64_t bytes_read = 0, bytes_written = 0;     // of results, on disk
  std::int64_t session_hits = 0, session_misses = 0;  // loaded models found in memory, and loaded
};

// Files of one format were written from what the job found.
struct Exported {
  std::string format;
  std::filesystem::path path;               // the file, the folder of the files, or "-"
  std::int64_t pictures = 0;                // that are in it
  std::int64_t written = 0, unchanged = 0;  // files
  std::vector<Failed> failed = {};          // records that could not be read, files that could not be written
  std::vector<std::string> notes = {};      // what the user should know of the files
};

// What the rule of a job chose.
struct Chosen {
  std::int64_t hits = 0;   // pictures that meet it
  std::int64_t asked = 0;  // of which something is known
  std::int64_t known = 0;  // of these: before the job
};

// The end of every job, however it came about.
struct Ended {
  std::int64_t total = 0, done = 0, skipped = 0, failed = 0;
  bool interrupted = false;
  bool device_lost = false;     // the job stopped because no device runs the model any more
  std::string stopped_because;  // in words, when the job gave up before its last picture: "the disk is full: ..."
  double elapsed_s = 0.0;
  double rate = 0.0;       // done / elapsed
  double peak_rate = 0.0;  // the most pictures done within a second; of a shorter job, `rate`
  StageTimes times{};      // sums over all pictures and workers
  int workers = 0;
  int batch = 1;                 // pictures in one inference, on the first device, at the end
  runtime::SessionInfo session;  // of the first device; backend empty when no model was loaded
  std::vector<DeviceShare> devices;
  std::string tuned;     // date of the tuning that chose where it ran; empty: none did
  std::string batching;  // what the sizes that were tried say, in words; empty when there was no choice
  CacheUse cache;
  std::string model;
  std::string model_hash;
  std::int64_t batches = 0;  // inferences that devices made
  std::int64_t peak_memory_bytes = 0;
  std::int64_t average_memory_bytes = 0;
  std::string bottleneck;  // in words
  std::vector<std::string> warnings;
  std::int64_t exports_failed = 0;                                 // see Exported
  std::optional<Chosen> chosen;                                    // of a job with a rule that asked it
  std::vector<std::pair<std::string, std::int64_t>> tallies = {};  // figures of its task: {"tiles", 24}

  // Neither done nor failed: what a job that was interrupted or stopped leaves for the next run.
  std::int64_t unfinished() const { return total - done - skipped - failed; }

  // Of what was tried: done and skipped, in percent; 100 for nothing.
  double success_rate() const {
    const auto tried = static_cast<double>(done + skipped + failed);
    return tried == 0 ? 100.0 : 100.0 * static_cast<double>(done + skipped) / tried;
  }
};

using Event = std::variant<Began, Planned, Done, Skipped, Known, Failed, Warning, BatchChanged, BatchEnded, Progress,
                           Exported, Ended>;

// Called for every event, from one thread at a time, never concurrently. It must not throw.
using EventSink = std::function<void(const Event&)>;

}  // namespace pixmill::pipeline
