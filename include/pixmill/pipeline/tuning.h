// The stored results of `pixmill tune`: the fastest ways to run a model on this machine.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/platform/home.h"
#include "pixmill/runtime/session.h"

namespace pixmill::pipeline {

// One way to run a model.
struct Setup {
  std::string device = "cpu";           // as --device takes it: "cpu" (through ONNX Runtime), "openvino", "cuda"
  std::string backend = "onnxruntime";  // that brings it
  runtime::Precision precision = runtime::Precision::fp32;
  int streams = 1;
  int threads = 1;  // of one stream
  int batch = 1;

  bool operator==(const Setup&) const = default;
};

std::string text_of(const Setup& setup);  // "openvino bf16, 2 x 1 threads, batch 4"

struct TunedSetup {
  Setup setup;
  double rate = 0.0;  // pictures a second of bare inference
};

struct Tuning {
  std::string model;                    // as the user named it
  std::string model_hash;               // sha256 of its content
  std::string machine;                  // machine_key() when it was measured
  std::string date;                     // "2026-11-21"
  std::vector<TunedSetup> setups = {};  // the one to take first, then the best of each other device and precision
};

// Everything that a finding depends on, readable: processor, cores that may be used, what it computes natively, GPU,
// versions of the backends that "auto" takes. Loads those.
std::string machine_key();

std::filesystem::path tuning_file(const platform::Home& home);  // beside the settings

struct FoundTuning {
  std::optional<Tuning> tuning = {};
  std::string warning = {};  // in words: there is one, and it is stale or damaged
};

// The tuning of this model on this machine. Never throws: jobs run without one too.
FoundTuning find_tuning(const platform::Home& home, const std::string& model_hash);

// The text of such a file. Throws Error{corrupt} that names `origin`.
std::vector<Tuning> parse_tunings(std::string_view text, std::string_view origin);

// Every tuning in the file, of this machine or another. Throws Error: corrupt, unreadable.
std::vector<Tuning> all_tunings(const platform::Home& home);

// Those that hold on this machine as it is; none where the file is damaged.
std::vector<Tuning> current_tunings(const platform::Home& home);

// Puts it into the file in the place of an older one of the same model and machine; a damaged file is replaced. Safe
// while other processes do the same. Throws Error{unwritable, disk_full}.
void keep_tuning(const platform::Home& home, const Tuning& tuning);

// Takes those of one model, or all with an empty hash, out of the file. Returns how many; throws as keep_tuning().
int forget_tunings(const platform::Home& home, const std::string& model_hash);

}  // namespace pixmill::pipeline
