#include "pixmill/core/planes.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/tile_kernels.h"

namespace pixmill {
namespace {

template <typename T>
void write_samples(std::span<const float* const> planes, T* row, int width) {
  constexpr auto kFull = static_cast<float>(std::numeric_limits<T>::max());
  const std::size_t channels = planes.size();
  for (std::size_t c = 0; c < channels; ++c) {
    T* sample = row + c;
    for (int x = 0; x < width; ++x, sample += channels) {
      const float value = planes[c][x];
      const float positive = value > 0.0F ? value : 0.0F;  // false for NaN
      *sample = static_cast<T>(std::lrint(std::min(positive, 1.0F) * kFull));
    }
  }
}

template <typename T>
void read_samples(const T* sample, int channels, float scale, std::span<float> plane) {
  for (float& value : plane) {
    value = static_cast<float>(*sample) * scale;
    sample += channels;
  }
}

}  // namespace

void add_weighted(std::span<const float> from, std::span<const float> weights, float weight, std::span<float> to) {
  assert(from.size() == weights.size() && from.size() == to.size());
  tile_kernels().add(from.data(), weights.data(), weight, from.size(), to.data());
}

void write_row(std::span<const float* const> planes, Image& pixels, int y) {
  assert(planes.size() == static_cast<std::size_t>(pixels.channels()));
  const int width = pixels.width();
  const bool rgb = planes.size() == 3;
  if (pixels.type() == PixelType::u8) {
    auto* const row = pixels.row<std::uint8_t>(y);
    rgb ? tile_kernels().to_rgb8(planes.data(), static_cast<std::size_t>(width), row)
        : write_samples(planes, row, width);
  } else {
    auto* const row = pixels.row<std::uint16_t>(y);
    rgb ? tile_kernels().to_rgb16(planes.data(), static_cast<std::size_t>(width), row)
        : write_samples(planes, row, width);
  }
}

void read_row(ImageView pixels, int y, int channel, std::span<float> plane) {
  assert(plane.size() == static_cast<std::size_t>(pixels.width()));
  const int channels = pixels.channels();
  switch (pixels.type()) {
    case PixelType::u8: return read_samples(pixels.row<std::uint8_t>(y) + channel, channels, 1.0F / 255.0F, plane);
    case PixelType::u16: return read_samples(pixels.row<std::uint16_t>(y) + channel, channels, 1.0F / 65535.0F, plane);
    case PixelType::f32: return read_samples(pixels.row<float>(y) + channel, channels, 1.0F, plane);
  }
}

std::optional<Range> finite_range(std::span<const float> values) {
  Range range;
  if (!tile_kernels().range(values.data(), values.size(), &range.least, &range.most)) return std::nullopt;
  return range;
}

}  // namespace pixmill
