#include "pixmill/core/resize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "core/resize_taps.h"
#include "core/simd_testing.h"
#include "pixmill/core/composite.h"

namespace pixmill {
namespace {

using testing::expect_same_under_each_target;
using testing::synthetic;
using testing::under_each_target;

constexpr Filter kFilters[] = {Filter::nearest, Filter::box,      Filter::bilinear,
                               Filter::bicubic, Filter::lanczos3, Filter::linear};

std::uint64_t fnv1a(const Image& image) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (std::size_t i = 0; i < image.bytes(); ++i) {
    hash = (hash ^ std::to_integer<std::uint64_t>(image.data()[i])) * 1099511628211ULL;
  }
  return hash;
}

struct Golden {
  Size from;
  int channels;
  Size to;
  Filter filter;
  std::uint64_t hash;
};

// FNV-1a of the bytes that Pillow 13.0.0 makes of the synthetic picture.
constexpr Golden kGolden[] = {
    {{97, 61}, 1, {40, 25}, Filter::bilinear, 0x918981f7e2e20598ULL},
    {{97, 61}, 1, {40, 25}, Filter::lanczos3, 0xcbf35bc687d70fc3ULL},
    {{40, 25}, 1, {97, 61}, Filter::nearest, 0x16312f4c001c404bULL},
    {{40, 25}, 1, {97, 61}, Filter::bicubic, 0xebf5dc8e6b8306b6ULL},
    {{40, 25}, 1, {97, 61}, Filter::lanczos3, 0xd9612917fda76b75ULL},
    {{97, 61}, 1, {150, 20}, Filter::box, 0xc292c9613de3a261ULL},
    {{97, 61}, 1, {150, 20}, Filter::lanczos3, 0x1a083259999760d9ULL},
    {{61, 97}, 1, {20, 150}, Filter::bilinear, 0x72c2034d14539eceULL},
    {{61, 97}, 1, {20, 150}, Filter::lanczos3, 0xf63584ef9b2b96e5ULL},
    {{50, 40}, 1, {50, 13}, Filter::nearest, 0x1a8d64d00a1a3e08ULL},
    {{50, 40}, 1, {50, 13}, Filter::bicubic, 0x892e38539cdcd6caULL},
    {{50, 40}, 1, {50, 13}, Filter::lanczos3, 0xa320d5f30d8ed15fULL},
    {{50, 40}, 1, {13, 40}, Filter::box, 0xf2b557f0c5e892dcULL},
    {{50, 40}, 1, {13, 40}, Filter::lanczos3, 0x7c2ecaa097765caaULL},
    {{1, 1}, 1, {7, 5}, Filter::bilinear, 0x3aefc885e76ecb37ULL},
    {{1, 1}, 1, {7, 5}, Filter::lanczos3, 0x3aefc885e76ecb37ULL},
    {{300, 2}, 1, {1, 1}, Filter::nearest, 0xaf64374c8602872dULL},
    {{300, 2}, 1, {1, 1}, Filter::bicubic, 0xaf63f24c860211eeULL},
    {{300, 2}, 1, {1, 1}, Filter::lanczos3, 0xaf63f24c860211eeULL},
    {{33, 70}, 1, {31, 70}, Filter::box, 0x014d82bf2fd3491eULL},
    {{33, 70}, 1, {31, 70}, Filter::lanczos3, 0x3bd0b7bee8cebe0aULL},
    {{97, 61}, 3, {40, 25}, Filter::box, 0x52c04960b6802e3cULL},
    {{97, 61}, 3, {40, 25}, Filter::lanczos3, 0x64414f08bd791ac5ULL},
    {{40, 25}, 3, {97, 61}, Filter::bilinear, 0x0ecfea710f80d90fULL},
    {{40, 25}, 3, {97, 61}, Filter::lanczos3, 0x987629db5794aab3ULL},
    {{97, 61}, 3, {150, 20}, Filter::nearest, 0xa449e185e3c26305ULL},
    {{97, 61}, 3, {150, 20}, Filter::bicubic, 0xe03b8a9796d7ae0fULL},
    {{97, 61}, 3, {150, 20}, Filter::lanczos3, 0x5bf503e8e0452f3dULL},
    {{61, 97}, 3, {20, 150}, Filter::box, 0x955b648811e2db49ULL},
    {{61, 97}, 3, {20, 150}, Filter::lanczos3, 0x79df58651f551cdfULL},
    {{50, 40}, 3, {50, 13}, Filter::bilinear, 0x076a74d3dd148eadULL},
    {{50, 40}, 3, {50, 13}, Filter::lanczos3, 0x217281c157c5d330ULL},
    {{50, 40}, 3, {13, 40}, Filter::nearest, 0x7afd73f7db368295ULL},
    {{50, 40}, 3, {13, 40}, Filter::bicubic, 0x2dbfff673c421efbULL},
    {{50, 40}, 3, {13, 40}, Filter::lanczos3, 0x22b16d0dd616f1f3ULL},
    {{1, 1}, 3, {7, 5}, Filter::box, 0x5b7b037b39c32102ULL},
    {{1, 1}, 3, {7, 5}, Filter::lanczos3, 0x5b7b037b39c32102ULL},
    {{300, 2}, 3, {1, 1}, Filter::bilinear, 0xa2b009196ea47b1eULL},
    {{300, 2}, 3, {1, 1}, Filter::lanczos3, 0xa2b009196ea47b1eULL},
    {{33, 70}, 3, {31, 70}, Filter::nearest, 0x20a833a54fc541e3ULL},
    {{33, 70}, 3, {31, 70}, Filter::bicubic, 0xc339e6b7251aabdcULL},
    {{33, 70}, 3, {31, 70}, Filter::lanczos3, 0x06c7117e43919ebfULL},
    {{97, 61}, 4, {40, 25}, Filter::bilinear, 0x53ed026d6c7b900dULL},
    {{97, 61}, 4, {40, 25}, Filter::lanczos3, 0xe9c664452b7a1a79ULL},
    {{40, 25}, 4, {97, 61}, Filter::nearest, 0x5dc65a0ca98f3099ULL},
    {{40, 25}, 4, {97, 61}, Filter::bicubic, 0x0ed7eaf729b1e168ULL},
    {{40, 25}, 4, {97, 61}, Filter::lanczos3, 0x1a454304237ba816ULL},
    {{97, 61}, 4, {150, 20}, Filter::box, 0x5b7321fe86064031ULL},
    {{97, 61}, 4, {150, 20}, Filter::lanczos3, 0x76709e209d2dc84cULL},
    {{61, 97}, 4, {20, 150}, Filter::bilinear, 0x5efe3e66f1fa632fULL},
    {{61, 97}, 4, {20, 150}, Filter::lanczos3, 0x0f148a3ab1bf7398ULL},
    {{50, 40}, 4, {50, 13}, Filter::nearest, 0x6525b2e56d916961ULL},
    {{50, 40}, 4, {50, 13}, Filter::bicubic, 0xaa40e59eb857173bULL},
    {{50, 40}, 4, {50, 13}, Filter::lanczos3, 0x2a4161a88749a925ULL},
    {{50, 40}, 4, {13, 40}, Filter::box, 0xef666b7f6711d1f5ULL},
    {{50, 40}, 4, {13, 40}, Filter::lanczos3, 0x57aabd63811ebfb2ULL},
    {{1, 1}, 4, {7, 5}, Filter::bilinear, 0x54ccbca5fe3c4a95ULL},
    {{1, 1}, 4, {7, 5}, Filter::lanczos3, 0x54ccbca5fe3c4a95ULL},
    {{300, 2}, 4, {1, 1}, Filter::nearest, 0x76f0ea7c0e690c69ULL},
    {{300, 2}, 4, {1, 1}, Filter::bicubic, 0xfe8f1ca2bc8c09c2ULL},
    {{300, 2}, 4, {1, 1}, Filter::lanczos3, 0xfe8f1ca2bc8c09c2ULL},
    {{33, 70}, 4, {31, 70}, Filter::box, 0xdc2003ee8ae428bbULL},
    {{33, 70}, 4, {31, 70}, Filter::lanczos3, 0x102533c22c49c8b0ULL},
};

// OpenCV's rule: the two samples around the middle of each output, by their distance; the outermost goes on beyond.
TEST(Resize, LinearTakesTwoSamplesWhateverTheReduction) {
  Image row({8, 1}, 1, PixelType::u8);
  for (int x = 0; x < 8; ++x) row.row<std::uint8_t>(0)[x] = static_cast<std::uint8_t>(x * x * 4);
  const auto at = [&](double middle) {
    const double place = std::clamp(middle - 0.5, 0.0, 7.0);
    const int left = std::min(static_cast<int>(place), 6);
    const double share = place - left;
    return (1 - share) * (left * left * 4) + share * ((left + 1) * (left + 1) * 4);
  };
  for (const int width : {1, 2, 3, 5, 7, 16, 21}) {
    const Image resized = resize(row, {width, 1}, Filter::linear);
    for (int x = 0; x < width; ++x)
      EXPECT_NEAR(resized.row<std::uint8_t>(0)[x], at((x + 0.5) * 8.0 / width), 0.51) << x << " of " << width;
  }
}

TEST(Resize, IsPillowsBitForBit) {
  under_each_target([] {
    for (const Golden& golden : kGolden) {
      EXPECT_EQ(fnv1a(resize(synthetic(golden.from, golden.channels), golden.to, golden.filter)), golden.hash)
          << golden.from.width << "x" << golden.from.height << "x" << golden.channels << " to " << golden.to.width
          << "x" << golden.to.height << ", " << name_of(golden.filter);
    }
  });
}

TEST(Resize, KernelsAgreeAtAllWidths) {
  for (int width = 1; width <= 70; ++width) {
    for (const int channels : {1, 3, 4}) {
      const Image u8 = synthetic({width, 19}, channels);
      expect_same_under_each_target([&] { return resize(u8, {71 - width, 23}, Filter::lanczos3); });
      const Image f32 = synthetic({width, 19}, channels, PixelType::f32);
      if (channels != 4) {
        expect_same_under_each_target([&] { return resize(f32, {71 - width, 23}, Filter::bicubic); }, 1e-5F);
      }
    }
  }
}

TEST(Resize, TakesSinglePixelsRowsAndColumns) {
  for (const Filter filter : kFilters) {
    for (const Size from : {Size{1, 1}, Size{1, 40}, Size{40, 1}}) {
      for (const Size to : {Size{1, 1}, Size{1, 9}, Size{9, 1}, Size{90, 70}}) {
        for (const PixelType type : {PixelType::u8, PixelType::u16, PixelType::f32}) {
          const Image source = synthetic(from, 3, type);
          expect_same_under_each_target([&] { return resize(source, to, filter); },
                                        type == PixelType::u16 ? 1.0F : 1e-5F);
        }
      }
    }
  }
}

TEST(Resize, ReadsCropsInPlace) {
  for (const int channels : {1, 3, 4}) {
    for (const PixelType type : {PixelType::u8, PixelType::u16, PixelType::f32}) {
      const Image whole = synthetic({90, 80}, channels, type);
      const ImageView window = whole.view().crop({7, 5, 61, 43});
      const Image alone = copy(window);
      for (const Filter filter : kFilters) {
        const Image a = resize(window, {37, 51}, filter);
        const Image b = resize(alone, {37, 51}, filter);
        EXPECT_EQ(fnv1a(a), fnv1a(b)) << channels << " channels, " << name_of(filter);
      }
    }
  }
}

TEST(Resize, KeepsFlatPicturesFlat) {
  under_each_target([] {
    for (const Filter filter : kFilters) {
      Image flat({50, 30}, 1, PixelType::u16);
      for (int y = 0; y < 30; ++y) std::fill_n(flat.row<std::uint16_t>(y), 50, std::uint16_t{65535});
      const Image larger = resize(flat, {171, 99}, filter);
      for (int x = 0; x < 171; ++x) ASSERT_EQ(larger.row<std::uint16_t>(98)[x], 65535);
    }
  });
}

TEST(Resize, FloatFollowsTheEightBitResult) {
  const Image u8 = resize(synthetic({120, 90}, 3), {77, 200}, Filter::bilinear);
  const Image f32 = resize(synthetic({120, 90}, 3, PixelType::f32), {77, 200}, Filter::bilinear);
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 77 * 3; ++x) ASSERT_NEAR(f32.row<float>(y)[x] * 255.0F, u8.row<std::uint8_t>(y)[x], 1.1F);
  }
}

