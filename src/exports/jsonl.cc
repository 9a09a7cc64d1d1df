// JSON lines: an object for each picture, with all that is known of it.
#include "exports/coco_rle.h"
#include "exports/detection_reader.h"
#include "exports/formats.h"
#include "exports/shape_writing.h"
#include "exports/text.h"
#include "pixmill/tasks/shapes.h"

namespace pixmill::exports {
namespace {

constexpr int kPixelDigits = 2, kScoreDigits = 5;

class JsonLines final : public Exporter {
 public:
  explicit JsonLines(const config::Values& values)
      : reader_(tasks::read_selection(values)), shapes_(read_shape_options(values)), masks_(values.on("rle")) {}

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    const tasks::Detections& record = chosen.record;
    std::string line = "{\"image\":" + json_text(entry.picture) + ",\"width\":" + std::to_string(record.picture.width) +
                       ",\"height\":" + std::to_string(record.picture.height);
    if (record.quality.sharpness >= 0) line += ",\"sharpness\":" + number(record.quality.sharpness, kPixelDigits);
    if (record.quality.brightness >= 0) line += ",\"brightness\":" + number(record.quality.brightness, kPixelDigits);
    line += ",\"detections\":[";
    for (const tasks::Detection* one : chosen.found)
      line += (one == chosen.found.front() ? "" : ",") + thing(*one, record.picture);
    sink(line + "]}\n");
  }

 private:
  std::string thing(const tasks::Detection& found, Size picture) const {
    const tasks::Box& box = found.box;
    const tasks::Polygon diagonal = {{box.left, box.top}, {box.right, box.bottom}};
    std::string text = "{\"class\":" + json_text(reader_.classes()[static_cast<std::size_t>(box.label)]) +
                       ",\"class_id\":" + std::to_string(box.label) +
                       ",\"confidence\":" + number(box.score, kScoreDigits) + ",\"box\":[" +
                       corners(diagonal, ",", ",", kPixelDigits) +
                       "],\"area\":" + number(tasks::area(found), kPixelDigits);
    if (has_shape(found) && !shapes_.boxes_only) text += shape(found, picture);
    if (!found.points.empty()) text += ",\"points\":[[" + corners(found.points, ",", "],[", kPixelDigits) + "]]";
    return text + "}";
  }

  std::string shape(const tasks::Detection& found, Size picture) const {
    std::string text;
    for (const tasks::Polygon& part : polygons_of(found, shapes_))
      text += (text.empty() ? "[" : ",[") + corners(part, ",", ",", kPixelDigits) + "]";
    text = ",\"polygon\":[" + text + "]";
    return masks_ ? text + ",\"rle\":" + coco_rle(tasks::mask_of(found, picture)) : text;
  }

  DetectionReader reader_;
  const ShapeOptions shapes_;
  const bool masks_;
};

std::vector<config::Flag> all_flags() {
  std::vector<config::Flag> flags = shape_flags();
  flags.push_back({.name = "rle", .group = flags.front().group, .help = "of jsonl: masks too, as COCO writes them"});
  return flags;
}

}  // namespace

const std::vector<config::Flag>& jsonl_flags() {
  static const std::vector<config::Flag> flags = all_flags();
  return flags;
}

std::unique_ptr<Exporter> make_jsonl(const config::Values& values) {
  return std::make_unique<JsonLines>(values);
}

}  // namespace pixmill::exports
