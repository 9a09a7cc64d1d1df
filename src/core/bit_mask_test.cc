#include "pixmill/core/bit_mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/simd_testing.h"

namespace pixmill {
namespace {

using testing::under_each_target;

BitMask noise(Size size, double share, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::bernoulli_distribution inside(share);
  BitMask mask(size);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      if (inside(random)) mask.set(x, y);
    }
  }
  return mask;
}

RunMask runs_of(const BitMask& mask) {
  return mask_of_bitmap(image_of(mask), mask.size());
}

// By the definition, pixel by pixel.
BitMask naive_dilation(const BitMask& mask, int radius) {
  const auto [width, height] = mask.size();
  BitMask grown(mask.size());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (!mask.at(x, y)) continue;
      for (int v = std::max(0, y - radius); v <= std::min(height - 1, y + radius); ++v) {
        for (int u = std::max(0, x - radius); u <= std::min(width - 1, x + radius); ++u) grown.set(u, v);
      }
    }
  }
  return grown;
}

BitMask naive_erosion(const BitMask& mask, int radius) {
  const auto [width, height] = mask.size();
  BitMask shrunk(mask.size());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      bool all = true;
      for (int v = std::max(0, y - radius); v <= std::min(height - 1, y + radius); ++v) {
        for (int u = std::max(0, x - radius); u <= std::min(width - 1, x + radius); ++u) all = all && mask.at(u, v);
      }
      if (all) shrunk.set(x, y);
    }
  }
  return shrunk;
}

const Size kSizes[] = {{1, 1}, {1, 70}, {63, 5}, {64, 64}, {65, 3}, {130, 40}, {200, 31}, {700, 20}};
const int kRadii[] = {0, 1, 2, 3, 15, 31, 32, 63, 64, 65, 100, 1000};

TEST(BitMask, GrowsAsTheDefinitionSays) {
  under_each_target([] {
    for (const Size size : kSizes) {
      const BitMask mask = noise(size, 0.004, static_cast<unsigned>(size.width));
      for (const int radius : kRadii) {
        BitMask grown = mask;
        dilate(grown, radius);
        ASSERT_EQ(grown, naive_dilation(mask, radius)) << size.width << " x " << size.height << ", " << radius;
      }
    }
  });
}

TEST(BitMask, ShrinksAsTheDefinitionSaysAndNotAtTheEdges) {
  under_each_target([] {
    for (const Size size : kSizes) {
      const BitMask mask = noise(size, 0.995, static_cast<unsigned>(size.width));
      for (const int radius : {0, 1, 3, 15, 64, 1000}) {
        BitMask shrunk = mask;
        erode(shrunk, radius);
        ASSERT_EQ(shrunk, naive_erosion(mask, radius)) << size.width << " x " << size.height << ", " << radius;
      }
    }
    BitMask whole = noise({100, 40}, 1.0);
    erode(whole, 7);
    EXPECT_EQ(area(whole), 4000);
  });
}

TEST(BitMask, OnePixelGrowsToASquare) {
  BitMask mask({100, 100});
  mask.set(50, 50);
  dilate(mask, 15);
  EXPECT_EQ(area(mask), 31 * 31);
  EXPECT_TRUE(mask.at(35, 35) && mask.at(65, 65));
  EXPECT_FALSE(mask.at(34, 50) || mask.at(66, 50) || mask.at(50, 34) || mask.at(50, 66));
}

TEST(BitMask, APanoramaGrowsAcrossItsEdges) {
  for (const int radius : {1, 5, 40, 200}) {
    const Size size = {130, 65};
    const BitMask mask = noise(size, 0.001, 7);
    BitMask thrice({3 * size.width, size.height});  // the middle one has its neighbours on both sides
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < 3 * size.width; ++x) {
        if (mask.at(x % size.width, y)) thrice.set(x, y);
      }
    }
    const BitMask expected = naive_dilation(thrice, radius);
    BitMask grown = mask;
    dilate_around(grown, radius);
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x)
        ASSERT_EQ(grown.at(x, y), expected.at(size.width + x, y)) << radius << " at " << x << ", " << y;
    }
  }
}

TEST(BitMask, TakesRunMasksAsTheyAre) {
  for (const Size size : kSizes) {
    for (const double share : {0.0, 0.3, 1.0}) {
      const BitMask mask = noise(size, share);
      BitMask again(size);
      add(again, runs_of(mask));
      EXPECT_EQ(again, mask) << size.width << " x " << size.height;
    }
  }
}

TEST(BitMask, AddsOneMaskToAnother) {
  const BitMask a = noise({150, 40}, 0.2, 1), b = noise({150, 40}, 0.2, 2);
  BitMask both = a, expected = a;
  add(both, runs_of(b));
  unite(expected, b);
  EXPECT_EQ(both, expected);
  EXPECT_GT(area(both), area(a));
}

