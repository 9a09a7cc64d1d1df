// A PNG for each picture, 8 bits a pixel: the class of what is seen there and 1, or 0 where nothing is. Of two things
// that overlap the better one is seen.
#include <cstring>
#include <limits>

#include "exports/detection_reader.h"
#include "exports/formats.h"
#include "exports/text.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"
#include "pixmill/tasks/shapes.h"

namespace pixmill::exports {
namespace {

Image blank(Size size) {
  Image image(size, 1);
  std::memset(image.data(), 0, image.bytes());
  return image;
}

void paint(Image& image, const RunMask& mask, std::uint8_t value) {
  each_span(mask, [&](int x, int from, int to) {
    for (int y = from; y < to; ++y) image.row<std::uint8_t>(y)[x] = value;
  });
}

class Masks final : public Exporter {
 public:
  explicit Masks(tasks::Selection selection) : reader_(std::move(selection)) {}

  void add(const Entry& entry, const Sink& sink) override {
    const Chosen chosen = reader_.read(entry);
    Image image = blank(chosen.record.picture);
    for (auto one = chosen.found.rbegin(); one != chosen.found.rend(); ++one)
      paint(image, tasks::mask_of(**one, chosen.record.picture), value_of((*one)->box.label));
    const std::vector<std::byte> file = codecs::encode(image, {.format = codecs::Format::png});
    sink({reinterpret_cast<const char*>(file.data()), file.size()});
  }

  std::vector<SideFile> side_files() const override {
    std::string names = "0 background\n";
    for (std::size_t i = 0; i < reader_.classes().size(); ++i)
      names += std::to_string(i + 1) + " " + one_line(reader_.classes()[i]) + "\n";
    return {{"masks.txt", std::move(names)}};
  }

 private:
  std::uint8_t value_of(int label) const {
    if (label >= std::numeric_limits<std::uint8_t>::max()) {
      throw Error(ErrorCode::usage,
                  "masks: the class '" + reader_.classes()[static_cast<std::size_t>(label)] + "' has the number " +
                      std::to_string(label) + ", and a pixel of 8 bits holds 254 at most",
                  "choose fewer with --classes, or another format: coco keeps masks");
    }
    return static_cast<std::uint8_t>(label + 1);
  }

  DetectionReader reader_;
};

}  // namespace

std::unique_ptr<Exporter> make_masks(const config::Values& values) {
  return std::make_unique<Masks>(tasks::read_selection(values));
}

}  // namespace pixmill::exports
