// A mask for each picture, as programs of photogrammetry want it: white is kept, black is left out.
#include <memory>
#include <utility>

#include "exports/formats.h"
#include "exports/mask_maker.h"
#include "exports/shown_picture.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/gray_png.h"
#include "pixmill/core/blur.h"

namespace pixmill::exports {
namespace {

class Mask final : public Exporter {
 public:
  explicit Mask(std::shared_ptr<const MaskMaker> maker) : maker_(std::move(maker)) {}

  std::size_t bytes(const Entry& entry) const override {
    constexpr std::size_t kBytesOfSoftPixel = 8, kBitMasks = 4;
    const tasks::Detections record = tasks::unpack_detections(entry.kind, entry.body, entry.picture);
    const auto pixels = static_cast<std::size_t>(record.picture.area());
    return maker_->options().feather > 0 ? pixels * kBytesOfSoftPixel : pixels * kBitMasks / 8;
  }

  int reach(const Entry& entry) const override { return maker_->reach(entry); }

  void add(const Entry& entry, const Sink& sink) override {
    const tasks::MaskOptions& options = maker_->options();
    MaskMaker::Made made = maker_->make(entry);
    boxes_ = boxes_ || made.boxes;
    turned_ = turned_ || made.orientation != 1;
    if (!options.every_image && area(made.left_out) == 0) {
      skipped_ = true;
      return;
    }
    if (!options.invert) invert(made.left_out);
    sink(text_of(options.feather > 0 ? soft(made.left_out) : codecs::gray_png(made.left_out)));
  }

  std::vector<std::string> notes() const override {
    std::vector<std::string> notes;
    const std::string program(maker_->options().profile->program);
    if (boxes_) notes.emplace_back("some things are known by their boxes only, so their masks are rectangles");
    if (turned_)
      notes.emplace_back(
          "some photographs are turned by EXIF; their masks are as the file stores the pixels, not upright");
    if (skipped_)
      notes.push_back("pictures in which nothing was found have no mask, and " + program +
                      " uses them whole; --every-image makes white ones");
    return notes;
  }

 private:
  std::vector<std::byte> soft(const BitMask& mask) const {
    return codecs::encode(gaussian_blur(image_of(mask), maker_->options().feather), {.format = codecs::Format::png});
  }

  const std::shared_ptr<const MaskMaker> maker_;
  bool boxes_ = false, turned_ = false, skipped_ = false;
};

}  // namespace

const std::vector<config::Flag>& mask_export_flags() {
  static const std::vector<config::Flag> flags = flags_of({&tasks::selection_flags(), &tasks::mask_flags()});
  return flags;
}

Making prepare_mask(const config::Values& values) {
  auto maker = std::make_shared<const MaskMaker>(values);
  return {[maker] { return std::make_unique<Mask>(maker); }, maker->further_key()};
}

std::string mask_names(const config::Values& values) {
  return std::string(tasks::mask_profile(values.text("profile")).name_template);
}

std::vector<std::string> masks_among_photos(const config::Values& values) {
  const std::string_view pattern = tasks::mask_profile(values.text("profile")).among_photos;
  return pattern.empty() ? std::vector<std::string>() : std::vector<std::string>{std::string(pattern)};
}

}  // namespace pixmill::exports
