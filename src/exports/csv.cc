// CSV: a line for each thing, under a line of names. Pixels; an empty field: not measured.
#include "exports/detection_reader.h"
#include "exports/formats.h"
#include "exports/text.h"

namespace pixmill::exports {
namespace {

constexpr int kPixelDigits = 2, kScoreDigits = 5;

std::string measured(float value) {
  return value < 0 ? "" : number(value, kPixelDigits);
}

class Csv final : public Exporter {
 public:
  explicit Csv(tasks::Selection selection) : reader_(std::move(selection)) {}

  void begin(const Sink& sink) override {
    sink("image,width,height,class,class_id,confidence,x0,y0,x1,y1,area,sharpness,brightness\n");
  }

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    const tasks::Detections& record = chosen.record;
    const std::string picture = csv_text(entry.picture) + "," + std::to_string(record.picture.width) + "," +
                                std::to_string(record.picture.height) + ",";
    const std::string quality = measured(record.quality.sharpness) + "," + measured(record.quality.brightness);
    for (const tasks::Detection* one : chosen.found) {
      const tasks::Box& box = one->box;
      std::string line = picture + csv_text(reader_.classes()[static_cast<std::size_t>(box.label)]) + "," +
                         std::to_string(box.label) + "," + number(box.score, kScoreDigits);
      for (const double value :
           {double{box.left}, double{box.top}, double{box.right}, double{box.bottom}, tasks::area(*one)})
        line += "," + number(value, kPixelDigits);
      sink(line + "," + quality + "\n");
    }
  }

 private:
  DetectionReader reader_;
};

}  // namespace

std::unique_ptr<Exporter> make_csv(const config::Values& values) {
  return std::make_unique<Csv>(tasks::read_selection(values));
}

}  // namespace pixmill::exports
