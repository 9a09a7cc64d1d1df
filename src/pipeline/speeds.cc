#include "pixmill/pipeline/speeds.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/core/format_text.h"
#include "pixmill/platform/clock.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLargestFile = 1 << 16;  // bytes
constexpr std::size_t kMostModels = 300;       // so that the file stays below that
constexpr double kSlowest = 1e6;               // milliseconds

Json to_json(const KeptSpeeds& kept) {
  Json json = {{"about", "how fast the CPU is in each backend and precision; `pixmill cache clear speeds` forgets it"},
               {"machine", kept.machine},
               {"date", kept.date},
               {"speeds", Json::array()}};
  for (const runtime::ProbedSpeed& speed : kept.probe.speeds) {
    json["speeds"].push_back(
        {{"backend", speed.backend}, {"precision", runtime::name_of(speed.precision)}, {"ms", speed.ms}});
  }
  json["models"] = Json::array();
  for (const ModelSpeed& model : kept.models)
    json["models"].push_back({{"model", model.model}, {"backend", model.backend}});
  return json;
}

// Throws where it is not what to_json() makes.
KeptSpeeds speeds_from(const Json& json) {
  KeptSpeeds kept{{}, json.at("machine").get<std::string>(), json.at("date").get<std::string>(), {}};
  for (const Json& row : json.at("speeds")) {
    const auto precision = runtime::precision_from(row.at("precision").get<std::string>());
    const double ms = row.at("ms").get<double>();
    if (!precision || !(ms > 0.0 && ms < kSlowest)) throw Error(ErrorCode::corrupt, "a speed is out of range");
    kept.probe.speeds.push_back({row.at("backend").get<std::string>(), *precision, ms});
  }
  if (kept.probe.speeds.empty()) throw Error(ErrorCode::corrupt, "no speeds");
  for (const Json& row : json.value("models", Json::array()))
    kept.models.push_back({row.at("model").get<std::string>(), row.at("backend").get<std::string>()});
  return kept;
}

}  // namespace

std::filesystem::path speed_file(const platform::Home& home) {
  return home.state / "speeds.json";
}

std::optional<KeptSpeeds> find_speeds(const platform::Home& home) {
  if (home.state.empty()) return std::nullopt;
  if (std::error_code ignored; !std::filesystem::exists(speed_file(home), ignored)) return std::nullopt;
  try {
    KeptSpeeds kept = speeds_from(Json::parse(platform::read_text(speed_file(home), kLargestFile)));
    if (kept.machine == runtime::speed_key()) return kept;
  } catch (const std::exception&) {
    // What cannot be read is measured again.
  }
  return std::nullopt;
}

void keep_speeds(const platform::Home& home, const KeptSpeeds& speeds) {
  platform::write_whole(speed_file(home), to_json(speeds).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::optional<KeptSpeeds> known_speeds(const platform::Home& home) {
  if (auto kept = find_speeds(home)) return kept;
  const auto probe = runtime::measure_speeds();
  if (!probe) return std::nullopt;
  KeptSpeeds speeds{*probe, runtime::speed_key(), platform::today(), {}};
  try {
    if (!home.state.empty()) keep_speeds(home, speeds);
  } catch (const Error&) {
    // The job goes on with what was measured.
  }
  return speeds;
}

std::string known_backend(const platform::Home& home, const runtime::ModelSource& model,
                          const std::vector<std::int64_t>& shape) {
  std::optional<KeptSpeeds> kept = find_speeds(home);
  if (!kept || model.content_hash.empty()) return {};
  for (const ModelSpeed& known : kept->models) {
    if (known.model == model.content_hash) return known.backend;
  }
  std::string backend = runtime::faster_backend(model, shape).value_or("");
  if (kept->models.size() >= kMostModels) kept->models.erase(kept->models.begin());
  kept->models.push_back({model.content_hash, backend});
  try {
    keep_speeds(home, *kept);
  } catch (const Error&) {
    // It is asked again next time.
  }
  return backend;
}

std::string text_of(const runtime::SpeedProbe& probe, std::string_view backend) {
  std::string text, last;
  for (const runtime::ProbedSpeed& speed : probe.speeds) {
    if (!backend.empty() && speed.backend != backend) continue;
    if (!text.empty()) text += speed.backend == last ? ", " : "; ";
    if (backend.empty() && speed.backend != last) text += speed.backend + " ";
    last = speed.backend;
    const auto gain = probe.gain(speed.backend, speed.precision);
    const bool full = speed.precision == runtime::Precision::fp32 || !gain;
    text += std::string(runtime::name_of(speed.precision)) +
            (full ? format_text(" %.2g ms", speed.ms) : format_text(" %.2g x", *gain));
  }
  return text;
}

}  // namespace pixmill::pipeline
