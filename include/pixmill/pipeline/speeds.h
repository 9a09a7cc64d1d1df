// How fast this machine's CPU is in each backend and precision: measured once, stored, read by every job.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/platform/home.h"
#include "pixmill/runtime/speed_probe.h"

namespace pixmill::pipeline {

// The backend that is faster for one model: runtime::faster_backend().
struct ModelSpeed {
  std::string model;    // sha256 of its content
  std::string backend;  // empty: it was asked, and nothing came of it

  bool operator==(const ModelSpeed&) const = default;
};

struct KeptSpeeds {
  runtime::SpeedProbe probe;
  std::string machine;                  // runtime::speed_key() when it was measured
  std::string date;                     // "2026-11-21"
  std::vector<ModelSpeed> models = {};  // the last ones that were measured
};

std::filesystem::path speed_file(const platform::Home& home);  // in the state folder

// The stored speeds of this machine; nothing where it was not measured, or measured on another machine, or where
// the file is damaged. Never throws.
std::optional<KeptSpeeds> find_speeds(const platform::Home& home);

// Replaces the stored speeds. Throws Error{unwritable, disk_full}.
void keep_speeds(const platform::Home& home, const KeptSpeeds& speeds);

// The stored speeds, else measured now (runtime::measure_speeds(), under half a second) and stored. Nothing where the
// machine was too busy to measure; where the file cannot be written, they are measured again next time.
std::optional<KeptSpeeds> known_speeds(const platform::Home& home);

// The stored answer for a model, else runtime::faster_backend() asked now and stored beside the speeds of the machine;
// empty where those are not known, or nothing came of it. Of two processes that store at once, one asks again later.
std::string known_backend(const platform::Home& home, const runtime::ModelSource& model,
                          const std::vector<std::int64_t>& shape);

// "onnxruntime fp32 2.1 ms, int8 2.4 x; openvino fp32 2.0 ms, bf16 1.9 x, int8 2.6 x": a lower precision as so many
// times as fast as fp32. `backend`: that one alone, and without its name; empty: all.
std::string text_of(const runtime::SpeedProbe& probe, std::string_view backend = {});

}  // namespace pixmill::pipeline
