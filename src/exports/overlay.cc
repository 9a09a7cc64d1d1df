// A look at masks: the photograph, the photograph with what is left out in red, and the mask, side by side as JPEG.
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "exports/formats.h"
#include "exports/mask_maker.h"
#include "exports/shown_picture.h"
#include "pixmill/core/resize.h"

namespace pixmill::exports {
namespace {

constexpr int kQuality = 88;
constexpr int kLongest = 1280;  // of one of the three
constexpr int kGap = 8;         // white, between them
constexpr std::array<int, 3> kRed = {255, 32, 32};

// As the photograph is seen: the mask's pixels may be stored in another order.
Image upright(const Image& stored, int orientation, Size size) {
  Image image(size, 1);
  const bool turned = orientation >= 5;
  const bool mirrored = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flipped = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const int u = turned ? y : x, v = turned ? x : y;
      image.row<std::uint8_t>(y)[x] =
          stored.row<std::uint8_t>(flipped ? stored.height() - 1 - v : v)[mirrored ? stored.width() - 1 - u : u];
    }
  }
  return image;
}

// How far each pixel is left out, 0..255, at the size of the shown picture.
Image shares(const MaskMaker::Made& made, Size shown) {
  const Image whole = image_of(made.left_out);
  const Size stored = made.orientation >= 5 ? Size{shown.height, shown.width} : shown;
  return upright(whole.size() == stored ? whole.clone() : resize(whole, stored, Filter::bilinear), made.orientation,
                 shown);
}

// The three, in one picture.
Image side_by_side(const Image& photo, const Image& masked, bool inverted) {
  const auto [width, height] = photo.size();
  Image whole({3 * width + 2 * kGap, height}, 3);
  std::memset(whole.data(), 255, whole.bytes());
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* from = photo.row<std::uint8_t>(y);
    const std::uint8_t* share = masked.row<std::uint8_t>(y);
    std::uint8_t* before = whole.row<std::uint8_t>(y);
    std::uint8_t* after = before + 3 * (width + kGap);
    std::uint8_t* mask = after + 3 * (width + kGap);
    std::memcpy(before, from, static_cast<std::size_t>(width) * 3);
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int colour = from[3 * x + c], tint = (colour + kRed[static_cast<std::size_t>(c)]) / 2;
        after[3 * x + c] = static_cast<std::uint8_t>(colour + (tint - colour) * share[x] / 255);
        mask[3 * x + c] = inverted ? share[x] : static_cast<std::uint8_t>(255 - share[x]);
      }
    }
  }
  return whole;
}

class Overlay final : public Exporter {
 public:
  explicit Overlay(std::shared_ptr<const MaskMaker> maker) : maker_(std::move(maker)) {}

  int reach(const Entry& entry) const override { return maker_->reach(entry); }

  void add(const Entry& entry, const Sink& sink) override {
    const MaskMaker::Made made = maker_->make(entry);
    const Image photo = entry.file->pixels(kLongest);
    const Image masked = shares(made, photo.size());
    sink(jpeg(side_by_side(photo, masked, maker_->options().invert), kQuality));
  }

 private:
  const std::shared_ptr<const MaskMaker> maker_;
};

}  // namespace

Making prepare_overlay(const config::Values& values) {
  auto maker = std::make_shared<const MaskMaker>(values);
  return {[maker] { return std::make_unique<Overlay>(maker); }, maker->further_key()};
}

}  // namespace pixmill::exports
