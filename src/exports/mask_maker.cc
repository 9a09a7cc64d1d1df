#include "exports/mask_maker.h"

#include <optional>
#include <utility>

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
                "a picture like the masks that are written: " + std::string(options_.invert ? "white" : "black") +
                    " is left out");
  }
}

MaskMaker::Found MaskMaker::found_in(std::string_view kind, std::span<const std::byte> body,
                                     std::string_view picture) const {
  Found found{tasks::unpack_detections(kind, body, picture), {}};
  found.things = tasks::things_to_mask(found.record, options_);
  return found;
}

int MaskMaker::reach(const Entry& entry) const {
  if (options_.steady == 0) return 0;
  return found_in(entry.kind, entry.body, entry.picture).things.empty() ? options_.steady : 0;
}

// What was found in the nearest frame before and behind that has anything; nothing where one is missing, or both are
// too far from each other.
std::vector<MaskMaker::Found> MaskMaker::around(const Entry& entry, Size picture) const {
  std::optional<Found> before, behind;
  int first = 0, last = 0;
  for (const Neighbour& one : entry.neighbours) {
    if (one.offset > 0 && behind) break;
    Found found = found_in(one.kind, one.body, entry.picture);
    if (found.things.empty() || found.record.picture != picture) continue;
    (one.offset < 0 ? first : last) = one.offset;
    (one.offset < 0 ? before : behind) = std::move(found);
  }
  std::vector<Found> both;
  if (!before || !behind || last - first - 1 > options_.steady) return both;
  both.push_back(std::move(*before));
  both.push_back(std::move(*behind));
  return both;
}

MaskMaker::Made MaskMaker::make(const Entry& entry) const {
  Found found = found_in(entry.kind, entry.body, entry.picture);
  std::vector<Found> others;
  if (found.things.empty()) others = around(entry, found.record.picture);
  for (const Found& other : others) found.things.insert(found.things.end(), other.things.begin(), other.things.end());
  Made made;
  if (options_.as_stored && entry.file != nullptr) made.orientation = entry.file->orientation();
  made.left_out = tasks::left_out(found.record, found.things, options_, made.orientation, fixed_.get(), entry.picture);
  for (const tasks::Detection* thing : found.things) made.boxes |= thing->mask.empty() && thing->polygons.empty();
  return made;
}

}  // namespace pixmill::exports
