#include "cli/output/event_json.h"

#include <cmath>

#include "pixmill/core/unicode.h"

namespace pixmill::cli {
namespace {

using Json = nlohmann::ordered_json;
using std::filesystem::path;

void put_path(Json& json, const std::string& key, const path& value) {
  const std::string& text = value.native();
  json[key] = text;
  if (valid_utf8(text) == text) return;
  std::string hex;
  for (const char c : text) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    hex += digits;
  }
  json[key + "_bytes"] = hex;
}

Json paths(const std::vector<path>& values) {
  Json list = Json::array();
  for (const path& value : values) list.push_back(value.native());
  return list;
}

Json times(const pipeline::StageTimes& values) {
  Json json;
  for (std::size_t i = 0; i < pipeline::kStages; ++i)
    json[std::string(name_of(static_cast<pipeline::Stage>(i)))] = rounded(values[i]);
  return json;
}

Json session(const runtime::SessionInfo& info) {
  if (info.backend.empty()) return nullptr;
  return {{"backend", info.backend},     {"backend_version", info.backend_version},
          {"device", info.device},       {"precision", runtime::name_of(info.precision)},
          {"streams", info.streams},     {"threads", info.threads},
          {"placement", info.placement}, {"load_s", rounded(info.load_seconds)},
          {"options", info.options}};
}

Json devices(const std::vector<pipeline::DeviceShare>& shares) {
  Json list = Json::array();
  for (const pipeline::DeviceShare& share : shares) {
    Json batches = Json::array();
    for (const pipeline::BatchTrial& trial : share.batches)
      batches.push_back({{"size", trial.size}, {"batches", trial.batches}, {"rate", rounded(trial.rate)}});
    list.push_back({{"device", share.device},
                    {"pictures", share.pictures},
                    {"busy_s", rounded(share.busy_s)},
                    {"batch", share.batch},
                    {"batches", batches},
                    {"session", session(share.session)}});
  }
  return list;
}

Json sessions(const std::vector<runtime::SessionInfo>& infos) {
  Json list = Json::array();
  for (const runtime::SessionInfo& info : infos) list.push_back(session(info));
  return list;
}

struct Writer {
  Json operator()(const pipeline::Began& event) const {
    return {{"event", "began"},
            {"job", event.job},
            {"model", event.model},
            {"total", event.total},
            {"session", session(event.session)},
            {"devices", sessions(event.devices)},
            {"tuned", event.tuned}};
  }
  Json operator()(const pipeline::Planned& event) const {
    Json json = {{"event", "planned"}};
    put_path(json, "input", event.input);
    json["outputs"] = paths(event.outputs);
    json["action"] = event.action;
    if (!event.reason.empty()) json["reason"] = event.reason;
    return json;
  }
  Json operator()(const pipeline::Done& event) const {
    Json json = {{"event", "done"}};
    put_path(json, "input", event.input);
    json["outputs"] = paths(event.outputs);
    json["width"] = event.size.width;
    json["height"] = event.size.height;
    json["ms"] = times(event.times);
    if (!event.notes.empty()) json["notes"] = event.notes;
    return json;
  }
  Json operator()(const pipeline::Skipped& event) const {
    Json json = {{"event", "skipped"}};
    put_path(json, "input", event.input);
    json["outputs"] = paths(event.outputs);
    json["reason"] = event.reason;
    return json;
  }
  Json operator()(const pipeline::Known& event) const { return {{"event", "known"}, {"pictures", event.pictures}}; }
  Json operator()(const pipeline::Failed& event) const {
    Json json = {{"event", "failed"}};
    put_path(json, "input", event.input);
    json["code"] = pixmill::name_of(event.code);
    json["message"] = event.message;
    json["hint"] = event.hint;
    return json;
  }
  Json operator()(const pipeline::Exported& event) const {
    Json json = {{"event", "exported"}, {"format", event.format}};
    put_path(json, "path", event.path);
    json["pictures"] = event.pictures;
    json["written"] = event.written;
    json["unchanged"] = event.unchanged;
    json["failed"] = to_json(event.failed);
    if (!event.notes.empty()) json["notes"] = event.notes;
    return json;
  }
  Json operator()(const pipeline::Warning& event) const { return {{"event", "warning"}, {"message", event.message}}; }
  Json operator()(const pipeline::BatchChanged& event) const {
    return {{"event", "batch_changed"},
            {"device", event.device},
            {"from", event.from},
            {"to", event.to},
            {"reason", event.reason}};
  }
  Json operator()(const pipeline::BatchEnded& event) const {
    return {{"event", "batch"},
            {"device", event.device},
            {"pictures", event.pictures},
            {"ms", rounded(event.ms)},
            {"rate", rounded(event.rate)},
            {"average_rate", rounded(event.average_rate)},
            {"memory_bytes", event.memory_bytes},
            {"batches", event.batches}};
  }
  Json operator()(const pipeline::Progress& event) const {
    Json json = {{"event", "progress"},
                 {"total", event.total},
                 {"done", event.done},
                 {"skipped", event.skipped},
                 {"failed", event.failed},
                 {"percentage", std::round(event.percentage() * 10.0) / 10.0},
                 {"elapsed_s", rounded(event.elapsed_s)},
                 {"rate", rounded(event.rate)}};
    json["eta_s"] = event.eta_s < 0 ? Json(nullptr) : Json(rounded(event.eta_s));
    put_path(json, "current", event.current);
    return json;
  }
  Json operator()(const pipeline::Ended& event) const {
    Json json = {{"event", "ended"},
                 {"total", event.total},
                 {"done", event.done},
                 {"skipped", event.skipped},
                 {"failed", event.failed},
                 {"unfinished", event.unfinished()},
                 {"success_rate", std::round(event.success_rate() * 10.0) / 10.0},
                 {"interrupted", event.interrupted},
                 {"stopped_because", event.stopped_because},
                 {"elapsed_s", rounded(event.elapsed_s)},
                 {"rate", rounded(event.rate)},
                 {"peak_rate", rounded(event.peak_rate)},
                 {"ms", times(event.times)},
                 {"workers", event.workers},
                 {"batch", event.batch},
                 {"model", event.model},
                 {"model_hash", event.model_hash},
                 {"session", session(event.session)},
                 {"devices", devices(event.devices)},
                 {"batching", event.batching},
                 {"tuned", event.tuned},
                 {"cache", to_json(event.cache)},
                 {"batch_count", event.batches},
                 {"peak_memory_bytes", event.peak_memory_bytes},
                 {"average_memory_bytes", event.average_memory_bytes},
                 {"bottleneck", event.bottleneck},
                 {"warnings", event.warnings}};
    for (const auto& [name, count] : event.tallies) json["tallies"][name] = count;
    if (event.exports_failed > 0) json["exports_failed"] = event.exports_failed;
    if (event.chosen)
      json["chosen"] = {{"hits", event.chosen->hits}, {"asked", event.chosen->asked}, {"known", event.chosen->known}};
    return json;
  }
};

}  // namespace

