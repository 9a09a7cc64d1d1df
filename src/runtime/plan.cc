#include "runtime/plan.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "pixmill/core/error.h"
#include "pixmill/platform/cores.h"
#include "pixmill/runtime/devices.h"
#include "runtime/backends.h"
#include "runtime/names.h"

namespace pixmill::runtime {
namespace {

using Rows = std::vector<const Provider*>;

struct DeviceName {
  std::string_view id;
  int index = 0;
};

// "cuda:1" -> cuda, 1; "openvino:GPU" is an id as it stands.
DeviceName parse(std::string_view device) {
  const std::size_t colon = device.rfind(':');
  if (colon == std::string_view::npos) return {device};
  const std::string_view digits = device.substr(colon + 1);
  int index = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (failure != std::errc() || end != digits.data() + digits.size() || index < 0) return {device};
  return {device.substr(0, colon), index};
}

// The CPU through either backend. Half precision is OpenVINO's. In fp32 ONNX Runtime comes first, as it loads sooner;
// what is better for a certain model and job is set in SessionOptions::prefer.
Rows cpu_rows(Precision precision) {
  Rows rows = {&provider_of("cpu"), &provider_of("openvino")};
  if (precision == Precision::bf16 || precision == Precision::fp16) std::swap(rows[0], rows[1]);
  return rows;
}

Rows rows_of(const DeviceName& device, Precision precision, std::string_view backend) {
  // Their provider has their name, and runs on the CPU.
  const Backend* named = find_backend(backend);
  const bool on_request = named != nullptr && named->on_request;
  if (on_request && (device.id == "cpu" || device.id == "auto")) return {&provider_of(backend)};
  if (device.id == "cpu") return cpu_rows(precision);
  if (device.id != "auto") return {&provider_of(device.id)};
  Rows rows;
  for (const Provider& provider : providers()) {
    if (provider.automatic && provider.id != "cpu") rows.push_back(&provider);
  }
  for (const Provider* row : cpu_rows(precision)) rows.push_back(row);
  return rows;
}

bool is_cpu(const Provider& provider) {
  return provider.name.starts_with("CPU");
}

// Puts the preferred provider first, where the device that was requested covers it.
void put_first(const SessionOptions& options, Rows& rows) {
  if (options.prefer.empty() || (options.device != "auto" && options.device != "cpu")) return;
  const Provider& preferred = provider_of(options.prefer);
  if (options.device == "cpu" && !is_cpu(preferred)) return;
  std::erase(rows, &preferred);
  rows.insert(rows.begin(), &preferred);
}

bool denied(const Provider& provider, const std::vector<std::string>& deny) {
  return std::any_of(deny.begin(), deny.end(), [&](const std::string& name) {
    return name == provider.id || name == provider.backend || name == provider.name;
  });
}

void check_backend(const SessionOptions& options, Rows& rows) {
  if (options.backend == "auto") return;
  if (find_backend(options.backend) == nullptr) {
    std::vector<std::string> known = {"auto"};
    for (const Backend& backend : known_backends()) known.emplace_back(backend.name);
    throw unknown_name("backend", options.backend, known);
  }
  std::erase_if(rows, [&](const Provider* row) { return row->backend != options.backend; });
  if (rows.empty()) {
    throw Error(ErrorCode::usage,
                "device '" + options.device + "' does not belong to backend '" + options.backend + "'",
                "name one of them");
  }
}

// A backend that was named would run in fp32 instead, and its figures would pass for those of the other precision.
void check_precision(const SessionOptions& options, const Provider& first) {
  if (options.backend == "auto" || computes(first, options.precision)) return;
  const std::string precision(name_of(options.precision));
  throw Error(
      ErrorCode::usage,
      "backend '" + options.backend + "' does not compute in " + precision + " on the CPU: it would run in fp32",
      "--backend openvino, where the CPU has " + precision + "; else --precision fp32");
}

void set_parallelism(const SessionOptions& options, Placement& placement) {
  if (options.streams < 0 || options.threads < 0) {
    throw Error(ErrorCode::usage, "streams and threads cannot be negative");
  }
  const int cores = platform::usable_cores();
  placement.streams = options.streams > 0 ? options.streams : std::max(1, cores / std::max(1, options.threads));
  placement.threads = options.threads > 0 ? options.threads : std::max(1, cores / placement.streams);
}

// A runtime that somebody named and that cannot be used.
void note_warning(const Provider& provider, Plan& plan) {
  const Backend* backend = find_backend(provider.backend);
  const std::string warning = backend == nullptr ? "" : backend->status().warning;
  const bool known = std::find(plan.warnings.begin(), plan.warnings.end(), warning) != plan.warnings.end();
  if (!warning.empty() && !known) plan.warnings.push_back(warning);
}

}  // namespace

std::string Plan::key() const {
  std::string text;
  for (const Candidate& candidate : candidates) text += std::string(candidate.provider->id) + ",";
  std::string extents;
  for (const std::int64_t extent : placement.shape) extents += "," + std::to_string(extent);
  for (const auto& [name, value] : placement.options) extents.append(";").append(name).append("=").append(value);
  return text + ":" + std::to_string(placement.index) + "/" + std::string(name_of(placement.precision)) + "/" +
         std::to_string(placement.streams) + "x" + std::to_string(placement.threads) + (fall_back ? "" : "!") + extents;
}

bool computes(const Provider& provider, Precision precision) {
  const bool half = precision == Precision::bf16 || precision == Precision::fp16;
  const bool on_cpu = is_cpu(provider) || find_backend(provider.backend)->on_request;
  return !half || !on_cpu || provider.backend == "openvino";
}

Plan make_plan(const SessionOptions& options) {
  Plan plan;
  plan.fall_back = !options.require_device;
  plan.placement.precision = options.precision == Precision::automatic ? Precision::fp32 : options.precision;
  plan.placement.shape = options.shape;
  plan.placement.options = options.provider_options;
  plan.placement.profile = options.profile;
  plan.placement.keep_compiled = options.keep_compiled;
  set_parallelism(options, plan.placement);

  const DeviceName device = parse(options.device);
  Rows rows = rows_of(device, plan.placement.precision, options.backend);
  if (device.index > 0 && !rows.front()->indexed) {
    throw Error(ErrorCode::usage, "device '" + std::string(device.id) + "' takes no number");
  }
  plan.placement.index = device.index;
  put_first(options, rows);
  check_backend(options, rows);
  std::erase_if(rows, [&](const Provider* row) { return denied(*row, options.deny); });
  if (rows.empty()) {
    throw Error(ErrorCode::no_device, "the model's card forbids every backend of device '" + options.device + "'",
                "choose another device, or another model");
  }

  std::string reasons;
  std::string remedies;
  for (const Provider* row : rows) {
    Availability availability = probe(*row);
    note_warning(*row, plan);
    if (availability.available) {
      plan.candidates.push_back({row, std::move(availability.precisions)});
    } else {
      add_to(reasons, std::string(row->id) + ": " + availability.reason);
      if (!availability.remedy.empty()) add_to(remedies, availability.remedy);
    }
  }
  if (plan.candidates.empty()) {
    throw Error(
        ErrorCode::no_device, "device '" + options.device + "' is not available: " + reasons,
        remedies.empty() ? "`pixmill devices` lists what is available; --device auto takes the best one" : remedies);
  }
  check_precision(options, *plan.candidates.front().provider);
  return plan;
}

}  // namespace pixmill::runtime
