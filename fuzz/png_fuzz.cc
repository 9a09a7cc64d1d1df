// Any bytes as pixels: what the PNG writer makes of them, whole and row by row, is the same file, and libpng reads
// those pixels from it. The first bytes choose the shape and the effort.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/rows.h"

namespace {

using pixmill::Image;
using pixmill::PixelType;
namespace codecs = pixmill::codecs;

constexpr std::size_t kHead = 3;

// As many rows as there are bytes for, and those that repeat them up to a multiple.
Image picture_of(std::span<const std::uint8_t> bytes, const std::uint8_t* head) {
  const int channels = head[0] % 3 == 0 ? 1 : 2 + head[0] % 3;
  const PixelType type = head[0] / 3 % 2 == 0 ? PixelType::u8 : PixelType::u16;
  const int width = 1 + head[1] * (head[0] >= 128 ? 16 : 1);
  const std::size_t row = static_cast<std::size_t>(width) * static_cast<std::size_t>(channels) * bytes_of(type);
  const std::size_t rows = std::clamp<std::size_t>(bytes.size() / row * (1 + head[2] / 64), 1, 4000);
  Image image({width, static_cast<int>(rows)}, channels, type);
  for (std::size_t i = 0; i < image.bytes(); ++i)
    image.data()[i] = bytes.empty() ? std::byte{0} : static_cast<std::byte>(bytes[i % bytes.size()]);
  return image;
}

std::vector<std::byte> in_rows(const Image& image, const codecs::EncodeOptions& options, int rows) {
  static const int file = ::memfd_create("fuzz", MFD_CLOEXEC);
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  codecs::RowWriter writer(path, options, {image.size(), image.channels(), image.type()});
  while (writer.next_row() < image.height()) {
    const int count = std::min(rows, image.height() - writer.next_row());
    writer.write(image.view().crop({0, writer.next_row(), image.width(), count}));
  }
  writer.finish();
  std::vector<std::byte> bytes(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)));
  if (::pread(file, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kHead) return 0;
  const Image image = picture_of({data + kHead, size - kHead}, data);
  const codecs::EncodeOptions options{.effort = static_cast<codecs::Effort>(data[2] % 3)};
  const std::vector<std::byte> whole = codecs::encode(image, options);
  if (whole != in_rows(image, options, 1 + data[2] % 50)) std::abort();
  const Image back = codecs::decode(whole, "fuzz").image;
  if (!(back.size() == image.size()) || back.channels() != image.channels() || back.type() != image.type())
    std::abort();
  if (std::memcmp(back.data(), image.data(), image.bytes()) != 0) std::abort();
  return 0;
}
