#include "measure/bench/record.h"

#include <cmath>

namespace pixmill::measure {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value) {
  return std::round(value * 1e4) / 1e4;
}

Json session_json(const runtime::SessionInfo& info) {
  if (info.backend.empty()) return nullptr;
  return {{"backend", info.backend},     {"backend_version", info.backend_version},
          {"device", info.device},       {"precision", runtime::name_of(info.precision)},
          {"streams", info.streams},     {"threads", info.threads},
          {"placement", info.placement}, {"load_s", rounded(info.load_seconds)}};
}

runtime::SessionInfo session_from_json(const Json& json) {
  runtime::SessionInfo info;
  if (!json.is_object()) return info;
  info.backend = json.value("backend", "");
  info.backend_version = json.value("backend_version", "");
  info.device = json.value("device", "");
  info.precision = runtime::precision_from(json.value("precision", "fp32")).value_or(runtime::Precision::fp32);
  info.streams = json.value("streams", 1);
  info.threads = json.value("threads", 1);
  info.placement = json.value("placement", info.placement);
  info.load_seconds = json.value("load_s", 0.0);
  return info;
}

Json picture_json(const BenchPicture& picture) {
  Json times = Json::array();
  for (const double ms : picture.times) times.push_back(rounded(ms));
  return {{"name", picture.name}, {"width", picture.size.width}, {"height", picture.size.height}, {"stages_ms", times}};
}

BenchPicture picture_from_json(const Json& json) {
  BenchPicture picture;
  picture.name = json.value("name", "");
  picture.size = {json.value("width", 0), json.value("height", 0)};
  picture.times = json.at("stages_ms").get<pipeline::StageTimes>();
  return picture;
}

}  // namespace

Json to_json(const BenchRun& run) {
  Json pictures = Json::array();
  for (const BenchPicture& picture : run.pictures) pictures.push_back(picture_json(picture));
  return {{"cold_s", rounded(run.cold_s)},
          {"warm_s", rounded(run.warm_s)},
          {"rate", rounded(run.rate())},
          {"done", run.done},
          {"failed", run.failed},
          {"bare_rate", rounded(run.bare_rate)},
          {"bare_note", run.bare_note},
          {"memory_before", run.memory_before},
          {"memory_after", run.memory_after},
          {"memory_peak", run.memory_peak},
          {"session", session_json(run.session)},
          {"workers", run.workers},
          {"batch", run.batch},
          {"model", run.model},
          {"model_hash", run.model_hash},
          {"warnings", run.warnings},
          {"pictures", pictures}};
}

BenchRun run_from_json(const Json& json) {
  BenchRun run;
  run.cold_s = json.value("cold_s", 0.0);
  run.warm_s = json.value("warm_s", 0.0);
  run.done = json.value("done", std::int64_t{0});
  run.failed = json.value("failed", std::int64_t{0});
  run.bare_rate = json.value("bare_rate", 0.0);
  run.bare_note = json.value("bare_note", "");
  run.memory_before = json.value("memory_before", std::int64_t{0});
  run.memory_after = json.value("memory_after", std::int64_t{0});
  run.memory_peak = json.value("memory_peak", std::int64_t{0});
  run.session = session_from_json(json.value("session", Json()));
  run.workers = json.value("workers", 0);
  run.batch = json.value("batch", 1);
  run.model = json.value("model", "");
  run.model_hash = json.value("model_hash", "");
  run.warnings = json.value("warnings", run.warnings);
  for (const Json& picture : json.value("pictures", Json::array())) run.pictures.push_back(picture_from_json(picture));
  return run;
}

Json to_json(const std::vector<OperatorTime>& operators) {
  Json list = Json::array();
  for (const OperatorTime& time : operators) {
    list.push_back(
        {{"name", time.name}, {"ms", rounded(time.ms)}, {"share", rounded(time.share)}, {"nodes", time.nodes}});
  }
  return list;
}

std::vector<OperatorTime> operators_from_json(const Json& json) {
  std::vector<OperatorTime> operators;
  for (const Json& time : json) {
    operators.push_back(
        {time.value("name", ""), time.value("ms", 0.0), time.value("share", 0.0), time.value("nodes", 0)});
  }
  return operators;
}

std::string dump_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pixmill::measure
