// COCO's JSON of a set of pictures. Things go out as they come; of each picture a line of text is kept until the end,
// about a hundred bytes.
#include "exports/coco_rle.h"
#include "exports/detection_reader.h"
#include "exports/formats.h"
#include "exports/shape_writing.h"
#include "exports/text.h"
#include "pixmill/tasks/shapes.h"

namespace pixmill::exports {
namespace {

constexpr int kPixelDigits = 2, kScoreDigits = 5;

class Coco final : public Exporter {
 public:
  explicit Coco(const config::Values& values)
      : reader_(tasks::read_selection(values)), shapes_(read_shape_options(values)) {}

  void begin(const Sink& sink) override {
    sink("{\"info\":{\"description\":\"detections\",\"pixmill\":\"coco\"},\"licenses\":[],\"annotations\":[");
  }

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    ++pictures_;
    images_ += (pictures_ > 1 ? ",\n{\"id\":" : "\n{\"id\":") + std::to_string(pictures_) +
               ",\"file_name\":" + json_text(entry.picture) +
               ",\"width\":" + std::to_string(chosen.record.picture.width) +
               ",\"height\":" + std::to_string(chosen.record.picture.height) + "}";
    for (const tasks::Detection* one : chosen.found) sink(annotation(*one, chosen.record.picture));
  }

  void end(const Sink& sink) override {
    sink("\n],\"images\":[");
    sink(images_);
    sink("\n],\"categories\":[");
    const std::vector<std::string>& classes = reader_.classes();
    for (std::size_t i = 0; i < classes.size(); ++i) {
      sink((i > 0 ? ",\n{\"id\":" : "\n{\"id\":") + std::to_string(i + 1) + ",\"name\":" + json_text(classes[i]) +
           ",\"supercategory\":\"\"}");
    }
    sink("\n]}\n");
  }

 private:
  // Categories count from 1, as many readers take 0 for the background.
  std::string annotation(const tasks::Detection& found, Size picture) {
    const tasks::Box& box = found.box;
    const double width = static_cast<double>(box.right) - box.left, height = static_cast<double>(box.bottom) - box.top;
    ++things_;
    return (things_ > 1 ? ",\n{\"id\":" : "\n{\"id\":") + std::to_string(things_) +
           ",\"image_id\":" + std::to_string(pictures_) + ",\"category_id\":" + std::to_string(box.label + 1) +
           ",\"bbox\":[" + fixed(box.left, kPixelDigits) + "," + fixed(box.top, kPixelDigits) + "," +
           fixed(width, kPixelDigits) + "," + fixed(height, kPixelDigits) +
           "],\"area\":" + fixed(shapes_.boxes_only ? width * height : tasks::area(found), kPixelDigits) +
           ",\"iscrowd\":0,\"segmentation\":" + segmentation(found, picture) + keypoints(found) +
           ",\"score\":" + fixed(box.score, kScoreDigits) + "}";
  }

  std::string segmentation(const tasks::Detection& found, Size picture) const {
    if (shapes_.boxes_only || !has_shape(found)) return "[]";
    if (!found.mask.empty() && tasks::has_holes(found.mask)) return coco_rle(tasks::mask_of(found, picture));
    std::string text = "[";
    for (const tasks::Polygon& polygon : polygons_of(found, shapes_))
      text += (text.size() > 1 ? ",[" : "[") + corners(polygon, ",", ",", kPixelDigits) + "]";
    return text + "]";
  }

  // 2: labelled and visible.
  static std::string keypoints(const tasks::Detection& found) {
    if (found.points.empty()) return {};
    std::string text;
    for (const tasks::Point& point : found.points)
      text += (text.empty() ? "" : ",") + number(point.x, kPixelDigits) + "," + number(point.y, kPixelDigits) + ",2";
    return ",\"keypoints\":[" + text + "],\"num_keypoints\":" + std::to_string(found.points.size());
  }

  DetectionReader reader_;
  const ShapeOptions shapes_;
  std::string images_;
  std::int64_t pictures_ = 0, things_ = 0;
};

}  // namespace

std::unique_ptr<Exporter> make_coco(const config::Values& values) {
  return std::make_unique<Coco>(values);
}

}  // namespace pixmill::exports
