#include "core/edge_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "core/simd_testing.h"
#include "pixmill/core/buffer.h"

namespace pixmill {
namespace {

using testing::synthetic;
using testing::synthetic_sample;

constexpr int kMost = 70;

float share(int i, int seed) {
  return static_cast<float>(synthetic_sample(i, seed, 1)) / 255.0F;
}

// Two columns of a small picture and what lies between them.
struct Cell {
  std::array<float, 8> left{}, right{};
  std::vector<float> weights = std::vector<float>(kMost + AlignedBuffer::kSlack);
  Image rgb = synthetic({kMost, 1}, 3);
  Image matte = Image({kMost, 1}, 1, PixelType::f32);

  explicit Cell(int count, float scale) {
    for (int i = 0; i < 8; ++i) {
      left[i] = scale * (share(i, 1) - 0.5F) + (scale == 1.0F ? 0.5F : 0.0F);
      right[i] = scale * (share(i, 2) - 0.5F) + (scale == 1.0F ? 0.5F : 0.0F);
    }
    for (int x = 0; x < kMost; ++x) {
      weights[x] = (static_cast<float>(x) + 0.5F) / static_cast<float>(count);
      matte.row<float>(0)[x] = x % 7 == 0 ? 0.001F : x % 7 == 1 ? 0.9995F : x % 7 == 2 ? 0.012F : share(x, 3);
    }
  }
};

TEST(EdgeKernels, RefineAsTheirScalarTwins) {
  testing::under_each_target([] {
    for (int count = 1; count <= kMost; ++count) {
      Cell cell(count, 3.0F);
      Image expected = cell.matte.clone();
      const std::uint8_t* const rgb = cell.rgb.row<std::uint8_t>(0);
      kScalarEdgeKernels.refine(cell.left.data(), cell.right.data(), cell.weights.data(), rgb, count,
                                expected.row<float>(0));
      edge_kernels().refine(cell.left.data(), cell.right.data(), cell.weights.data(), rgb, count,
                            cell.matte.row<float>(0));
      int changed = 0;
      const Cell before(count, 3.0F);
      for (int x = 0; x < kMost; ++x) {
        const float got = cell.matte.row<float>(0)[x], old = before.matte.row<float>(0)[x];
        ASSERT_NEAR(got, expected.row<float>(0)[x], 2e-5F) << x << " of " << count;
        changed += got != old;
        if (x >= count || x % 7 < 2) {
          ASSERT_EQ(got, old) << x << " of " << count;
        }
      }
      ASSERT_TRUE(count < 4 || changed > count / 3);
    }
  });
}

TEST(EdgeKernels, RecolourAsTheirScalarTwins) {
  testing::under_each_target([] {
    for (int count = 1; count <= kMost; ++count) {
      Cell cell(count, 1.0F);
      const Image before = cell.rgb.clone();
      Image expected = cell.rgb.clone();
      const float* const alpha = cell.matte.row<float>(0);
      kScalarEdgeKernels.recolour(cell.left.data(), cell.right.data(), cell.weights.data(), alpha, count,
                                  expected.row<std::uint8_t>(0));
      edge_kernels().recolour(cell.left.data(), cell.right.data(), cell.weights.data(), alpha, count,
                              cell.rgb.row<std::uint8_t>(0));
      int changed = 0;
      for (int i = 0; i < 3 * kMost; ++i) {
        const int got = cell.rgb.row<std::uint8_t>(0)[i], old = before.row<std::uint8_t>(0)[i];
        ASSERT_NEAR(got, expected.row<std::uint8_t>(0)[i], 1) << i / 3 << " of " << count;
        changed += got != old;
        if (i / 3 >= count || i / 3 % 7 < 2) {
          ASSERT_EQ(got, old) << i / 3 << " of " << count;
        }
      }
      ASSERT_TRUE(count < 4 || changed > count / 3);
    }
  });
}

// 16 bits that are 257 times 8 bits change as these do, and their lower bits stay.
TEST(EdgeKernels, RecolourSixteenBitsByWhatEightBitsChange) {
  Cell cell(kMost, 1.0F);
  const Image before = synthetic({kMost, 1}, 3, PixelType::u16);
  Image deep = before.clone();
  for (int i = 0; i < 3 * kMost; ++i)
    deep.row<std::uint16_t>(0)[i] = static_cast<std::uint16_t>(std::min(deep.row<std::uint16_t>(0)[i] + 5, 65535));
  const float* const alpha = cell.matte.row<float>(0);
  kScalarEdgeKernels.recolour_deep(cell.left.data(), cell.right.data(), cell.weights.data(), alpha, kMost,
                                   deep.row<std::uint16_t>(0));
  kScalarEdgeKernels.recolour(cell.left.data(), cell.right.data(), cell.weights.data(), alpha, kMost,
                              cell.rgb.row<std::uint8_t>(0));
  for (int i = 0; i < 3 * kMost; ++i) {
    ASSERT_NEAR(deep.row<std::uint16_t>(0)[i], 257 * cell.rgb.row<std::uint8_t>(0)[i] + 5, 5) << i;
  }
}

}  // namespace
}  // namespace pixmill