// Where a pixel of the upright picture is stored, by the definition of the eight orientations in the EXIF standard: row
// 0 and column 0 of the stored picture are at these sides of what is seen.
TEST(BitMask, StoresUprightMasksInEachOrientation) {
  const Size upright = {130, 70};
  const BitMask mask = noise(upright, 0.3);
  const RunMask runs = runs_of(mask);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const bool turned = orientation >= 5;
    const Size stored = turned ? Size{upright.height, upright.width} : upright;
    BitMask bits(stored);
    add(bits, runs, orientation);
    ASSERT_EQ(area(bits), area(mask));
    for (int y = 0; y < upright.height; ++y) {
      for (int x = 0; x < upright.width; ++x) {
        const int right = upright.width - 1 - x, bottom = upright.height - 1 - y;
        int u = x, v = y;
        switch (orientation) {
          case 2: u = right; break;              // top, right
          case 3: u = right, v = bottom; break;  // bottom, right
          case 4: v = bottom; break;             // bottom, left
          case 5: u = y, v = x; break;           // left, top
          case 6: u = y, v = right; break;       // right, top
          case 7: u = bottom, v = right; break;  // right, bottom
          case 8: u = bottom, v = x; break;      // left, bottom
          default: break;
        }
        ASSERT_EQ(bits.at(u, v), mask.at(x, y)) << "orientation " << orientation << " at " << x << ", " << y;
      }
    }
  }
}

TEST(BitMask, Inverts) {
  BitMask mask = noise({70, 3}, 0.3);
  const std::int64_t before = area(mask);
  invert(mask);
  EXPECT_EQ(area(mask), 210 - before);  // nothing beyond the right edge
}

TEST(BitMask, FillsHolesAndNothingElse) {
  BitMask mask({80, 20});
  for (int x = 10; x < 20; ++x) mask.set(x, 5), mask.set(x, 14);
  for (int y = 5; y < 15; ++y) mask.set(10, y), mask.set(19, y);
  for (int y = 0; y < 20; ++y) mask.set(30, y);  // with the edges it surrounds both sides, which are no holes
  BitMask filled = mask;
  fill_holes(filled);
  EXPECT_EQ(area(filled), 100 + 20);
  EXPECT_TRUE(filled.at(15, 10));
  EXPECT_FALSE(filled.at(5, 10) || filled.at(25, 10) || filled.at(70, 0));
}

TEST(BitMask, AHoleEndsAtCorners) {
  BitMask mask({5, 5});  // a diamond: its inside meets the outside at corners alone
  mask.set(2, 1), mask.set(1, 2), mask.set(3, 2), mask.set(2, 3);
  fill_holes(mask);
  EXPECT_TRUE(mask.at(2, 2));
  EXPECT_EQ(area(mask), 5);
}

TEST(BitMask, RemovesSmallParts) {
  BitMask mask({200, 50});
  for (int x = 60; x < 70; ++x) mask.set(x, 10), mask.set(x, 11);  // 20 pixels, across words
  mask.set(70, 12);                                                // touches at a corner: 21
  mask.set(3, 3);
  BitMask kept = mask;
  remove_small_parts(kept, 21);
  EXPECT_EQ(area(kept), 21);
  remove_small_parts(kept, 22);
  EXPECT_EQ(area(kept), 0);
}

TEST(BitMask, PartsOfNoiseAreThoseOfAFloodFill) {
  const BitMask mask = noise({150, 90}, 0.55);
  BitMask expected(mask.size());
  BitMask seen(mask.size());
  for (int y = 0; y < 90; ++y) {
    for (int x = 0; x < 150; ++x) {
      if (!mask.at(x, y) || seen.at(x, y)) continue;
      std::vector<std::pair<int, int>> part = {{x, y}};
      seen.set(x, y);
      for (std::size_t i = 0; i < part.size(); ++i) {
        for (int v = std::max(0, part[i].second - 1); v <= std::min(89, part[i].second + 1); ++v) {
          for (int u = std::max(0, part[i].first - 1); u <= std::min(149, part[i].first + 1); ++u) {
            if (!mask.at(u, v) || seen.at(u, v)) continue;
            seen.set(u, v);
            part.emplace_back(u, v);
          }
        }
      }
      if (part.size() < 30) continue;
      for (const auto& [u, v] : part) expected.set(u, v);
    }
  }
  BitMask kept = mask;
  remove_small_parts(kept, 30);
  EXPECT_EQ(kept, expected);
}

TEST(BitMask, BecomesBytesAndComesBack) {
  under_each_target([] {
    for (const Size size : kSizes) {
      const BitMask mask = noise(size, 0.4);
      const Image image = image_of(mask);
      for (int y = 0; y < size.height; ++y) {
        for (int x = 0; x < size.width; ++x) ASSERT_EQ(image.row<std::uint8_t>(y)[x], mask.at(x, y) ? 255 : 0);
      }
      EXPECT_EQ(bits_of(image, 128), mask);
    }
  });
}

}  // namespace
}  // namespace pixmill
