#include "codecs/bmp.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string_view>

#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

enum Compression : std::uint32_t { kPlain = 0, kRle8 = 1, kRle4 = 2, kMasks = 3, kMasksWithAlpha = 6 };

constexpr std::size_t kFileHeaderBytes = 14;
constexpr std::uint32_t kCoreHeaderBytes = 12;
constexpr std::uint32_t kInfoHeaderBytes = 40;

std::size_t row_bytes(int width, int bits) {
  return (static_cast<std::size_t>(width) * bits + 31) / 32 * 4;
}

// Of the files that are written: both headers together.
std::size_t header_bytes(bool alpha) {
  return kFileHeaderBytes + (alpha ? 108 : kInfoHeaderBytes);
}

}  // namespace

std::uint8_t BmpReader::Channel::operator()(std::uint32_t pixel) const {
  const std::uint32_t top = mask >> shift;
  return static_cast<std::uint8_t>(((pixel & mask) >> shift) * std::uint64_t{255} / top);
}

BmpReader::BmpReader(std::span<const std::byte> file, std::string_view name) : file_(file), name_(name) {
  pixels_offset_ = number(10, 4);
  header_bytes_ = number(14, 4);
  const bool core = header_bytes_ == kCoreHeaderBytes;
  const auto signed_number = [&](std::size_t offset) { return static_cast<std::int32_t>(number(offset, 4)); };
  const std::int64_t width = core ? number(18, 2) : signed_number(18);
  const std::int64_t height = core ? number(20, 2) : signed_number(22);
  bits_ = static_cast<int>(number(core ? 24 : 28, 2));
  compression_ = core ? kPlain : number(30, 4);
  pixels_per_mm_ = core ? 0.0 : std::max(signed_number(38), 0) / 1000.0;
  top_down_ = height < 0;
  if (width <= 0 || height == 0 || std::abs(height) > INT32_MAX) fail("its size is invalid");
  size_ = {static_cast<int>(width), static_cast<int>(std::abs(height))};

  const bool masks = compression_ == kMasks || compression_ == kMasksWithAlpha;
  const bool indexed = bits_ == 1 || bits_ == 4 || bits_ == 8;
  const bool direct = bits_ == 16 || bits_ == 24 || bits_ == 32;
  const bool known = (compression_ == kPlain && (indexed || direct)) || (masks && (bits_ == 16 || bits_ == 32)) ||
                     (compression_ == kRle8 && bits_ == 8) || (compression_ == kRle4 && bits_ == 4);
  if (!known || (is_rle() && top_down_)) {
    throw Error(ErrorCode::unsupported,
                name_ + " is a bitmap of a kind that cannot be read (" + std::to_string(bits_) + " bits, compression " +
                    std::to_string(compression_) + ")",
                "convert it to PNG");
  }
  if (!is_rle()) {
    const std::size_t needed = row_bytes(size_.width, bits_) * static_cast<std::size_t>(size_.height);
    if (pixels_offset_ > file.size() || needed > file.size() - pixels_offset_) fail("its pixels are cut off");
  }
  indexed ? read_palette() : read_masks();
}

Image BmpReader::read() const {
  Image image(size_, channels());
  if (is_rle()) {
    read_rle(image);
  } else if (bits_ <= 8) {
    read_indexed(image);
  } else {
    read_direct(image);
  }
  return image;
}

void BmpReader::read_masks() {
  std::array<std::uint32_t, 4> masks{};
  if (compression_ == kPlain) {
    masks = bits_ == 16 ? std::array<std::uint32_t, 4>{0x7c00, 0x03e0, 0x001f, 0}
                        : std::array<std::uint32_t, 4>{0xff0000, 0x00ff00, 0x0000ff, 0};
  } else {
    const bool with_alpha = compression_ == kMasksWithAlpha || header_bytes_ >= kInfoHeaderBytes + 16;
    for (std::size_t i = 0; i < (with_alpha ? 4 : 3); ++i) {
      masks[i] = number(kFileHeaderBytes + kInfoHeaderBytes + 4 * i, 4);
    }
  }
  for (std::size_t i = 0; i < masks.size(); ++i) {
    if (masks[i] == 0 && i < 3) fail("a colour mask is empty");
    channels_[i] = {masks[i], std::countr_zero(masks[i]) % 32};
  }
}

