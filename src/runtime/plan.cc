#include "runtime/plan.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "pixmill/core/error.h"
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

// The CPU through either backend. Half precision is OpenVINO's. In fp32 ONNX Runtime comes first: it loads 50 to 200 ms
// sooner, and what OpenVINO gains on it, a tenth or so where it gains at all, takes a dozen pictures or more to win
// back (measured with u2netp and the starter).
Rows cpu_rows(Precision precision) {
  Rows rows = {&provider_of("cpu"), &provider_of("openvino")};
  if (precision == Precision::bf16 || precision == Precision::fp16) std::swap(rows[0], rows[1]);
  return rows;
}

Rows rows_of(const DeviceName& device, Precision precision) {
  if (device.id == "cpu") return cpu_rows(precision);
  if (device.id != "auto") return {&provider_of(device.id)};
  Rows rows;
  for (const Provider& provider : providers()) {
    if (provider.automatic && provider.id != "cpu") rows.push_back(&provider);
  }
  for (const Provider* row : cpu_rows(precision)) rows.push_back(row);
  return rows;
}

bool denied(const Provider& provider, const std::vector<std::string>& deny) {
  return std::any_of(deny.begin(), deny.end(), [&](const std::string& name) {
    return name == provider.id || name == provider.backend || name == provider.name;
  });
}

void check_backend(const SessionOptions& options, Rows& rows) {
  if (options.backend == "auto") return;
  if (options.backend != "onnxruntime" && options.backend != "openvino") {
    throw unknown_name("backend", options.backend, {"auto", "onnxruntime", "openvino"});
  }
  std::erase_if(rows, [&](const Provider* row) { return row->backend != options.backend; });
  if (rows.empty()) {
    throw Error(ErrorCode::usage,
                "device '" + options.device + "' does not belong to backend '" + options.backend + "'",
                "name the one or the other");
  }
}

void set_parallelism(const SessionOptions& options, Placement& placement) {
  if (options.streams < 0 || options.threads < 0) {
    throw Error(ErrorCode::usage, "streams and threads cannot be negative");
  }
  const int cores = usable_cores();
  placement.streams = options.streams > 0 ? options.streams : std::max(1, cores / std::max(1, options.threads));
  placement.threads = options.threads > 0 ? options.threads : std::max(1, cores / placement.streams);
}

}  // namespace

std::string Plan::key() const {
  std::string text;
  for (const Candidate& candidate : candidates) text += std::string(candidate.provider->id) + ",";
  std::string extents;
  for (const std::int64_t extent : placement.shape) extents += "," + std::to_string(extent);
  return text + ":" + std::to_string(placement.index) + "/" + std::string(name_of(placement.precision)) + "/" +
         std::to_string(placement.streams) + "x" + std::to_string(placement.threads) + (fall_back ? "" : "!") + extents;
}

Plan make_plan(const SessionOptions& options) {
  Plan plan;
  plan.fall_back = !options.require_device;
  plan.placement.precision = options.precision == Precision::automatic ? Precision::fp32 : options.precision;
  plan.placement.shape = options.shape;
  set_parallelism(options, plan.placement);

  const DeviceName device = parse(options.device);
  Rows rows = rows_of(device, plan.placement.precision);
  if (device.index > 0 && !rows.front()->indexed) {
    throw Error(ErrorCode::usage, "device '" + std::string(device.id) + "' takes no number");
  }
  plan.placement.index = device.index;
  check_backend(options, rows);
  std::erase_if(rows, [&](const Provider* row) { return denied(*row, options.deny); });
  if (rows.empty()) {
    throw Error(ErrorCode::no_device, "the model's card forbids every backend of device '" + options.device + "'",
                "choose another device, or another model");
  }

  std::string reasons;
  for (const Provider* row : rows) {
    Availability availability = probe(*row);
    if (availability.available) {
      plan.candidates.push_back({row, std::move(availability.precisions)});
    } else {
      add_to(reasons, std::string(row->id) + ": " + availability.reason);
    }
  }
  if (plan.candidates.empty()) {
    throw Error(ErrorCode::no_device, "device '" + options.device + "' is not available: " + reasons,
                "`pixmill devices` lists what is there; --device auto takes the best of it");
  }
  return plan;
}

}  // namespace pixmill::runtime
