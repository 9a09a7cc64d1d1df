// Create ML's JSON of a folder of pictures: boxes by their middle and size, in pixels.
#include "exports/detection_reader.h"
#include "exports/formats.h"
#include "exports/shape_writing.h"
#include "exports/text.h"

namespace pixmill::exports {
namespace {

constexpr int kPixelDigits = 2, kScoreDigits = 5;

class CreateMl final : public Exporter {
 public:
  explicit CreateMl(tasks::Selection selection) : reader_(std::move(selection)) {}

  void begin(const Sink& sink) override { sink("["); }

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    std::string things;
    for (const tasks::Detection* one : chosen.found) {
      if (has_shape(*one)) losses_.count_shape();
      things += (things.empty() ? "" : ",") + thing(one->box);
    }
    sink((first_ ? "\n{\"image\":" : ",\n{\"image\":") + json_text(entry.picture) + ",\"annotations\":[" + things +
         "]}");
    first_ = false;
  }

  void end(const Sink& sink) override { sink("\n]\n"); }

  std::vector<std::string> notes() const override { return losses_.notes("createml", "coco and masks"); }

 private:
  std::string thing(const tasks::Box& box) const {
    const double left = box.left, right = box.right, top = box.top, bottom = box.bottom;
    return "{\"label\":" + json_text(reader_.classes()[static_cast<std::size_t>(box.label)]) +
           ",\"coordinates\":{\"x\":" + number((left + right) / 2, kPixelDigits) +
           ",\"y\":" + number((top + bottom) / 2, kPixelDigits) + ",\"width\":" + number(right - left, kPixelDigits) +
           ",\"height\":" + number(bottom - top, kPixelDigits) + "},\"confidence\":" + number(box.score, kScoreDigits) +
           "}";
  }

  DetectionReader reader_;
  Losses losses_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<Exporter> make_createml(const config::Values& values) {
  return std::make_unique<CreateMl>(tasks::read_selection(values));
}

}  // namespace pixmill::exports
