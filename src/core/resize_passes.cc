#include "core/resize_passes.h"

#include <algorithm>
#include <cstring>

#include "core/resize_kernels.h"

namespace pixmill {
namespace {

struct U8Passes {
  using Sample = std::uint8_t;
  using Prepared = FixedTaps;
  static constexpr auto kStrip = &ResizeKernels::strip_u8;
  static constexpr auto kWeigh = &ResizeKernels::weigh_u8;
  static constexpr auto kTranspose = &ResizeKernels::transpose_u8;
};

struct F32Passes {
  using Sample = float;
  using Prepared = FloatTaps;
  static constexpr auto kStrip = &ResizeKernels::strip_f32;
  static constexpr auto kWeigh = &ResizeKernels::weigh_f32;
  static constexpr auto kTranspose = &ResizeKernels::transpose_f32;
};

template <typename T>
Grid<const T> grid_of(ImageView image) {
  return {image.row<T>(0), image.stride() / sizeof(T)};
}

template <typename T>
Grid<T> grid_of(Image& image) {
  return {image.row<T>(0), image.stride() / sizeof(T)};
}

template <typename Passes>
Image resample_across(ImageView source, const Taps& taps) {
  using T = typename Passes::Sample;
  const ResizeKernels& kernels = resize_kernels();
  const typename Passes::Prepared prepared(taps);
  const int channels = source.channels();
  const int strip = kernels.*Passes::kStrip;
  const std::size_t samples = static_cast<std::size_t>(strip) * channels;  // of one column of pixels in a strip

  Image result({taps.outputs(), source.height()}, channels, source.type());
  AlignedBuffer columns(samples * source.width() * sizeof(T));
  AlignedBuffer weighed(samples * taps.outputs() * sizeof(T));
  std::memset(columns.data(), 0, columns.size());  // the last strip may not fill its lanes
  T* const in = reinterpret_cast<T*>(columns.data());
  T* const out = reinterpret_cast<T*>(weighed.data());
  const auto lanes = static_cast<std::size_t>(strip);

  for (int y = 0; y < source.height(); y += strip) {
    const int rows = std::min(strip, source.height() - y);
    const auto from = grid_of<T>(source);
    const auto to = grid_of<T>(result);
    (kernels.*Passes::kTranspose)({from.row(y), from.stride}, rows, source.width() * channels, {in, lanes});
    (kernels.*Passes::kWeigh)(prepared, {in, samples}, {out, samples}, samples);
    (kernels.*Passes::kTranspose)({out, lanes}, taps.outputs() * channels, rows, {to.row(y), to.stride});
  }
  return result;
}

template <typename Passes>
Image resample_down(ImageView source, const Taps& taps) {
  using T = typename Passes::Sample;
  Image result({source.width(), taps.outputs()}, source.channels(), source.type());
  (resize_kernels().*Passes::kWeigh)(typename Passes::Prepared(taps), grid_of<T>(source), grid_of<T>(result),
                                     static_cast<std::size_t>(source.width()) * source.channels());
  return result;
}

template <typename Passes>
Image both(ImageView source, const Taps& across, const Taps& down, bool down_first) {
  if (down.outputs() == 0) return resample_across<Passes>(source, across);
  if (across.outputs() == 0) return resample_down<Passes>(source, down);
  if (down_first) return resample_across<Passes>(resample_down<Passes>(source, down), across);
  return resample_down<Passes>(resample_across<Passes>(source, across), down);
}

}  // namespace

// Vertically first where that takes away much more. Older Pillows always began horizontally.
bool goes_down_first(Size from, Size to) {
  return from.height > to.height && from.height - to.height > 2 * (from.width - to.width);
}

Image resample(ImageView source, const Taps& across, const Taps& down) {
  return resample(source, across, down,
                  goes_down_first({across.inputs, down.inputs}, {across.outputs(), down.outputs()}));
}

Image resample(ImageView source, const Taps& across, const Taps& down, bool down_first) {
  assert(source.type() != PixelType::u16);
  return source.type() == PixelType::u8 ? both<U8Passes>(source, across, down, down_first)
                                        : both<F32Passes>(source, across, down, down_first);
}

}  // namespace pixmill
