// LabelMe's JSON: a file for each picture, with a rectangle or polygons for each thing. AnyLabeling and X-AnyLabeling
// read it; `score` is theirs.
#include "exports/detection_reader.h"
#include "exports/formats.h"
#include "exports/shape_writing.h"
#include "exports/text.h"

namespace pixmill::exports {
namespace {

constexpr int kPixelDigits = 2, kScoreDigits = 5;
constexpr std::string_view kVersion = "5.5.0";  // of LabelMe's files

std::string shape(const std::string& label, const std::string& points, std::string_view type, int group, double score) {
  return "    {\"label\":" + json_text(label) + ",\"points\":[" + points +
         "],\"group_id\":" + (group == 0 ? "null" : std::to_string(group)) + ",\"description\":\"\",\"shape_type\":\"" +
         std::string(type) + "\",\"flags\":{},\"mask\":null,\"score\":" + fixed(score, kScoreDigits) + "}";
}

std::string points_of(const tasks::Polygon& polygon) {
  return "[" + corners(polygon, ",", "],[", kPixelDigits) + "]";
}

class LabelMe final : public Exporter {
 public:
  explicit LabelMe(const config::Values& values)
      : reader_(tasks::read_selection(values)), shapes_(read_shape_options(values)) {}

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    groups_ = 0;
    std::string shapes;
    for (const tasks::Detection* one : chosen.found) {
      for (const std::string& text : shapes_of(*one)) shapes += (shapes.empty() ? "\n" : ",\n") + text;
    }
    sink("{\n  \"version\":\"" + std::string(kVersion) + "\",\n  \"flags\":{},\n  \"shapes\":[" + shapes +
         (shapes.empty() ? "],\n" : "\n  ],\n") +
         "  \"imagePath\":" + json_text(entry.link.empty() ? entry.picture : entry.link) +
         ",\n  \"imageData\":null,\n  \"imageHeight\":" + std::to_string(chosen.record.picture.height) +
         ",\n  \"imageWidth\":" + std::to_string(chosen.record.picture.width) + "\n}\n");
  }

  std::vector<std::string> notes() const override { return losses_.notes("labelme", "coco, cvat and masks"); }

 private:
  // Parts of one thing share a group.
  std::vector<std::string> shapes_of(const tasks::Detection& found) {
    const std::string& label = reader_.classes()[static_cast<std::size_t>(found.box.label)];
    const tasks::Box& box = found.box;
    if (shapes_.boxes_only || !has_shape(found)) {
      const tasks::Polygon diagonal = {{box.left, box.top}, {box.right, box.bottom}};
      return {shape(label, points_of(diagonal), "rectangle", 0, box.score)};
    }
    losses_.count_holes(found);
    const std::vector<tasks::Polygon> parts = polygons_of(found, shapes_);
    const int group = parts.size() > 1 ? ++groups_ : 0;
    std::vector<std::string> texts;
    for (const tasks::Polygon& part : parts)
      texts.push_back(shape(label, points_of(part), "polygon", group, box.score));
    return texts;
  }

  DetectionReader reader_;
  const ShapeOptions shapes_;
  Losses losses_;
  int groups_ = 0;  // of this picture
};

}  // namespace

std::unique_ptr<Exporter> make_labelme(const config::Values& values) {
  return std::make_unique<LabelMe>(values);
}

}  // namespace pixmill::exports
