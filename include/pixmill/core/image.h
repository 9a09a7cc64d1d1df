// Pixels: rows of interleaved channels, sRGB, top row first.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "pixmill/core/buffer.h"

namespace pixmill {

enum class PixelType : std::uint8_t { u8, u16, f32 };

constexpr std::size_t bytes_of(PixelType type) {
  return type == PixelType::u8 ? 1 : type == PixelType::u16 ? 2 : 4;
}

template <typename T>
constexpr PixelType pixel_type_of();
template <>
constexpr PixelType pixel_type_of<std::uint8_t>() {
  return PixelType::u8;
}
template <>
constexpr PixelType pixel_type_of<std::uint16_t>() {
  return PixelType::u16;
}
template <>
constexpr PixelType pixel_type_of<float>() {
  return PixelType::f32;
}

struct Size {
  int width = 0;
  int height = 0;

  std::int64_t area() const { return std::int64_t{width} * height; }
  bool operator==(const Size&) const = default;
};

struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  bool operator==(const Rect&) const = default;
};

// Somebody else's pixels, read only. Valid as long as their owner is; cheap to copy.
class ImageView {
 public:
  ImageView() = default;
  ImageView(const std::byte* data, Size size, int channels, PixelType type, std::size_t stride)
      : data_(data), size_(size), channels_(channels), type_(type), stride_(stride) {}

  Size size() const { return size_; }
  int width() const { return size_.width; }
  int height() const { return size_.height; }
  int channels() const { return channels_; }
  PixelType type() const { return type_; }
  std::size_t stride() const { return stride_; }  // bytes from one row to the next
  bool empty() const { return data_ == nullptr; }

  template <typename T>
  const T* row(int y) const {
    assert(pixel_type_of<T>() == type_ && y >= 0 && y < size_.height);
    return reinterpret_cast<const T*>(data_ + static_cast<std::size_t>(y) * stride_);
  }

  const std::byte* row_bytes(int y) const { return data_ + static_cast<std::size_t>(y) * stride_; }

  // A window on the same pixels; `rect` must lie inside.
  ImageView crop(const Rect& rect) const;

 private:
  const std::byte* data_ = nullptr;
  Size size_;
  int channels_ = 0;
  PixelType type_ = PixelType::u8;
  std::size_t stride_ = 0;
};

// Owned pixels: 1 (gray or matte), 3 (RGB) or 4 (RGB and straight alpha) channels. u8 0..255, u16 0..65535, f32 0..1.
// Rows are packed, so a whole Image is one block of bytes. Move-only. Not synchronised: one writer, or many readers.
class Image {
 public:
  Image() = default;
  Image(Size size, int channels, PixelType type = PixelType::u8);  // pixels are not initialised

  Size size() const { return size_; }
  int width() const { return size_.width; }
  int height() const { return size_.height; }
  int channels() const { return channels_; }
  PixelType type() const { return type_; }
  std::size_t stride() const { return static_cast<std::size_t>(size_.width) * channels_ * bytes_of(type_); }
  std::size_t bytes() const { return buffer_.size(); }
  bool empty() const { return buffer_.size() == 0; }

  std::byte* data() { return buffer_.data(); }
  const std::byte* data() const { return buffer_.data(); }

  template <typename T>
  T* row(int y) {
    assert(pixel_type_of<T>() == type_ && y >= 0 && y < size_.height);
    return reinterpret_cast<T*>(buffer_.data() + static_cast<std::size_t>(y) * stride());
  }
  template <typename T>
  const T* row(int y) const {
    return view().row<T>(y);
  }

  ImageView view() const { return {buffer_.data(), size_, channels_, type_, stride()}; }
  operator ImageView() const { return view(); }  // NOLINT(google-explicit-constructor): a view of it, free
  Image clone() const;

 private:
  Size size_;
  int channels_ = 0;
  PixelType type_ = PixelType::u8;
  AlignedBuffer buffer_;
};

// The pixels of `view`, copied into an Image of their own.
Image copy(ImageView view);

}  // namespace pixmill