TEST(Resize, ColoursOfTransparentPixelsDoNotBleed) {
  Image source({40, 40}, 4);  // opaque red on the left, transparent cyan on the right
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 40; ++x) {
      const std::array<std::uint8_t, 4> pixel =
          x < 20 ? std::array<std::uint8_t, 4>{200, 0, 0, 255} : std::array<std::uint8_t, 4>{0, 255, 255, 0};
      std::ranges::copy(pixel, source.row<std::uint8_t>(y) + 4 * x);
    }
  }
  for (const PixelType type : {PixelType::u8, PixelType::f32}) {
    const Image image = type == PixelType::u8 ? copy(source) : to_f32(source);
    const Image small = to_u8(resize(image, {13, 13}, Filter::bilinear));
    for (int x = 0; x < 13; ++x) {
      const std::uint8_t* pixel = small.row<std::uint8_t>(6) + 4 * x;
      if (pixel[3] != 0) {
        EXPECT_EQ(pixel[1], 0) << "column " << x;
      }
    }
  }
}

TEST(Taps, AddUpToOne) {
  for (const Filter filter : {Filter::box, Filter::bilinear, Filter::bicubic, Filter::lanczos3}) {
    for (const auto& [from, to] : {std::pair{1, 5}, {5, 1}, {4000, 320}, {320, 4000}, {97, 96}}) {
      const Taps taps = resize_taps(from, to, filter);
      ASSERT_EQ(taps.outputs(), to);
      for (int i = 0; i < to; ++i) {
        const double* weight = &taps.weight[static_cast<std::size_t>(i) * taps.width];
        EXPECT_NEAR(std::accumulate(weight, weight + taps.width, 0.0), 1.0, 1e-12);
        EXPECT_GE(taps.first[i], 0);
        EXPECT_LE(taps.first[i] + taps.count[i], from);
        EXPECT_LE(taps.count[i], taps.width);
      }
    }
  }
}

