// COCO's JSON of a set of pictures with boxes. Boxes go out as they come; of each picture a line of text is kept until
// the end, about a hundred bytes.
#include <nlohmann/json.hpp>

#include "exports/detection_reader.h"
#include "exports/formats.h"

namespace pixmill::exports {
namespace {

constexpr int kPixelDigits = 2, kScoreDigits = 5;

std::string json_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class Coco final : public Exporter {
 public:
  explicit Coco(tasks::Selection selection) : reader_(std::move(selection)) {}

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
    for (const tasks::Detection* one : chosen.found) sink(annotation(one->box));
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
  std::string annotation(const tasks::Box& box) {
    const double width = static_cast<double>(box.right) - box.left, height = static_cast<double>(box.bottom) - box.top;
    ++boxes_;
    return (boxes_ > 1 ? ",\n{\"id\":" : "\n{\"id\":") + std::to_string(boxes_) +
           ",\"image_id\":" + std::to_string(pictures_) + ",\"category_id\":" + std::to_string(box.label + 1) +
           ",\"bbox\":[" + fixed(box.left, kPixelDigits) + "," + fixed(box.top, kPixelDigits) + "," +
           fixed(width, kPixelDigits) + "," + fixed(height, kPixelDigits) +
           "],\"area\":" + fixed(width * height, kPixelDigits) +
           ",\"iscrowd\":0,\"segmentation\":[],\"score\":" + fixed(box.score, kScoreDigits) + "}";
  }

  DetectionReader reader_;
  std::string images_;
  std::int64_t pictures_ = 0, boxes_ = 0;
};

}  // namespace

std::unique_ptr<Exporter> make_coco(const config::Values& values) {
  return std::make_unique<Coco>(tasks::read_selection(values));
}

}  // namespace pixmill::exports
