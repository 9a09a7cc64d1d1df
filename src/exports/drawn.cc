// Pictures with what was found drawn on them, as JPEG.
#include <vector>

#include "exports/drawing/scene.h"
#include "exports/drawing/text.h"
#include "exports/formats.h"
#include "exports/shown_picture.h"

namespace pixmill::exports {
namespace {

constexpr int kQuality = 90;

class Drawn final : public Exporter {
 public:
  Drawn(tasks::Selection selection, tasks::Drawing drawing) : reader_(std::move(selection)), drawing_(drawing) {}

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    Image picture = picture_of(entry, chosen.record);
    draw(picture, chosen, drawing_);
    sink(jpeg(picture, kQuality));
    without_labels_ = without_labels_ || (drawing_.labels && !chosen.found.empty() && !has_fonts());
  }

  std::vector<std::string> notes() const override {
    if (!without_labels_) return {};
    return {
        "this system has no font, so pictures are drawn without labels; install one, for example fonts-dejavu-core"};
  }

 private:
  DetectionReader reader_;
  const tasks::Drawing drawing_;
  bool without_labels_ = false;
};

}  // namespace

const std::vector<config::Flag>& drawn_flags() {
  static const std::vector<config::Flag> flags = flags_of({&tasks::selection_flags(), &tasks::drawing_flags()});
  return flags;
}

std::unique_ptr<Exporter> make_drawn(const config::Values& values) {
  return std::make_unique<Drawn>(tasks::read_selection(values), tasks::read_drawing(values));
}

}  // namespace pixmill::exports