nlohmann::ordered_json to_json(const pipeline::Event& event) {
  return std::visit(Writer(), event);
}

nlohmann::ordered_json to_json(const std::vector<pipeline::Failed>& failures) {
  Json list = Json::array();
  for (const pipeline::Failed& one : failures) list.push_back(to_json(pipeline::Event(one)));
  return list;
}

double rounded(double value) {
  return std::round(value * 1000.0) / 1000.0;
}

nlohmann::ordered_json to_json(const pipeline::CacheUse& use) {
  Json results = nullptr;
  if (use.results_on) {
    results = {{"hits", use.result_hits},
               {"misses", use.result_misses},
               {"kept", use.results_kept},
               {"bytes_read", use.bytes_read},
               {"bytes_written", use.bytes_written}};
  }
  return {{"results", results}, {"sessions", {{"hits", use.session_hits}, {"misses", use.session_misses}}}};
}

pipeline::CacheUse cache_use_from(const nlohmann::ordered_json& json) {
  pipeline::CacheUse use;
  const Json& results = json.at("results");
  use.results_on = !results.is_null();
  if (use.results_on) {
    results.at("hits").get_to(use.result_hits);
    results.at("misses").get_to(use.result_misses);
    results.at("kept").get_to(use.results_kept);
    results.at("bytes_read").get_to(use.bytes_read);
    results.at("bytes_written").get_to(use.bytes_written);
  }
  json.at("sessions").at("hits").get_to(use.session_hits);
  json.at("sessions").at("misses").get_to(use.session_misses);
  return use;
}

std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace pixmill::cli
