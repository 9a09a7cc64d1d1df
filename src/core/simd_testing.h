// For the tests of kernels: pictures that any program can compute, and a walk over all SIMD targets.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "core/simd.h"
#include "pixmill/core/image.h"

namespace pixmill::testing {

inline std::uint8_t synthetic_sample(int x, int y, int channel) {
  return static_cast<std::uint8_t>(((x * 37 + y * 91 + channel * 53 + (x * y) % 251) ^ (x >> 2)) & 255);
}

// u8 as above, u16 times 257, f32 divided by 255.
inline Image synthetic(Size size, int channels, PixelType type = PixelType::u8) {
  Image image(size, channels, type);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < channels; ++c) {
        const std::uint8_t value = synthetic_sample(x, y, c);
        const int at = x * channels + c;
        switch (type) {
          case PixelType::u8: image.row<std::uint8_t>(y)[at] = value; break;
          case PixelType::u16: image.row<std::uint16_t>(y)[at] = static_cast<std::uint16_t>(value * 257); break;
          case PixelType::f32: image.row<float>(y)[at] = static_cast<float>(value) / 255.0F; break;
        }
      }
    }
  }
  return image;
}

// Runs `check` under every target that this machine has; the scalar twins come last.
template <typename Check>
void under_each_target(Check check) {
  const std::string before = simd_target();
  for (const std::string& target : simd_targets()) {
    SCOPED_TRACE("target " + target);
    use_simd(target);
    check();
  }
  use_simd(before);
}

// `actual` computed under every target is the same as under the scalar twins, f32 up to `tolerance`.
template <typename Compute>
void expect_same_under_each_target(Compute compute, float tolerance = 0.0F) {
  const std::string before = simd_target();
  use_simd("scalar");
  const Image expected = compute();
  use_simd(before);
  under_each_target([&] {
    const Image actual = compute();
    ASSERT_EQ(actual.size(), expected.size());
    ASSERT_EQ(actual.type(), expected.type());
    ASSERT_EQ(actual.channels(), expected.channels());
    const std::size_t samples = actual.bytes() / bytes_of(actual.type());
    for (std::size_t i = 0; i < samples; ++i) {
      if (actual.type() == PixelType::f32) {
        ASSERT_NEAR(reinterpret_cast<const float*>(actual.data())[i],
                    reinterpret_cast<const float*>(expected.data())[i], tolerance)
            << "sample " << i;
      } else if (actual.type() == PixelType::u16) {
        ASSERT_NEAR(reinterpret_cast<const std::uint16_t*>(actual.data())[i],
                    reinterpret_cast<const std::uint16_t*>(expected.data())[i], tolerance)
            << "sample " << i;
      } else {
        ASSERT_EQ(actual.data()[i], expected.data()[i]) << "sample " << i;
      }
    }
  });
}

}  // namespace pixmill::testing
