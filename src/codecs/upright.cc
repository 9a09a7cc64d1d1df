#include "codecs/upright.h"

#include <cstring>
#include <limits>

namespace pixmill::codecs {
namespace {

using Kind = RowLayout::Kind;

template <typename T>
T multiply(T a, T b) {
  constexpr std::uint64_t kMax = std::numeric_limits<T>::max();
  return static_cast<T>((std::uint64_t{a} * b + kMax / 2) / kMax);
}

// Widens a value whose upper `bits` are used to the full range: 0xffc0 of 10 bits becomes 0xffff.
std::uint16_t fill_low_bits(std::uint16_t value, int bits) {
  return static_cast<std::uint16_t>(value | value >> bits);
}

template <typename T>
T toned(T value, const std::vector<std::uint16_t>& tone) {
  return tone.empty() ? value : static_cast<T>(tone[value]);
}

template <typename T>
void convert_row(const T* in, T* out, int width, const RowLayout& layout) {
  constexpr T kMax = std::numeric_limits<T>::max();
  for (int x = 0; x < width; ++x, in += layout.bands, out += layout.channels) {
    switch (layout.kind) {
      case Kind::take:
        for (int i = 0; i < layout.channels; ++i) out[i] = toned(in[i], layout.tone);
        break;
      case Kind::gray_alpha:
        out[0] = out[1] = out[2] = toned(in[0], layout.tone);
        out[3] = in[1];
        break;
      case Kind::cmyk:
        for (int i = 0; i < 3; ++i) out[i] = multiply<T>(kMax - in[i], kMax - in[3]);
        if (layout.channels == 4) out[3] = in[4];
        break;
    }
    if constexpr (sizeof(T) == 2) {
      if (layout.bits < 16) {
        for (int i = 0; i < layout.channels; ++i) out[i] = fill_low_bits(out[i], layout.bits);
      }
    }
  }
}

bool needs_conversion(const RowLayout& layout) {
  return layout.kind != Kind::take || layout.bands != layout.channels || !layout.tone.empty() || layout.bits < 16;
}

// Copies `rows` rows of `width` pixels to `to`, whose pixel for source (x, y) lies at x * step_x + y * step_y. The
// inner loop runs along the destination's rows.
template <std::size_t kBytes>
void scatter(const std::byte* from, std::size_t stride, int width, int rows, std::byte* to, std::ptrdiff_t step_x,
             std::ptrdiff_t step_y) {
  const bool turned = std::abs(step_y) < std::abs(step_x);
  const int outer = turned ? width : rows;
  const int inner = turned ? rows : width;
  const auto along_row = static_cast<std::ptrdiff_t>(kBytes);
  const auto along_column = static_cast<std::ptrdiff_t>(stride);
  for (int i = 0; i < outer; ++i) {
    const std::byte* source = from + i * (turned ? along_row : along_column);
    std::byte* target = to + i * (turned ? step_x : step_y);
    for (int k = 0; k < inner; ++k) {
      std::memcpy(target, source, kBytes);
      source += turned ? along_column : along_row;
      target += turned ? step_y : step_x;
    }
  }
}

}  // namespace

Size upright(Size size, int orientation) {
  return orientation >= 5 ? Size{size.height, size.width} : size;
}

UprightWriter::UprightWriter(Size size, int orientation, const RowLayout& layout, Image& to)
    : size_(size), orientation_(orientation), layout_(layout), image_(to) {}

void UprightWriter::write(const std::byte* data, std::size_t stride, int y, int rows) {
  if (needs_conversion(layout_)) {
    convert(data, stride, rows);
    data = converted_.data();
    stride = static_cast<std::size_t>(size_.width) * layout_.channels * bytes_of(layout_.type);
  }
  place(data, stride, y, rows);
}

void UprightWriter::convert(const std::byte* data, std::size_t stride, int rows) {
  const std::size_t row_bytes = static_cast<std::size_t>(size_.width) * layout_.channels * bytes_of(layout_.type);
  converted_.resize(row_bytes * static_cast<std::size_t>(rows));
  for (int row = 0; row < rows; ++row) {
    const std::byte* in = data + static_cast<std::size_t>(row) * stride;
    std::byte* out = converted_.data() + static_cast<std::size_t>(row) * row_bytes;
    if (layout_.type == PixelType::u8) {
      convert_row(reinterpret_cast<const std::uint8_t*>(in), reinterpret_cast<std::uint8_t*>(out), size_.width,
                  layout_);
    } else {
      convert_row(reinterpret_cast<const std::uint16_t*>(in), reinterpret_cast<std::uint16_t*>(out), size_.width,
                  layout_);
    }
  }
}

void UprightWriter::place(const std::byte* data, std::size_t stride, int y, int rows) {
  const std::size_t image_stride = image_.stride();
  if (orientation_ == 1) {
    for (int row = 0; row < rows; ++row) {
      std::memcpy(image_.data() + static_cast<std::size_t>(y + row) * image_stride,
                  data + static_cast<std::size_t>(row) * stride, image_stride);
    }
    return;
  }
  const std::size_t pixel = layout_.channels * bytes_of(layout_.type);
  const auto right = static_cast<std::ptrdiff_t>(pixel);
  const auto down = static_cast<std::ptrdiff_t>(image_stride);
  const bool turned = orientation_ >= 5;
  const bool x_reversed = orientation_ == 2 || orientation_ == 3 || orientation_ == 7 || orientation_ == 8;
  const bool y_reversed = orientation_ == 3 || orientation_ == 4 || orientation_ == 6 || orientation_ == 7;
  const std::ptrdiff_t step_x = (turned ? down : right) * (x_reversed ? -1 : 1);
  const std::ptrdiff_t step_y = (turned ? right : down) * (y_reversed ? -1 : 1);
  std::byte* to = image_.data() + y * step_y;
  if (x_reversed) to -= (size_.width - 1) * step_x;
  if (y_reversed) to -= (size_.height - 1) * step_y;
  switch (pixel) {
    case 1: return scatter<1>(data, stride, size_.width, rows, to, step_x, step_y);
    case 2: return scatter<2>(data, stride, size_.width, rows, to, step_x, step_y);
    case 3: return scatter<3>(data, stride, size_.width, rows, to, step_x, step_y);
    case 4: return scatter<4>(data, stride, size_.width, rows, to, step_x, step_y);
    case 6: return scatter<6>(data, stride, size_.width, rows, to, step_x, step_y);
    default: return scatter<8>(data, stride, size_.width, rows, to, step_x, step_y);
  }
}

}  // namespace pixmill::codecs
