// Statistics as JSON and CSV. docs/stats.md has the schema.
#include <cmath>
#include <nlohmann/json.hpp>

#include "pixmill/core/text.h"
#include "pixmill/measure/stats.h"

namespace pixmill::measure {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value) {
  return std::round(value * 1e6) / 1e6;
}

Json json_of(const Spread& spread) {
  if (spread.count == 0) return {{"count", 0}, {"min", nullptr}, {"median", nullptr}, {"max", nullptr}};
  return {{"count", spread.count},
          {"min", rounded(spread.least)},
          {"median", rounded(spread.median)},
          {"max", rounded(spread.most)}};
}

Json json_of(const Histogram& histogram) {
  Json edges = Json::array();
  for (const double edge : histogram.edges) edges.push_back(rounded(edge));
  return {{"edges", edges}, {"counts", histogram.counts}};
}

Json json_of(const ThingSizes& sizes) {
  return {{"small", sizes.small}, {"medium", sizes.medium}, {"large", sizes.large}};
}

Json json_of(const ClassStats& one) {
  return {{"class", one.name},
          {"things", one.things},
          {"pictures", one.pictures},
          {"median_confidence", rounded(one.median_confidence)},
          {"median_area", rounded(one.median_area)},
          {"sizes", json_of(one.sizes)}};
}

}  // namespace

std::string stats_json(const Stats& stats) {
  Json json = {
      {"pixmill", PIXMILL_VERSION},
      {"schema", "pixmill-stats-1"},
      {"confidence", rounded(stats.confidence)},
      {"only", stats.only},
      {"pictures", stats.pictures},
      {"known", stats.known},
      {"with_things", stats.with_things},
      {"things", stats.things},
      {"classes", Json::array()},
      {"sizes", json_of(stats.sizes)},
      {"things_a_picture", json_of(stats.things_a_picture)},
      {"pictures_by_things", stats.pictures_by_things},
      {"megapixels", json_of(stats.megapixels)},
      {"picture_sizes", Json::array()},
      {"orientation", {{"landscape", stats.landscape}, {"portrait", stats.portrait}, {"square", stats.square}}},
      {"sharpness", json_of(stats.sharpness)},
      {"brightness", json_of(stats.brightness)},
      {"histograms",
       {{"confidence", json_of(stats.confidences)},
        {"sharpness", json_of(stats.sharpnesses)},
        {"brightness", json_of(stats.brightnesses)}}}};
  for (const ClassStats& one : stats.classes) json["classes"].push_back(json_of(one));
  for (const SizeCount& one : stats.picture_sizes)
    json["picture_sizes"].push_back(
        {{"width", one.size.width}, {"height", one.size.height}, {"pictures", one.pictures}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string stats_csv(const Stats& stats) {
  std::string text = std::string(kStatsColumns) + "\r\n";
  for (const ClassStats& one : stats.classes) {
    text += csv_field(one.name);
    for (const Json& cell :
         {Json(one.things), Json(one.pictures), Json(rounded(one.median_confidence)), Json(rounded(one.median_area)),
          Json(one.sizes.small), Json(one.sizes.medium), Json(one.sizes.large)})
      text += "," + cell.dump();
    text += "\r\n";
  }
  return text;
}

}  // namespace pixmill::measure
