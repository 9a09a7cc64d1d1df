#include "measure/mask_check/mask_file.h"

#include <algorithm>
#include <exception>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"

namespace pixmill::measure {
namespace {

Size as_stored(const codecs::Header& header) {
  return header.orientation >= 5 ? Size{header.size.height, header.size.width} : header.size;
}

void count(const Image& picture, MaskFile& found) {
  const Image bytes = to_u8(picture);
  const int channels = bytes.channels();
  for (int y = 0; y < bytes.height(); ++y) {
    const std::uint8_t* row = bytes.row<std::uint8_t>(y);
    for (int x = 0; x < bytes.width(); ++x) {
      const std::uint8_t value = row[static_cast<std::ptrdiff_t>(x) * channels];
      found.black += value == 0;
      found.between += value != 0 && value != 255;
    }
  }
}

}  // namespace

MaskFile read_mask(const std::filesystem::path& photograph, const std::filesystem::path& mask) {
  MaskFile found;
  try {
    const codecs::Header of_photograph = codecs::read_header_of(photograph);
    found.photograph = as_stored(of_photograph);
    found.orientation = of_photograph.orientation;
    const std::vector<std::byte> file = codecs::read_file(mask);
    const codecs::Header header = codecs::read_header(file, mask.string());
    found.stored = as_stored(header);
    found.channels = header.channels;
    found.bits = header.bits;
    count(codecs::decode(file, mask.string(), {.metadata = false}).image, found);
  } catch (const std::exception& error) {
    found.trouble = "cannot be read: " + std::string(error.what());
  }
  return found;
}

}  // namespace pixmill::measure
