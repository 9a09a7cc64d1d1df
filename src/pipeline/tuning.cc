#include "pixmill/pipeline/tuning.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/devices.h"

namespace pixmill::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLargestFile = 1 << 20;  // bytes
constexpr std::size_t kMostKept = 200;         // tunings; the oldest go first
constexpr int kMostParallel = 1024;            // of streams, threads and batch, as the flags have it

Json to_json(const TunedSetup& tuned) {
  return {{"device", tuned.setup.device},
          {"backend", tuned.setup.backend},
          {"precision", runtime::name_of(tuned.setup.precision)},
          {"streams", tuned.setup.streams},
          {"threads", tuned.setup.threads},
          {"batch", tuned.setup.batch},
          {"pictures_per_second", tuned.rate}};
}

Json to_json(const Tuning& tuning) {
  Json json = {{"model", tuning.model},
               {"model_sha256", tuning.model_hash},
               {"machine", tuning.machine},
               {"date", tuning.date},
               {"setups", Json::array()}};
  for (const TunedSetup& tuned : tuning.setups) json["setups"].push_back(to_json(tuned));
  return json;
}

int count_from(const Json& json, const char* key) {
  const Json& value = json.at(key);
  const std::int64_t count = value.is_number_integer() ? value.get<std::int64_t>() : 0;
  if (count < 1 || count > kMostParallel) throw Error(ErrorCode::corrupt, std::string(key) + " is out of range");
  return static_cast<int>(count);
}

TunedSetup setup_from(const Json& json) {
  const auto precision = runtime::precision_from(json.at("precision").get<std::string>());
  if (!precision) throw Error(ErrorCode::corrupt, "an unknown precision");
  return {{json.at("device").get<std::string>(), json.at("backend").get<std::string>(), *precision,
           count_from(json, "streams"), count_from(json, "threads"), count_from(json, "batch")},
          json.at("pictures_per_second").get<double>()};
}

Tuning tuning_from(const Json& json) {
  Tuning tuning{json.at("model").get<std::string>(), json.at("model_sha256").get<std::string>(),
                json.at("machine").get<std::string>(), json.at("date").get<std::string>()};
  for (const Json& setup : json.at("setups")) tuning.setups.push_back(setup_from(setup));
  return tuning;
}

void write_tunings(const platform::Home& home, const std::vector<Tuning>& tunings) {
  Json json = {{"about", "results of `pixmill tune`; `pixmill tune --forget` empties it"}, {"tunings", Json::array()}};
  for (const Tuning& tuning : tunings) json["tunings"].push_back(to_json(tuning));
  platform::write_whole(platform::target_of_links(tuning_file(home)),
                        json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

platform::FileLock lock_of(const platform::Home& home) {
  std::filesystem::path file = tuning_file(home);
  return platform::FileLock(file += ".lock");
}

std::string again(const std::string& model) {
  return "`pixmill tune -m " + model + "` measures it again";
}

}  // namespace

std::string text_of(const Setup& setup) {
  std::string text = setup.backend;
  if (setup.device != "cpu" && setup.device != setup.backend) text += " on " + setup.device;
  text += " " + std::string(runtime::name_of(setup.precision)) + ", " + std::to_string(setup.streams) + " x " +
          std::to_string(setup.threads) + (setup.streams * setup.threads == 1 ? " thread" : " threads");
  return setup.batch == 1 ? text : text + ", batch " + std::to_string(setup.batch);
}

std::string machine_key() {
  return runtime::machine_text();
}

std::filesystem::path tuning_file(const platform::Home& home) {
  return home.settings.parent_path() / "tuned.json";
}

std::vector<Tuning> all_tunings(const platform::Home& home) {
  const std::filesystem::path file = tuning_file(home);
  if (std::error_code ignored; !std::filesystem::exists(file, ignored)) return {};
  return parse_tunings(platform::read_text(file, kLargestFile), file.string());
}

std::vector<Tuning> parse_tunings(std::string_view text, std::string_view origin) {
  std::vector<Tuning> tunings;
  try {
    const Json whole = Json::parse(text);
    for (const Json& json : whole.at("tunings")) tunings.push_back(tuning_from(json));
  } catch (const std::exception& error) {
    throw Error(ErrorCode::corrupt, std::string(origin) + " is damaged: " + error.what(),
                "`pixmill tune --forget` deletes it");
  }
  return tunings;
}

FoundTuning find_tuning(const platform::Home& home, const std::string& model_hash) {
  try {
    std::vector<Tuning> tunings = all_tunings(home);
    std::erase_if(tunings, [&](const Tuning& tuning) { return tuning.model_hash != model_hash; });
    if (tunings.empty()) return {};
    const std::string machine = machine_key();
    for (Tuning& tuning : tunings) {
      if (tuning.machine == machine) return {.tuning = std::move(tuning)};
    }
    const Tuning& stale = tunings.back();
    return {.warning = "the tuning of " + stale.date + " is ignored: it was made on " + stale.machine +
                       ", and this is " + machine + "; " + again(stale.model)};
  } catch (const Error& error) {
    return {.warning = "the tuning is ignored: " + error.message() + (error.hint().empty() ? "" : "; " + error.hint())};
  }
}

std::vector<Tuning> current_tunings(const platform::Home& home) {
  try {
    std::vector<Tuning> tunings = all_tunings(home);
    if (!tunings.empty())
      std::erase_if(tunings, [machine = machine_key()](const Tuning& tuning) { return tuning.machine != machine; });
    return tunings;
  } catch (const Error&) {  // jobs warn of it
    return {};
  }
}

void keep_tuning(const platform::Home& home, const Tuning& tuning) {
  const platform::FileLock lock = lock_of(home);
  std::vector<Tuning> tunings;
  try {
    tunings = all_tunings(home);
  } catch (const Error&) {
    // Nothing in a damaged file is worth more than what was just measured.
  }
  std::erase_if(
      tunings, [&](const Tuning& old) { return old.model_hash == tuning.model_hash && old.machine == tuning.machine; });
  if (tunings.size() >= kMostKept) tunings.erase(tunings.begin(), tunings.end() - (kMostKept - 1));
  tunings.push_back(tuning);
  write_tunings(home, tunings);
}

int forget_tunings(const platform::Home& home, const std::string& model_hash) {
  if (std::error_code ignored; !std::filesystem::exists(tuning_file(home), ignored)) return 0;
  const platform::FileLock lock = lock_of(home);
  std::vector<Tuning> tunings;
  try {
    tunings = all_tunings(home);
  } catch (const Error&) {
    if (!model_hash.empty()) throw;
  }
  const auto forgotten = std::erase_if(
      tunings, [&](const Tuning& tuning) { return model_hash.empty() || tuning.model_hash == model_hash; });
  write_tunings(home, tunings);
  return static_cast<int>(forgotten);
}

}  // namespace pixmill::pipeline
