#include "codecs/exif.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace pixmill::codecs {
namespace {

enum Tag : std::uint32_t {
  kNewSubfileType = 0x00fe,
  kImageWidth = 0x0100,
  kImageLength = 0x0101,
  kOrientation = 0x0112,
  kSubIfds = 0x014a,
  kThumbnailOffset = 0x0201,
  kThumbnailLength = 0x0202,
  kExifIfd = 0x8769,
  kPixelXDimension = 0xa002,
  kPixelYDimension = 0xa003,
};

constexpr std::uint32_t kShort = 3;
constexpr std::uint32_t kLong = 4;
constexpr std::size_t kEntryBytes = 12;

// The directories of a classic TIFF structure. Reads outside of the block give 0.
class TiffDirectory {
 public:
  explicit TiffDirectory(std::span<const std::byte> block) : block_(block) {
    little_ = block.size() >= 8 && block[0] == std::byte{'I'} && block[1] == std::byte{'I'};
    const bool big = block.size() >= 8 && block[0] == std::byte{'M'} && block[1] == std::byte{'M'};
    valid_ = (little_ || big) && number(2, 2) == 42;
  }

  bool little() const { return little_; }
  std::size_t first() const { return valid_ ? number(4, 4) : 0; }  // offset of IFD0; 0: none

  std::size_t end_of(std::size_t directory) const { return directory + 2 + number(directory, 2) * kEntryBytes; }
  std::size_t next(std::size_t directory) const { return directory == 0 ? 0 : number(end_of(directory), 4); }

  // Offset of the entry with this tag.
  std::optional<std::size_t> find(std::size_t directory, Tag tag) const {
    if (directory == 0) return std::nullopt;
    const std::size_t count = number(directory, 2);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t entry = directory + 2 + i * kEntryBytes;
      if (entry + kEntryBytes > block_.size()) break;
      if (number(entry, 2) == tag) return entry;
    }
    return std::nullopt;
  }

  // The first value of a SHORT or LONG entry; 0 where it is absent or of another type.
  std::uint32_t value(std::size_t directory, Tag tag) const {
    const auto entry = find(directory, tag);
    return entry ? number(*entry + 8, width_of(*entry)) : 0;
  }

  // Bytes of one value of the entry at this offset: 2, 4, or 0 for other types.
  std::size_t width_of(std::size_t entry) const {
    const std::uint32_t type = number(entry + 2, 2);
    return type == kShort ? 2 : type == kLong ? 4 : 0;
  }

 private:
  std::uint32_t number(std::size_t offset, std::size_t bytes) const {
    if (offset > block_.size() || bytes > block_.size() - offset) return 0;
    std::uint32_t result = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
      result = result << 8 | std::to_integer<std::uint32_t>(block_[offset + (little_ ? bytes - 1 - i : i)]);
    }
    return result;
  }

  std::span<const std::byte> block_;
  bool little_ = false;
  bool valid_ = false;
};

// Overwrites the value of an existing SHORT or LONG entry; an entry that is absent stays absent.
void set_value(std::span<std::byte> block, std::size_t directory, Tag tag, std::uint32_t value) {
  const TiffDirectory tiff(block);
  const auto entry = tiff.find(directory, tag);
  if (!entry) return;
  const std::size_t bytes = tiff.width_of(*entry);
  for (std::size_t i = 0; i < bytes; ++i) {
    const std::size_t shift = 8 * (tiff.little() ? i : bytes - 1 - i);
    block[*entry + 8 + i] = static_cast<std::byte>(value >> shift);
  }
}

void drop_thumbnail(std::vector<std::byte>& exif) {
  const TiffDirectory tiff(exif);
  const std::size_t link = tiff.end_of(tiff.first());
  const std::size_t directory = tiff.next(tiff.first());
  if (directory == 0) return;
  const std::size_t offset = tiff.value(directory, kThumbnailOffset);
  const std::size_t bytes = tiff.value(directory, kThumbnailLength);
  std::fill_n(exif.begin() + static_cast<std::ptrdiff_t>(link), 4, std::byte{0});
  if (offset < link + 4 || offset > exif.size() || bytes > exif.size() - offset) return;
  if (offset + bytes == exif.size()) {
    exif.resize(offset);
  } else {
    std::fill_n(exif.begin() + static_cast<std::ptrdiff_t>(offset), bytes, std::byte{0});
  }
}

}  // namespace

int exif_orientation(std::span<const std::byte> exif) {
  const TiffDirectory tiff(exif);
  const std::uint32_t orientation = tiff.value(tiff.first(), kOrientation);
  return orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation) : 1;
}

void settle_exif(std::vector<std::byte>& exif, Size size) {
  const TiffDirectory tiff(exif);
  const std::size_t first = tiff.first();
  if (first == 0) return;
  const std::size_t details = tiff.value(first, kExifIfd);
  const auto width = static_cast<std::uint32_t>(size.width);
  const auto height = static_cast<std::uint32_t>(size.height);
  set_value(exif, first, kOrientation, 1);
  set_value(exif, first, kImageWidth, width);
  set_value(exif, first, kImageLength, height);
  set_value(exif, details, kPixelXDimension, width);
  set_value(exif, details, kPixelYDimension, height);
  drop_thumbnail(exif);
}

bool begins_with_preview(std::span<const std::byte> tiff) {
  const TiffDirectory directory(tiff);
  return (directory.value(directory.first(), kNewSubfileType) & 1) != 0 &&
         directory.find(directory.first(), kSubIfds).has_value();
}

}  // namespace pixmill::codecs
