// YOLO's text format: a line for each thing, all numbers as shares of the picture: "class x y width height", the middle
// and size of its box, or "class x y x y ...", the corners of its shape. A picture without things has an empty file:
// somebody looked, and found nothing.
#include <algorithm>

#include "exports/detection_reader.h"
#include "exports/formats.h"
#include "exports/shape_writing.h"
#include "exports/text.h"
#include "exports/yolo_files.h"

namespace pixmill::exports {
namespace {

constexpr int kDigits = 6;  // a hundredth of a pixel in 10,000

std::string box_text(const tasks::Box& box, Size picture) {
  const double width = picture.width, height = picture.height;
  const double left = box.left, right = box.right, top = box.top, bottom = box.bottom;
  std::string text;
  for (const double share :
       {(left + right) / 2 / width, (top + bottom) / 2 / height, (right - left) / width, (bottom - top) / height})
    text += " " + fixed(share, kDigits);
  return text;
}

std::string line_text(const tasks::Polygon& line, Size picture) {
  std::string text;
  for (const tasks::Point& corner : line) {
    const double x = static_cast<double>(corner.x) / picture.width, y = static_cast<double>(corner.y) / picture.height;
    text += " " + fixed(std::clamp(x, 0.0, 1.0), kDigits) + " " + fixed(std::clamp(y, 0.0, 1.0), kDigits);
  }
  return text;
}

enum class Kind { ultralytics, darknet };

class Yolo final : public Exporter {
 public:
  Yolo(Kind kind, tasks::Selection selection, ShapeOptions shapes)
      : kind_(kind), reader_(std::move(selection)), shapes_(shapes) {}

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    const Size picture = chosen.record.picture;
    // Readers take all lines of a file for shapes where one is.
    const bool lines = !shapes_.boxes_only && std::any_of(chosen.found.begin(), chosen.found.end(),
                                                          [](const auto* one) { return has_shape(*one); });
    std::string text;
    for (const tasks::Detection* one : chosen.found) {
      if (lines) losses_.count_holes(*one);
      text += std::to_string(one->box.label) +
              (lines ? line_text(in_one_line(polygons_of(*one, shapes_)), picture) : box_text(one->box, picture)) +
              "\n";
    }
    sink(text);
  }

  std::vector<SideFile> side_files() const override {
    if (kind_ == Kind::darknet) return {{"obj.names", names_a_line(reader_.classes())}};
    return {{"classes.txt", names_a_line(reader_.classes())}, yolo_data(reader_.classes())};
  }

  std::vector<SideFile> data_set_files(const std::vector<Subset>& subsets) const override {
    if (kind_ == Kind::darknet) return darknet_files(reader_.classes(), subsets);
    return {{"classes.txt", names_a_line(reader_.classes())}, yolo_data(reader_.classes(), subsets)};
  }

  std::vector<std::string> notes() const override { return losses_.notes("yolo", "coco and masks"); }

 private:
  const Kind kind_;
  DetectionReader reader_;
  const ShapeOptions shapes_;
  Losses losses_;
};

}  // namespace

std::unique_ptr<Exporter> make_yolo(const config::Values& values) {
  return std::make_unique<Yolo>(Kind::ultralytics, tasks::read_selection(values), read_shape_options(values));
}

std::unique_ptr<Exporter> make_darknet(const config::Values& values) {
  return std::make_unique<Yolo>(Kind::darknet, tasks::read_selection(values), ShapeOptions{.boxes_only = true});
}

}  // namespace pixmill::exports
