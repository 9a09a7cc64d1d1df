// Label Studio's tasks: a picture by its address, and predictions in percent of it. The labelling interface that they
// need is a file beside.
#include "exports/detection_reader.h"
#include "exports/formats.h"
#include "exports/shape_writing.h"
#include "exports/text.h"

namespace pixmill::exports {
namespace {

constexpr int kDigits = 5;  // of percent: a thousandth of a pixel in 10,000

// As an address may hold it in a query: letters, digits, - . _ ~ and /.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') ||
                       std::string_view("-._~/").find(letter) != std::string_view::npos;
    if (plain) {
      encoded += letter;
    } else {
      encoded += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return encoded;
}

class LabelStudio final : public Exporter {
 public:
  explicit LabelStudio(const config::Values& values)
      : reader_(tasks::read_selection(values)),
        shapes_(read_shape_options(values)),
        address_(values.text("image-root")) {}

  void begin(const Sink& sink) override { sink("["); }

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    picture_ = chosen.record.picture;
    results_ = 0;
    std::string results;
    double sum = 0;
    for (const tasks::Detection* one : chosen.found) {
      for (const std::string& text : results_of(*one)) results += (results.empty() ? "\n  " : ",\n  ") + text;
      sum += one->box.score;
    }
    const double mean = chosen.found.empty() ? 0 : sum / static_cast<double>(chosen.found.size());
    sink((first_ ? "\n{\"data\":{\"image\":" : ",\n{\"data\":{\"image\":") +
         json_text(address_ + percent_encoded(entry.picture)) +
         "},\"predictions\":[{\"model_version\":\"pixmill\",\"score\":" + number(mean, kDigits) + ",\"result\":[" +
         results + "]}]}");
    first_ = false;
  }

  void end(const Sink& sink) override { sink("\n]\n"); }

  std::vector<SideFile> side_files() const override {
    std::string labels;
    for (const std::string& name : reader_.classes()) labels += "    <Label value=\"" + xml_text(name) + "\"/>\n";
    return {{"label-studio.xml",
             "<View>\n  <Image name=\"image\" value=\"$image\"/>\n  <RectangleLabels name=\"box\" toName=\"image\">\n" +
                 labels + "  </RectangleLabels>\n  <PolygonLabels name=\"polygon\" toName=\"image\">\n" + labels +
                 "  </PolygonLabels>\n</View>\n"}};
  }

  std::vector<std::string> notes() const override { return losses_.notes("label-studio", "coco, cvat and masks"); }

 private:
  std::string percent(double pixels, int of) const { return number(100 * pixels / of, kDigits); }

  std::string result(const tasks::Box& box, std::string_view kind, const std::string& value) {
    const std::string labels = std::string(kind) == "polygon" ? "polygonlabels" : "rectanglelabels";
    return "{\"id\":\"" + std::to_string(++results_) + "\",\"type\":\"" + labels + "\",\"from_name\":\"" +
           std::string(kind) + "\",\"to_name\":\"image\",\"original_width\":" + std::to_string(picture_.width) +
           ",\"original_height\":" + std::to_string(picture_.height) +
           ",\"image_rotation\":0,\"score\":" + number(box.score, kDigits) + ",\"value\":{" + value + ",\"" + labels +
           "\":[" + json_text(reader_.classes()[static_cast<std::size_t>(box.label)]) + "]}}";
  }

  std::vector<std::string> results_of(const tasks::Detection& found) {
    const tasks::Box& box = found.box;
    if (shapes_.boxes_only || !has_shape(found)) {
      const double left = box.left, top = box.top;
      return {result(box, "box",
                     "\"x\":" + percent(left, picture_.width) + ",\"y\":" + percent(top, picture_.height) +
                         ",\"width\":" + percent(box.right - left, picture_.width) +
                         ",\"height\":" + percent(box.bottom - top, picture_.height) + ",\"rotation\":0")};
    }
    losses_.count_holes(found);
    std::vector<std::string> texts;
    for (const tasks::Polygon& part : polygons_of(found, shapes_)) {
      std::string points;
      for (const tasks::Point& corner : part)
        points += (points.empty() ? "[" : ",[") + percent(corner.x, picture_.width) + "," +
                  percent(corner.y, picture_.height) + "]";
      texts.push_back(result(box, "polygon", "\"points\":[" + points + "],\"closed\":true"));
    }
    return texts;
  }

  DetectionReader reader_;
  const ShapeOptions shapes_;
  const std::string address_;
  Losses losses_;
  Size picture_;
  int results_ = 0;  // of this picture
  bool first_ = true;
};

std::vector<config::Flag> all_flags() {
  std::vector<config::Flag> flags = shape_flags();
  flags.push_back({.name = "image-root",
                   .kind = config::Kind::text,
                   .value = "URL",
                   .fallback = "/data/local-files/?d=",
                   .group = flags.front().group,
                   .help = "of label-studio: what stands before the names of pictures"});
  return flags;
}

}  // namespace

const std::vector<config::Flag>& label_studio_flags() {
  static const std::vector<config::Flag> flags = all_flags();
  return flags;
}

std::unique_ptr<Exporter> make_label_studio(const config::Values& values) {
  return std::make_unique<LabelStudio>(values);
}

}  // namespace pixmill::exports
