#include "pixmill/core/composite.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/composite_kernels.h"
#include "core/normalise_kernels.h"
#include "pixmill/core/error.h"

namespace pixmill {
namespace {

constexpr Colour kWhite = {255, 255, 255};

[[noreturn]] void refuse(const char* what) {
  throw Error(ErrorCode::unsupported, std::string(what) + " does not take pictures of this pixel type");
}

std::uint16_t widened(std::uint8_t value) {
  return static_cast<std::uint16_t>(value * 257);
}

// (value * 255 + 32767) / 65535 without the division; the same for all 65536 values.
std::uint8_t narrowed(std::uint16_t value) {
  return static_cast<std::uint8_t>((value * 255U + 32895U) >> 16U);
}

std::uint16_t blend(std::uint32_t colour, std::uint32_t background, std::uint32_t alpha) {
  return static_cast<std::uint16_t>((colour * alpha + background * (65535U - alpha) + 32767U) / 65535U);
}

float unit(float value) {
  return value > 0.0F ? std::min(value, 1.0F) : 0.0F;
}  // NaN becomes 0

// Row y of `alpha`, times the alpha that `picture` has already, in the depth of T.
template <typename T>
void alpha_row(ImageView picture, ImageView alpha, int y, std::span<T> out) {
  constexpr unsigned kFull = std::numeric_limits<T>::max();
  const int width = picture.width();
  const T* const rgba = picture.channels() == 4 ? picture.row<T>(y) : nullptr;
  const auto existing = [&](int x) { return rgba == nullptr ? kFull : unsigned{rgba[4 * x + 3]}; };
  if (alpha.type() == PixelType::f32) {
    const float* const from = alpha.row<float>(y);
    if constexpr (kFull == 255) {
      if (rgba == nullptr) return composite_kernels().round(from, width, out.data());
    }
    for (int x = 0; x < width; ++x) {
      out[x] = static_cast<T>(std::lrint(unit(from[x]) * static_cast<float>(existing(x))));
    }
  } else {
    const std::uint8_t* const from = alpha.row<std::uint8_t>(y);
    for (int x = 0; x < width; ++x) out[x] = static_cast<T>((from[x] * existing(x) + 127U) / 255U);
  }
}

// Row y of `picture` as RGB: in place where it is RGB already, else in `scratch`.
template <typename T>
const T* rgb_row(ImageView picture, int y, std::vector<T>& scratch) {
  const T* const from = picture.row<T>(y);
  const int channels = picture.channels();
  if (channels == 3) return from;
  scratch.resize(3 * static_cast<std::size_t>(picture.width()));
  for (int x = 0; x < picture.width(); ++x) {
    for (int c = 0; c < 3; ++c) scratch[3 * x + c] = from[x * channels + (channels == 1 ? 0 : c)];
  }
  return scratch.data();
}

void join(const std::uint16_t* rgb, const std::uint16_t* alpha, int width, std::uint16_t* rgba) {
  for (int x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) rgba[4 * x + c] = alpha[x] == 0 ? std::uint16_t{0} : rgb[3 * x + c];
    rgba[4 * x + 3] = alpha[x];
  }
}

template <typename T>
Image with_alpha_of_depth(ImageView picture, ImageView alpha) {
  Image result(picture.size(), 4, picture.type());
  std::vector<T> alphas(picture.width());
  std::vector<T> scratch;
  for (int y = 0; y < picture.height(); ++y) {
    alpha_row<T>(picture, alpha, y, alphas);
    const T* const rgb = rgb_row(picture, y, scratch);
    if constexpr (sizeof(T) == 1) {
      composite_kernels().join(rgb, alphas.data(), picture.width(), result.row<T>(y));
    } else {
      join(rgb, alphas.data(), picture.width(), result.row<T>(y));
    }
  }
  return result;
}

// A run of a row as RGBA. `alphas`: room for its width.
template <typename T>
void join_run(const Matte::Run& run, const T* rgb, std::span<T> alphas, T* rgba) {
  constexpr T kFull = std::numeric_limits<T>::max();
  const int width = run.width();
  if (run.values == nullptr && run.flat == 0.0F) {
    std::fill_n(rgba, 4 * static_cast<std::size_t>(width), T{0});
    return;
  }
  if constexpr (sizeof(T) == 1) {
    if (run.values == nullptr) {
      std::fill_n(alphas.begin(), width, kFull);
    } else {
      composite_kernels().round(run.values, width, alphas.data());
    }
    composite_kernels().join(rgb, alphas.data(), width, rgba);
  } else {
    for (int x = 0; x < width; ++x) {
      alphas[x] = run.values == nullptr ? kFull : static_cast<T>(std::lrint(unit(run.values[x]) * 65535.0F));
    }
    join(rgb, alphas.data(), width, rgba);
  }
}

template <typename T>
Image with_matte(ImageView rgb, const Matte& matte) {
  Image result(rgb.size(), 4, rgb.type());
  std::vector<T> alphas(rgb.width());
  for (int y = 0; y < rgb.height(); ++y) {
    const T* const from = rgb.row<T>(y);
    T* const to = result.row<T>(y);
    matte.each_run(y, [&](const Matte::Run& run) {
      join_run<T>(run, from + 3 * std::ptrdiff_t{run.begin}, alphas, to + 4 * std::ptrdiff_t{run.begin});
    });
  }
  return result;
}

// One conversion of every sample, row by row.
template <typename From, typename To, typename Convert>
Image converted(ImageView image, Convert convert) {
  Image result(image.size(), image.channels(), pixel_type_of<To>());
  const int samples = image.width() * image.channels();
  for (int y = 0; y < image.height(); ++y) {
    std::transform(image.row<From>(y), image.row<From>(y) + samples, result.row<To>(y), convert);
  }
  return result;
}

// The columns from the first to past the last whose sample lies above the threshold, `step` samples apart.
template <typename T>
struct Bounds {
  T threshold;
  int left;
  int right = 0;
  int top = -1;
  int bottom = 0;