void BmpReader::read_palette() {
  const bool core = header_bytes_ == kCoreHeaderBytes;
  const std::size_t entry_bytes = core ? 3 : 4;
  const std::size_t most = std::size_t{1} << bits_;
  std::size_t count = core ? 0 : number(46, 4);
  if (count == 0 || count > most) count = most;
  const std::size_t start = kFileHeaderBytes + header_bytes_;
  if (pixels_offset_ > start) count = std::min(count, (pixels_offset_ - start) / entry_bytes);
  palette_.resize(most);  // an index without an entry is black
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      palette_[i][c] = static_cast<std::uint8_t>(number(start + i * entry_bytes + 2 - c, 1));
    }
  }
}

void BmpReader::read_direct(Image& image) const {
  const std::size_t bytes = static_cast<std::size_t>(bits_) / 8;
  for (int y = 0; y < size_.height; ++y) {
    const std::byte* in = file_.data() + pixels_offset_ + static_cast<std::size_t>(y) * row_bytes(size_.width, bits_);
    std::uint8_t* out = pixel_at(image, 0, y);
    for (int x = 0; x < size_.width; ++x, in += bytes, out += image.channels()) {
      std::uint32_t pixel = 0;
      for (std::size_t i = 0; i < bytes; ++i) pixel |= std::to_integer<std::uint32_t>(in[i]) << 8 * i;
      for (int c = 0; c < image.channels(); ++c) out[c] = channels_[static_cast<std::size_t>(c)](pixel);
    }
  }
}

void BmpReader::read_indexed(Image& image) const {
  const std::uint32_t mask = (1U << bits_) - 1;
  for (int y = 0; y < size_.height; ++y) {
    const std::byte* in = file_.data() + pixels_offset_ + static_cast<std::size_t>(y) * row_bytes(size_.width, bits_);
    std::uint8_t* out = pixel_at(image, 0, y);
    for (int x = 0; x < size_.width; ++x, out += 3) {
      const int bit = x * bits_;
      put_index(out, std::to_integer<std::uint32_t>(in[bit / 8]) >> (8 - bits_ - bit % 8) & mask);
    }
  }
}

void BmpReader::read_rle(Image& image) const {
  std::memset(image.data(), 0, image.bytes());
  std::size_t at = pixels_offset_;
  int x = 0;
  int y = 0;
  const auto next = [&] { return number(at++, 1); };
  const auto put = [&](std::uint32_t index) {
    if (x >= size_.width || y >= size_.height) fail("its run lengths leave the picture");
    put_index(pixel_at(image, x++, y), index);
  };
  // Pixel i of a run: a whole byte, or its upper and lower half in turn.
  const auto part = [&](std::uint32_t byte, std::uint32_t i) {
    return bits_ == 8 ? byte : i % 2 == 0 ? byte >> 4 : byte & 15;
  };
  while (y < size_.height) {
    const std::uint32_t count = next();
    const std::uint32_t value = next();
    if (count > 0) {
      for (std::uint32_t i = 0; i < count; ++i) put(part(value, i));
    } else if (value == 0) {
      x = 0;
      ++y;
    } else if (value == 1) {
      return;
    } else if (value == 2) {
      x += static_cast<int>(next());
      y += static_cast<int>(next());
    } else {
      const std::size_t start = at;
      std::uint32_t byte = 0;
      for (std::uint32_t i = 0; i < value; ++i) {
        if (bits_ == 8 || i % 2 == 0) byte = next();
        put(part(byte, i));
      }
      at += (at - start) % 2;
    }
  }
}

