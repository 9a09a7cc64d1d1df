#include "exports/mask_maker.h"

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/digest.h"

namespace pixmill::exports {
namespace {

constexpr std::uint8_t kWhite = 128;  // and above

// What is white in a picture of any kind: its first channel.
BitMask white_of(const Image& picture) {
  if (picture.type() == PixelType::u8 && picture.channels() == 1) return bits_of(picture, kWhite);
  const Image rgb = to_rgb8(picture);
  Image gray(rgb.size(), 1);
  for (int y = 0; y < rgb.height(); ++y) {
    const std::uint8_t* from = rgb.row<std::uint8_t>(y);
    for (int x = 0; x < rgb.width(); ++x) gray.row<std::uint8_t>(y)[x] = from[3 * x];
  }
  return bits_of(gray, kWhite);
}

}  // namespace

MaskMaker::MaskMaker(const config::Values& values) : options_(tasks::read_mask_options(values)) {
  if (options_.fixed.empty()) return;
  try {
    const std::vector<std::byte> file = codecs::read_file(options_.fixed);
    BitMask fixed = white_of(codecs::decode(file, options_.fixed, {.metadata = false}).image);
    if (!options_.invert) invert(fixed);
    fixed_ = std::make_unique<const BitMask>(std::move(fixed));
    fixed_hash_ = platform::sha256(file);
  } catch (const Error& error) {
    throw Error(ErrorCode::usage, "--fixed: " + error.message(),
                "a picture like the masks that are written: " +
                    std::string(options_.invert ? "white" : "black") + " is left out");
  }
}

MaskMaker::Made MaskMaker::make(const Entry& entry) const {
  const tasks::Detections record = tasks::unpack_detections(entry.kind, entry.body, entry.picture);
  const std::vector<const tasks::Detection*> things = tasks::things_to_mask(record, options_);
  Made made;
  if (options_.as_stored) made.orientation = entry.file->orientation();
  made.left_out = tasks::left_out(record, things, options_, made.orientation, fixed_.get(), entry.picture);
  for (const tasks::Detection* thing : things) made.boxes |= thing->mask.empty() && thing->polygons.empty();
  return made;
}

}  // namespace pixmill::exports
