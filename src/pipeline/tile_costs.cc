#include "pixmill/pipeline/tile_costs.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/core/tensor.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/memory.h"
#include "pixmill/runtime/speed_probe.h"

namespace pixmill::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using models::TileCost;

constexpr int kSmallestSide = 64, kLargestSide = 512;
constexpr double kLongest = 0.6;               // seconds of one inference
constexpr int kFewestRounds = 2;               // of each side; the fastest one counts
constexpr double kEnough = 0.03;               // seconds for the rounds of a small tile
constexpr std::size_t kLargestFile = 1 << 18;  // bytes
constexpr std::size_t kMostEngines = 300;      // so that the file stays below that

struct Known {
  std::string engine;
  std::vector<TileCost> costs;
};

double seconds_of(runtime::Session& session, const Tensor& tile) {
  const auto start = std::chrono::steady_clock::now();
  (void)session.run(std::span(&tile, 1));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// What is stored for this machine; empty where nothing is, or it is damaged.
std::vector<Known> read_known(const std::filesystem::path& file) {
  if (std::error_code ignored; !std::filesystem::exists(file, ignored)) return {};
  try {
    const Json json = Json::parse(platform::read_text(file, kLargestFile));
    if (json.at("machine").get<std::string>() != runtime::speed_key()) return {};
    std::vector<Known> all;
    for (const Json& row : json.at("engines")) {
      Known known{row.at("engine").get<std::string>(), {}};
      for (const Json& tile : row.at("tiles")) {
        const TileCost cost{tile.at("side").get<int>(), tile.at("seconds").get<double>(),
                            tile.at("bytes").get<std::int64_t>()};
        if (cost.side < 1 || !(cost.seconds > 0.0) || cost.bytes < 0)
          throw Error(ErrorCode::corrupt, "a cost is out of range");
        known.costs.push_back(cost);
      }
      all.push_back(std::move(known));
    }
    return all;
  } catch (const std::exception&) {
    return {};  // what cannot be read is measured again
  }
}

Json to_json(const std::vector<Known>& all) {
  Json json = {{"about", "what tiles cost by their size; `pixmill cache clear tiles` forgets it"},
               {"machine", runtime::speed_key()},
               {"engines", Json::array()}};
  for (const Known& known : all) {
    Json tiles = Json::array();
    for (const TileCost& cost : known.costs)
      tiles.push_back({{"side", cost.side}, {"seconds", cost.seconds}, {"bytes", cost.bytes}});
    json["engines"].push_back({{"engine", known.engine}, {"tiles", std::move(tiles)}});
  }
  return json;
}

}  // namespace

std::filesystem::path tile_cost_file(const platform::Home& home) {
  return home.state / "tiles.json";
}

std::vector<TileCost> measure_tiles(runtime::Session& session, std::vector<std::int64_t> shape, std::size_t first,
                                    int multiple) {
  std::vector<TileCost> costs;
  const platform::PeakMeter memory;
  try {
    for (int wanted = kSmallestSide; wanted <= kLargestSide; wanted *= 2) {
      const int side = (wanted + multiple - 1) / multiple * multiple;
      shape[first] = shape[first + 1] = side;
      Tensor tile(shape, ElementType::f32);
      std::fill(tile.as<float>().begin(), tile.as<float>().end(), 0.0F);
      double fastest = seconds_of(session, tile), spent = fastest;
      for (int round = 1; round < kFewestRounds || spent < kEnough; ++round) {
        const double seconds = seconds_of(session, tile);
        fastest = std::min(fastest, seconds);
        spent += seconds;
      }
      costs.push_back({side, fastest, memory.bytes()});
      if (fastest * 4 > kLongest) break;
    }
  } catch (const Error&) {
    // What is known of smaller ones serves.
  }
  return costs;
}

std::vector<TileCost> known_tile_costs(const platform::Home& home, const std::string& engine,
                                       const std::function<std::vector<TileCost>()>& measure) {
  const std::filesystem::path file = tile_cost_file(home);
  std::vector<Known> all = home.state.empty() ? std::vector<Known>() : read_known(file);
  const auto known = std::find_if(all.begin(), all.end(), [&](const Known& one) { return one.engine == engine; });
  if (known != all.end()) return known->costs;
  std::vector<TileCost> costs = measure();
  if (home.state.empty() || costs.empty()) return costs;
  if (all.size() >= kMostEngines) all.erase(all.begin());
  all.push_back({engine, costs});
  try {
    platform::write_whole(file, to_json(all).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } catch (const Error&) {
    // It is measured again next time.
  }
  return costs;
}

}  // namespace pixmill::pipeline