std::uint8_t* BmpReader::pixel_at(Image& image, int x, int y) const {
  return image.row<std::uint8_t>(top_down_ ? y : size_.height - 1 - y) +
         static_cast<std::ptrdiff_t>(x) * image.channels();
}

void BmpReader::put_index(std::uint8_t* pixel, std::uint32_t index) const {
  std::copy_n(palette_[index].begin(), 3, pixel);
}

std::uint32_t BmpReader::number(std::size_t offset, std::size_t bytes) const {
  if (offset > file_.size() || bytes > file_.size() - offset) fail("its data ends too early");
  std::uint32_t result = 0;
  for (std::size_t i = 0; i < bytes; ++i) result |= std::to_integer<std::uint32_t>(file_[offset + i]) << 8 * i;
  return result;
}

void BmpReader::fail(const std::string& what) const {
  throw Error(ErrorCode::corrupt, name_ + " (bmp) is damaged: " + what,
              "copy the file again from where it came from, or leave it out");
}

std::uint64_t bmp_bytes(Size size, bool alpha) {
  return header_bytes(alpha) +
         std::uint64_t{bmp_row_bytes(size.width, alpha)} * static_cast<std::uint64_t>(size.height);
}

std::size_t bmp_row_bytes(int width, bool alpha) {
  return row_bytes(width, alpha ? 32 : 24);
}

std::vector<std::byte> bmp_header(Size size, bool alpha, double pixels_per_mm) {
  const std::size_t offset = header_bytes(alpha);
  const std::uint64_t bytes = bmp_bytes(size, alpha);
  std::vector<std::byte> header(offset);
  const auto put = [&](std::size_t at, std::size_t width, std::uint64_t value) {
    for (std::size_t i = 0; i < width; ++i) header[at + i] = static_cast<std::byte>(value >> 8 * i);
  };
  put(0, 2, 'B' | 'M' << 8);
  put(2, 4, bytes);
  put(10, 4, offset);
  put(14, 4, offset - kFileHeaderBytes);
  put(18, 4, static_cast<std::uint64_t>(size.width));
  put(22, 4, static_cast<std::uint64_t>(size.height));
  put(26, 2, 1);
  put(28, 2, alpha ? 32 : 24);
  put(30, 4, alpha ? kMasks : kPlain);
  put(34, 4, bytes - offset);
  put(38, 4, static_cast<std::uint64_t>(std::lround(pixels_per_mm * 1000)));
  put(42, 4, static_cast<std::uint64_t>(std::lround(pixels_per_mm * 1000)));
  if (alpha) {
    constexpr std::uint32_t kChannelMasks[] = {0xff0000, 0x00ff00, 0x0000ff, 0xff000000};
    for (std::size_t i = 0; i < 4; ++i) put(54 + 4 * i, 4, kChannelMasks[i]);
    put(70, 4, 0x73524742);  // the colour space: 'sRGB'
  }
  return header;
}

void write_bmp_row(const std::uint8_t* in, int width, int channels, std::byte* out) {
  const bool alpha = channels == 4;
  const std::byte* end = out + bmp_row_bytes(width, alpha);
  for (int x = 0; x < width; ++x, in += channels) {
    for (int c = 0; c < 3; ++c) *out++ = static_cast<std::byte>(in[channels == 1 ? 0 : 2 - c]);
    if (alpha) *out++ = static_cast<std::byte>(in[3]);
  }
  while (out != end) *out++ = std::byte{0};
}

std::vector<std::byte> encode_bmp(ImageView image, double pixels_per_mm) {
  const bool alpha = image.channels() == 4;
  std::vector<std::byte> file = bmp_header(image.size(), alpha, pixels_per_mm);
  const std::size_t stride = bmp_row_bytes(image.width(), alpha);
  std::size_t at = file.size();
  file.resize(at + stride * static_cast<std::size_t>(image.height()));
  for (int y = image.height() - 1; y >= 0; --y, at += stride) {
    write_bmp_row(image.row<std::uint8_t>(y), image.width(), image.channels(), file.data() + at);
  }
  return file;
}

}  // namespace pixmill::codecs