TEST(Filter, NamesComeBack) {
  for (const Filter filter : kFilters) EXPECT_EQ(filter_from(name_of(filter)), filter);
  EXPECT_EQ(filter_from("lanczos"), std::nullopt);
}

TEST(Simd, RefusesUnknownTargets) {
  EXPECT_ANY_THROW(use_simd("abacus"));
  EXPECT_EQ(simd_targets().back(), "scalar");
}

TEST(ResizePart, IsThatPartOfTheWhole) {
  for (const Filter filter : {Filter::box, Filter::bilinear, Filter::bicubic, Filter::lanczos3, Filter::linear}) {
    for (const PixelType type : {PixelType::u8, PixelType::f32}) {
      for (const Size to : {Size{60, 45}, Size{200, 45}, Size{97, 30}, Size{97, 61}, Size{31, 200}}) {
        const Image source = synthetic({97, 61}, 3, type);
        const Image whole = resize(source, to, filter);
        const Rect part = {to.width / 4, to.height / 3, to.width / 2, to.height / 2};
        const Image made = resize_part(source, to, part, filter);
        ASSERT_EQ(made.size(), (Size{part.width, part.height}));
        const std::size_t bytes = static_cast<std::size_t>(part.width) * 3 * bytes_of(type);
        for (int y = 0; y < part.height; ++y) {
          const std::byte* const expected = whole.view().row_bytes(part.y + y) + part.x * 3 * bytes_of(type);
          ASSERT_TRUE(std::equal(expected, expected + bytes, made.view().row_bytes(y)))
              << name_of(filter) << " row " << y;
        }
      }
    }
  }
}

}  // namespace
}  // namespace pixmill