  void take(const T* row, int step, int width, int y) {
    int first = 0;
    while (first < width && !(row[static_cast<std::ptrdiff_t>(first) * step] > threshold)) ++first;
    if (first == width) return;
    int last = width - 1;
    while (last >= right && !(row[static_cast<std::ptrdiff_t>(last) * step] > threshold)) --last;
    left = std::min(left, first);
    right = std::max(right, last + 1);
    top = top < 0 ? y : top;
    bottom = y + 1;
  }
};

template <typename T>
Rect bounds(ImageView image, T threshold) {
  const int step = image.channels();
  Bounds<T> found{threshold, image.width()};
  for (int y = 0; y < image.height(); ++y) {
    if constexpr (sizeof(T) == 1) {
      if (step == 1 && normalise_kernels().maximum(image.row<T>(y), image.width()) <= threshold) continue;
    }
    found.take(image.row<T>(y) + (step == 4 ? 3 : 0), step, image.width(), y);
  }
  if (found.top < 0) return {};
  return {found.left, found.top, found.right - found.left, found.bottom - found.top};
}

template <typename T>
void paint(Image& canvas, std::array<T, 4> fill) {
  const int channels = canvas.channels();
  T* const first = canvas.row<T>(0);
  for (int x = 0; x < canvas.width(); ++x) std::copy_n(fill.begin(), channels, first + x * channels);
  for (int y = 1; y < canvas.height(); ++y) std::memcpy(canvas.row<T>(y), first, canvas.stride());
}

}  // namespace

Image with_alpha(ImageView picture, ImageView alpha) {
  assert(picture.size() == alpha.size() && alpha.channels() == 1);
  if (picture.type() == PixelType::f32 || alpha.type() == PixelType::u16) refuse("with_alpha");
  return picture.type() == PixelType::u8 ? with_alpha_of_depth<std::uint8_t>(picture, alpha)
                                         : with_alpha_of_depth<std::uint16_t>(picture, alpha);
}

Image with_alpha(ImageView rgb, const Matte& matte) {
  assert(rgb.size() == matte.size() && rgb.channels() == 3);
  if (rgb.type() == PixelType::f32) refuse("with_alpha");
  return rgb.type() == PixelType::u8 ? with_matte<std::uint8_t>(rgb, matte) : with_matte<std::uint16_t>(rgb, matte);
}

Image over_colour(ImageView rgba, Colour colour) {
  assert(rgba.channels() == 4);
  if (rgba.type() == PixelType::f32) refuse("over_colour");
  Image result(rgba.size(), 3, rgba.type());
  for (int y = 0; y < rgba.height(); ++y) {
    if (rgba.type() == PixelType::u8) {
      composite_kernels().over_colour(rgba.row<std::uint8_t>(y), colour, rgba.width(), result.row<std::uint8_t>(y));
      continue;
    }
    const std::uint16_t* from = rgba.row<std::uint16_t>(y);
    std::uint16_t* to = result.row<std::uint16_t>(y);
    for (int x = 0; x < rgba.width(); ++x, from += 4, to += 3) {
      for (int c = 0; c < 3; ++c) to[c] = blend(from[c], widened(colour[c]), from[3]);
    }
  }
  return result;
}

Image over_picture(ImageView rgba, ImageView background) {
  assert(rgba.channels() == 4 && background.channels() == 3);
  assert(rgba.size() == background.size() && rgba.type() == background.type());
  if (rgba.type() == PixelType::f32) refuse("over_picture");
  Image result(rgba.size(), 3, rgba.type());
  for (int y = 0; y < rgba.height(); ++y) {
    if (rgba.type() == PixelType::u8) {
      composite_kernels().over_picture(rgba.row<std::uint8_t>(y), background.row<std::uint8_t>(y), rgba.width(),
                                       result.row<std::uint8_t>(y));
      continue;
    }
    const std::uint16_t* from = rgba.row<std::uint16_t>(y);
    const std::uint16_t* under = background.row<std::uint16_t>(y);
    std::uint16_t* to = result.row<std::uint16_t>(y);
    for (int x = 0; x < rgba.width(); ++x, from += 4, under += 3, to += 3) {
      for (int c = 0; c < 3; ++c) to[c] = blend(from[c], under[c], from[3]);
    }
  }
  return result;
}

