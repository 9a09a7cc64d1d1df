#include "cli/output/hit_list.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/output/event_json.h"
#include "pixmill/core/text.h"

namespace pixmill::cli {
namespace {

using nlohmann::ordered_json;
using pipeline::Hit;
using Sink = std::function<void(std::string_view)>;

struct OfClass {
  std::int64_t count = 0;
  float best = 0;
};

// By the index of the class.
std::map<int, OfClass> by_class(const Hit& hit) {
  std::map<int, OfClass> classes;
  for (const tasks::RuleThing& thing : hit.things) {
    OfClass& one = classes[thing.label];
    ++one.count;
    one.best = std::max(one.best, thing.confidence);
  }
  return classes;
}

std::string number(double value) {
  return value < 0 ? "" : ordered_json(rounded(value)).dump();
}

void write_text(const HitList& list, const pipeline::Picked& picked, const Sink& sink) {
  picked.each([&](const Hit& hit) { sink(hit.path.string() + list.end); });
}

void write_csv(const HitList& list, const pipeline::Picked& picked, const Sink& sink) {
  const std::vector<std::string>& names = list.settings.classes;
  sink("image_path,width,height,detections,classes,counts,confidences,sharpness,brightness\n");
  picked.each(names, list.settings.confidence, [&](const Hit& hit) {
    std::string classes, counts, confidences;
    for (const auto& [label, one] : by_class(hit)) {
      const char* between = classes.empty() ? "" : ";";
      classes += between + names[static_cast<std::size_t>(label)];
      counts += between + std::to_string(one.count);
      confidences += between + number(one.best);
    }
    sink(csv_field(hit.path.string()) + "," + std::to_string(hit.look.picture.width) + "," +
         std::to_string(hit.look.picture.height) + "," + std::to_string(hit.things.size()) + "," + csv_field(classes) +
         "," + counts + "," + confidences + "," + number(hit.look.quality.sharpness) + "," +
         number(hit.look.quality.brightness) + "\n");
  });
}

ordered_json settings_json(const ListSettings& settings) {
  ordered_json json = {{"where", settings.rule}, {"confidence", rounded(settings.confidence)}};
  json["model"] = settings.model.empty() ? ordered_json(nullptr) : ordered_json(settings.model);
  return json;
}

void write_json(const HitList& list, const pipeline::Picked& picked, const Sink& sink) {
  sink("{\n  \"pixmill\": \"filter\",\n  \"total_images\": " + std::to_string(picked.pictures()) +
       ",\n  \"filtered_images\": " + std::to_string(picked.hits()) +
       ",\n  \"filter_settings\": " + dump(settings_json(list.settings)) + ",\n  \"results\": [");
  bool first = true;
  picked.each(list.settings.classes, list.settings.confidence, [&](const Hit& hit) {
    ordered_json json = {
        {"image_path", hit.path.string()}, {"width", hit.look.picture.width}, {"height", hit.look.picture.height}};
    if (hit.look.quality.sharpness >= 0) json["sharpness"] = rounded(hit.look.quality.sharpness);
    if (hit.look.quality.brightness >= 0) json["brightness"] = rounded(hit.look.quality.brightness);
    json["detections"] = ordered_json::object();
    for (const auto& [label, one] : by_class(hit))
      json["detections"][list.settings.classes[static_cast<std::size_t>(label)]] = {{"count", one.count},
                                                                                    {"confidence", rounded(one.best)}};
    sink(std::string(first ? "\n    " : ",\n    ") + dump(json));
    first = false;
  });
  sink(first ? "]\n}\n" : "\n  ]\n}\n");
}

}  // namespace

void write_hits(const HitList& list, const pipeline::Picked& picked, const Sink& sink) {
  switch (list.format) {
    case ListFormat::text: return write_text(list, picked, sink);
    case ListFormat::csv: return write_csv(list, picked, sink);
    case ListFormat::json: return write_json(list, picked, sink);
  }
}

}  // namespace pixmill::cli
