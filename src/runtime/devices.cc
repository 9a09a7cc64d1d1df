#include "pixmill/runtime/devices.h"

#include <algorithm>
#include <utility>

#include "pixmill/core/error.h"
#include "runtime/backends.h"
#include "runtime/names.h"
#include "runtime/plan.h"

namespace pixmill::runtime {

namespace {

// "CPU: fp32 and int8 through ONNX Runtime, bf16 through OpenVINO": what a plan takes first.
std::string cpu_title_by_precision(const std::vector<Precision>& precisions) {
  std::vector<std::pair<std::string, std::string>> backends;  // with their precisions
  for (const Precision precision : precisions) {
    const Provider& provider = *make_plan({.device = "cpu", .precision = precision}).candidates.front().provider;
    const std::string through(provider.title.substr(provider.title.find("through")));
    const auto known =
        std::find_if(backends.begin(), backends.end(), [&](const auto& b) { return b.first == through; });
    if (known == backends.end()) {
      backends.emplace_back(through, name_of(precision));
    } else {
      add_to(known->second, name_of(precision), " ");
    }
  }
  std::string title;
  for (const auto& [through, names] : backends) add_to(title, names + " " + through, ", ");
  return "CPU: " + title;
}

// "cpu" is the CPU through whichever backend has the precision that is requested.
void share_cpu_precisions(std::vector<DeviceStatus>& all) {
  const auto row = [&](std::string_view id) {
    return std::find_if(all.begin(), all.end(), [&](const DeviceStatus& device) { return device.id == id; });
  };
  if (!row("cpu")->available || !row("openvino")->available) return;
  row("cpu")->precisions = row("openvino")->precisions;
  row("cpu")->title = cpu_title_by_precision(row("cpu")->precisions);
}

}  // namespace

std::vector<std::string> device_ids() {
  std::vector<std::string> ids;
  for (const Provider& row : providers()) ids.emplace_back(row.id);
  return ids;
}

DeviceStatus device_status(std::string_view id) {
  const Provider& row = provider_of(id);
  Availability availability = probe(row);
  return {.id = std::string(row.id),
          .title = std::string(row.title),
          .backend = std::string(row.backend),
          .provider = std::string(row.name),
          .requirement = std::string(row.requirement),
          .available = availability.available,
          .reason = std::move(availability.reason),
          .remedy = std::move(availability.remedy),
          .hardware = std::move(availability.hardware),
          .precisions = std::move(availability.precisions)};
}

std::vector<DeviceStatus> devices() {
  std::vector<DeviceStatus> all;
  for (const Provider& row : providers()) all.push_back(device_status(row.id));
  share_cpu_precisions(all);
  return all;
}

std::string recommended_device() {
  try {
    const Provider& best = *make_plan({}).candidates.front().provider;
    return best.name == "CPU" ? "cpu" : std::string(best.id);
  } catch (const Error&) {
    return "cpu";  // nothing runs here; loading a model will say why
  }
}

std::string first_provider(const SessionOptions& options) {
  return std::string(make_plan(options).candidates.front().provider->id);
}

SessionInfo plan_session(const SessionOptions& options) {
  const Plan plan = make_plan(options);
  const Provider& provider = *plan.candidates.front().provider;
  SessionInfo info;
  info.backend = provider.backend;
  info.backend_version = find_backend(provider.backend)->status().version;
  info.device = device_name(provider, plan.placement);
  info.precision = computes(provider, plan.placement.precision) ? plan.placement.precision : Precision::fp32;
  info.streams = plan.placement.streams;
  info.threads = plan.placement.threads;
  return info;
}

}  // namespace pixmill::runtime