Image to_u8(ImageView image) {
  switch (image.type()) {
    case PixelType::u8: return copy(image);
    case PixelType::u16: return converted<std::uint16_t, std::uint8_t>(image, narrowed);
    case PixelType::f32: break;
  }
  Image result(image.size(), image.channels(), PixelType::u8);
  const std::size_t samples = static_cast<std::size_t>(image.width()) * image.channels();
  for (int y = 0; y < image.height(); ++y) {
    composite_kernels().round(image.row<float>(y), samples, result.row<std::uint8_t>(y));
  }
  return result;
}

Image to_u16(ImageView image) {
  assert(image.type() == PixelType::f32);
  return converted<float, std::uint16_t>(
      image, [](float value) { return static_cast<std::uint16_t>(unit(value) * 65535.0F + 0.5F); });
}

Image to_f32(ImageView image) {
  switch (image.type()) {
    case PixelType::u8:
      return converted<std::uint8_t, float>(image,
                                            [](std::uint8_t v) { return static_cast<float>(v) * (1.0F / 255.0F); });
    case PixelType::u16:
      return converted<std::uint16_t, float>(image,
                                             [](std::uint16_t v) { return static_cast<float>(v) * (1.0F / 65535.0F); });
    case PixelType::f32: break;
  }
  return copy(image);
}

Image to_rgb8(ImageView image) {
  if (image.channels() == 4) {
    return image.type() == PixelType::f32 ? over_colour(to_u8(image), kWhite) : to_rgb8(over_colour(image, kWhite));
  }
  if (image.type() != PixelType::u8) return to_rgb8(to_u8(image));
  if (image.channels() == 3) return copy(image);
  Image result(image.size(), 3, PixelType::u8);
  for (int y = 0; y < image.height(); ++y) {
    const std::uint8_t* from = image.row<std::uint8_t>(y);
    std::uint8_t* to = result.row<std::uint8_t>(y);
    for (int x = 0; x < image.width(); ++x, to += 3) to[0] = to[1] = to[2] = from[x];
  }
  return result;
}

Image alpha_of(ImageView rgba) {
  assert(rgba.channels() == 4);
  Image result(rgba.size(), 1, rgba.type());
  const std::size_t sample = bytes_of(rgba.type());
  for (int y = 0; y < rgba.height(); ++y) {
    const std::byte* from = rgba.row_bytes(y) + 3 * sample;
    std::byte* to = result.data() + y * result.stride();
    for (int x = 0; x < rgba.width(); ++x, from += 4 * sample, to += sample) std::memcpy(to, from, sample);
  }
  return result;
}

Size fit(Size picture, Size box) {
  const double scale =
      std::min(static_cast<double>(box.width) / picture.width, static_cast<double>(box.height) / picture.height);
  const auto scaled = [scale](int side, int limit) {
    return std::clamp(static_cast<int>(std::lround(side * scale)), 1, std::max(limit, 1));
  };
  return {scaled(picture.width, box.width), scaled(picture.height, box.height)};
}

// The crop comes first, so that a long and narrow picture never grows to its full length.
Image cover(ImageView image, Size size, Filter filter) {
  const Size part = fit(size, image.size());
  const Rect middle = {(image.width() - part.width) / 2, (image.height() - part.height) / 2, part.width, part.height};
  return resize(image.crop(middle), size, filter);
}

Rect opaque_bounds(ImageView image, std::uint8_t threshold) {
  assert(image.channels() == 1 || image.channels() == 4);
  switch (image.type()) {
    case PixelType::u8: return bounds<std::uint8_t>(image, threshold);
    case PixelType::u16: return bounds<std::uint16_t>(image, widened(threshold));
    case PixelType::f32: break;
  }
  return bounds<float>(image, static_cast<float>(threshold) / 255.0F);
}

Image place(ImageView image, Size canvas, int x, int y, std::array<std::uint8_t, 4> fill) {
  Image result(canvas, image.channels(), image.type());
  switch (image.type()) {
    case PixelType::u8: paint<std::uint8_t>(result, fill); break;
    case PixelType::u16:
      paint<std::uint16_t>(result, {widened(fill[0]), widened(fill[1]), widened(fill[2]), widened(fill[3])});
      break;
    case PixelType::f32:
      paint<float>(result, {static_cast<float>(fill[0]) / 255.0F, static_cast<float>(fill[1]) / 255.0F,
                            static_cast<float>(fill[2]) / 255.0F, static_cast<float>(fill[3]) / 255.0F});
      break;
  }
  const int left = std::max(x, 0);
  const int right = std::min(x + image.width(), canvas.width);
  if (left >= right) return result;
  const std::size_t pixel = image.channels() * bytes_of(image.type());
  for (int row = std::max(y, 0); row < std::min(y + image.height(), canvas.height); ++row) {
    std::memcpy(result.data() + row * result.stride() + left * pixel, image.row_bytes(row - y) + (left - x) * pixel,
                (right - left) * pixel);
  }
  return result;
}

}  // namespace pixmill
