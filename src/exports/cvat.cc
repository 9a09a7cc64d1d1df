// "CVAT for images 1.1": one XML file. A thing is a box, a polygon, or, where one polygon does not say its shape, a
// mask.
#include "exports/detection_reader.h"
#include "exports/formats.h"
#include "exports/shape_writing.h"
#include "exports/text.h"
#include "pixmill/tasks/shapes.h"

namespace pixmill::exports {
namespace {

constexpr int kPixelDigits = 2;

// Runs of the pixels in `window`, row by row, outside and inside by turns, the first one outside.
std::string runs_by_rows(const RunMask& mask, const Rect& window) {
  const Image bitmap = bitmap_of(mask, window);
  std::string text;
  std::uint8_t now = 0;
  std::int64_t run = 0;
  const auto close = [&] {
    text += (text.empty() ? "" : ", ") + std::to_string(run);
    run = 0;
  };
  for (int y = 0; y < window.height; ++y) {
    const std::uint8_t* row = bitmap.row<std::uint8_t>(y);
    for (int x = 0; x < window.width; ++x) {
      if (row[x] != now) {
        close();
        now = row[x];
      }
      ++run;
    }
  }
  close();
  return text;
}

class Cvat final : public Exporter {
 public:
  explicit Cvat(const config::Values& values)
      : reader_(tasks::read_selection(values)), shapes_(read_shape_options(values)) {}

  void begin(const Sink& sink) override {
    sink("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n");
  }

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    if (pictures_ == 0) sink(labels());
    sink("  <image id=\"" + std::to_string(pictures_++) + "\" name=\"" + xml_text(entry.picture) + "\"" +
         (entry.subset.empty() ? "" : " subset=\"" + xml_text(entry.subset) + "\"") + " width=\"" +
         std::to_string(chosen.record.picture.width) + "\" height=\"" + std::to_string(chosen.record.picture.height) +
         "\">\n");
    for (const tasks::Detection* one : chosen.found) sink(thing(*one, chosen.record.picture));
    sink("  </image>\n");
  }

  void end(const Sink& sink) override { sink("</annotations>\n"); }

 private:
  std::string labels() const {
    std::string text = "  <meta>\n    <task>\n      <labels>\n";
    for (const std::string& name : reader_.classes())
      text += "        <label><name>" + xml_text(name) + "</name><attributes></attributes></label>\n";
    return text + "      </labels>\n    </task>\n  </meta>\n";
  }

  std::string thing(const tasks::Detection& found, Size picture) const {
    const tasks::Box& box = found.box;
    const auto element = [&](const char* name, const std::string& shape) {
      return "    <" + std::string(name) + " label=\"" +
             xml_text(reader_.classes()[static_cast<std::size_t>(box.label)]) + "\" source=\"auto\" occluded=\"0\" " +
             shape + " z_order=\"0\"></" + name + ">\n";
    };
    if (shapes_.boxes_only || !has_shape(found)) {
      return element("box", "xtl=\"" + fixed(box.left, kPixelDigits) + "\" ytl=\"" + fixed(box.top, kPixelDigits) +
                                "\" xbr=\"" + fixed(box.right, kPixelDigits) + "\" ybr=\"" +
                                fixed(box.bottom, kPixelDigits) + "\"");
    }
    const std::vector<tasks::Polygon> parts = polygons_of(found, shapes_);
    if (parts.size() == 1 && (found.mask.empty() || !tasks::has_holes(found.mask)))
      return element("polygon", "points=\"" + corners(parts.front(), ",", ";", kPixelDigits) + "\"");
    const RunMask mask = tasks::mask_of(found, picture);
    const Rect window = bounds(mask);
    return element("mask", "rle=\"" + runs_by_rows(mask, window) + "\" left=\"" + std::to_string(window.x) +
                               "\" top=\"" + std::to_string(window.y) + "\" width=\"" + std::to_string(window.width) +
                               "\" height=\"" + std::to_string(window.height) + "\"");
  }

  DetectionReader reader_;
  const ShapeOptions shapes_;
  std::int64_t pictures_ = 0;
};

}  // namespace

std::unique_ptr<Exporter> make_cvat(const config::Values& values) {
  return std::make_unique<Cvat>(values);
}

}  // namespace pixmill::exports
