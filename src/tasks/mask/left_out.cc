#include "pixmill/core/error.h"
#include "pixmill/tasks/masking.h"
#include "pixmill/tasks/shapes.h"

namespace pixmill::tasks {
namespace {

std::string in_words(Size size) {
  return std::to_string(size.width) + " x " + std::to_string(size.height);
}

void require_size(const BitMask& fixed, Size size, std::string_view picture) {
  if (fixed.size() == size) return;
  throw Error(
      ErrorCode::unsupported,
      std::string(picture) + ": its mask has " + in_words(size) + " pixels, that of --fixed " + in_words(fixed.size()),
      "--fixed takes a mask of the photographs' own size; mask those of another size in a run of their own");
}

}  // namespace

BitMask left_out(const Detections& record, const std::vector<const Detection*>& things, const MaskOptions& options,
                 int orientation, const BitMask* fixed, std::string_view picture) {
  const auto [width, height] = record.picture;
  BitMask mask(orientation >= 5 ? Size{height, width} : record.picture);
  if (fixed != nullptr) require_size(*fixed, mask.size(), picture);
  for (const Detection* thing : things)
    add(mask, thing->mask.empty() ? mask_of(*thing, record.picture) : thing->mask, orientation);
  if (options.fill_holes) fill_holes(mask);
  if (const std::int64_t least = options.least.of(record.picture); least > 1) remove_small_parts(mask, least);
  if (options.erode > 0) erode(mask, options.erode);
  const auto grow = [&] { (options.around ? dilate_around : dilate)(mask, options.dilate); };
  if (options.keep) {
    grow();
    invert(mask);
    if (fixed != nullptr) unite(mask, *fixed);
  } else {
    if (fixed != nullptr) unite(mask, *fixed);
    grow();
  }
  return mask;
}

}  // namespace pixmill::tasks
