// What the tests of this module share: made-up pictures, and the sample files beside the repository where they are
// there.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs::test {

using Bytes = std::vector<std::byte>;

inline std::filesystem::path samples() {
  return std::filesystem::path(PIXMILL_SOURCE_DIR) / ".." / "shared" / "images";
}

#define PIXMILL_NEED_SAMPLES()                                      \
  if (!std::filesystem::exists(::pixmill::codecs::test::samples())) \
  GTEST_SKIP() << "the sample pictures are not beside the repository"

inline Bytes read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::vector<char> text{std::istreambuf_iterator<char>(stream), {}};
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

inline Picture decode_sample(const std::string& name) {
  return decode(read_file(samples() / name), name);
}

// A smooth picture in which every corner and every channel is different.
template <typename T = std::uint8_t>
Image make_picture(int width, int height, int channels) {
  const double top = sizeof(T) == 1 ? 255.0 : 65535.0;
  Image image({width, height}, channels, pixel_type_of<T>());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double u = (x + 0.5) / width;
      const double v = (y + 0.5) / height;
      const double values[] = {u, v, (1 - u) * v, 0.25 + 0.75 * u};
      for (int c = 0; c < channels; ++c) image.row<T>(y)[x * channels + c] = static_cast<T>(values[c] * top);
    }
  }
  return image;
}

// Samples without any order, the same each time.
inline Image make_noise(Size size, int channels, PixelType type = PixelType::u8, std::uint32_t seed = 1) {
  Image image(size, channels, type);
  for (std::size_t i = 0; i < image.bytes(); ++i) {
    seed = seed * 1664525U + 1013904223U;
    image.data()[i] = static_cast<std::byte>(seed >> 24U);
  }
  return image;
}

inline Bytes encode_as(ImageView image, Format format, int quality = 90, const Metadata* metadata = nullptr) {
  EncodeOptions options;
  options.format = format;
  options.quality = quality;
  options.metadata = metadata;
  return encode(image, options);
}

// Largest difference of any sample, in steps of 8 bits; 1000 where the shapes differ.
inline int difference(ImageView a, ImageView b) {
  if (!(a.size() == b.size()) || a.channels() != b.channels()) return 1000;
  const auto sample = [](ImageView view, int y, int i) {
    return view.type() == PixelType::u8 ? view.row<std::uint8_t>(y)[i] : view.row<std::uint16_t>(y)[i] / 257;
  };
  int most = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int i = 0; i < a.width() * a.channels(); ++i)
      most = std::max(most, std::abs(sample(a, y, i) - sample(b, y, i)));
  }
  return most;
}

// Mean difference in steps of 8 bits; for pictures that lossy codecs have been through.
inline double mean_difference(ImageView a, ImageView b) {
  if (!(a.size() == b.size()) || a.channels() != b.channels()) return 1000;
  double sum = 0;
  for (int y = 0; y < a.height(); ++y) {
    for (int i = 0; i < a.width() * a.channels(); ++i) {
      sum += std::abs(a.row<std::uint8_t>(y)[i] - b.row<std::uint8_t>(y)[i]);
    }
  }
  return sum / (static_cast<double>(a.size().area()) * a.channels());
}

// The error that decoding gives; empty where it succeeds.
inline std::optional<Error> error_of(std::span<const std::byte> file, const DecodeOptions& options = {}) {
  try {
    decode(file, "given.name", options);
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

inline Bytes to_bytes(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline bool can_write(Format format) {
  for (const FormatSupport& row : supported_formats()) {
    if (row.format == format) return row.write && row.read;
  }
  return false;
}

// A big-endian EXIF block: orientation in IFD0, dimensions in the EXIF directory, a thumbnail in IFD1.
inline Bytes make_exif(int orientation, int width, int height) {
  Bytes block;
  const auto put = [&](std::uint32_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) block.push_back(static_cast<std::byte>(value >> 8 * i));
  };
  const auto entry = [&](std::uint32_t tag, std::uint32_t type, std::uint32_t value) {
    put(tag, 2), put(type, 2), put(1, 4);
    type == 3 ? (put(value, 2), put(0, 2)) : put(value, 4);
  };
  put(0x4d4d002a, 4), put(8, 4);
  put(2, 2), entry(0x0112, 3, static_cast<std::uint32_t>(orientation)), entry(0x8769, 4, 38), put(68, 4);
  put(2, 2), entry(0xa002, 4, static_cast<std::uint32_t>(width)), entry(0xa003, 4, static_cast<std::uint32_t>(height));
  put(0, 4);
  put(2, 2), entry(0x0201, 4, 98), entry(0x0202, 4, 8), put(0, 4);
  put(0xffd8ffdb, 4), put(0x1234ffd9, 4);
  return block;
}

}  // namespace pixmill::codecs::test
