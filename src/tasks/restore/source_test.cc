#include "tasks/restore/source.h"

#include <gtest/gtest.h>

#include <array>

namespace pixmill::tasks {
namespace {

using Pixel = std::array<std::uint8_t, 4>;

// A row of pixels with alpha, hidden where that is 0.
Image row_of(const std::vector<Pixel>& pixels) {
  Image row({static_cast<int>(pixels.size()), 1}, 4);
  for (std::size_t x = 0; x < pixels.size(); ++x)
    std::copy(pixels[x].begin(), pixels[x].end(), row.row<std::uint8_t>(0) + 4 * x);
  return row;
}

std::vector<int> reds(const Image& image, int y) {
  std::vector<int> found;
  for (int x = 0; x < image.width(); ++x) found.push_back(image.row<std::uint8_t>(y)[3 * x]);
  return found;
}

TEST(RestoreSource, HiddenPixelsGetTheColourOfTheNearestSeenOne) {
  const RestoreSource source = take_apart_for_restore(
      row_of({{0, 0, 0, 0}, {0, 0, 0, 0}, {50, 1, 2, 255}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {90, 3, 4, 1}}));
  EXPECT_EQ(reds(source.colours, 0), (std::vector<int>{50, 50, 50, 50, 50, 90, 90}));
  EXPECT_EQ(source.colours.row<std::uint8_t>(0)[1], 1);
  EXPECT_EQ(source.alpha.channels(), 1);
  EXPECT_EQ(source.alpha.row<std::uint8_t>(0)[6], 1);
  EXPECT_EQ(source.alpha.row<std::uint8_t>(0)[0], 0);
}

TEST(RestoreSource, InAllDirections) {
  Image picture({5, 5}, 4);
  std::fill_n(picture.row<std::uint8_t>(0), picture.bytes(), std::uint8_t{0});
  std::uint8_t* const middle = picture.row<std::uint8_t>(2) + std::ptrdiff_t{4} * 2;
  middle[0] = 77;
  middle[3] = 200;
  const RestoreSource source = take_apart_for_restore(std::move(picture));
  for (int y = 0; y < 5; ++y) EXPECT_EQ(reds(source.colours, y), std::vector<int>(5, 77)) << y;
}

TEST(RestoreSource, WhollyHiddenAndWhollySeenStayAsTheyAre) {
  EXPECT_EQ(reds(take_apart_for_restore(row_of({{9, 9, 9, 0}, {8, 8, 8, 0}})).colours, 0), (std::vector<int>{9, 8}));
  EXPECT_EQ(reds(take_apart_for_restore(row_of({{9, 9, 9, 255}, {8, 8, 8, 1}})).colours, 0), (std::vector<int>{9, 8}));
}

TEST(RestoreSource, SixteenBits) {
  Image picture({2, 1}, 4, PixelType::u16);
  const std::array<std::uint16_t, 8> samples = {0, 0, 0, 0, 1000, 2000, 3000, 65535};
  std::copy(samples.begin(), samples.end(), picture.row<std::uint16_t>(0));
  const RestoreSource source = take_apart_for_restore(std::move(picture));
  EXPECT_EQ(source.colours.row<std::uint16_t>(0)[2], 3000);
  EXPECT_EQ(source.alpha.row<std::uint16_t>(0)[1], 65535);
}

TEST(RestoreSource, WithoutAlphaThereIsNone) {
  Image gray({3, 2}, 1);
  std::fill_n(gray.row<std::uint8_t>(0), gray.bytes(), std::uint8_t{5});
  const RestoreSource source = take_apart_for_restore(std::move(gray));
  EXPECT_EQ(source.colours.channels(), 1);
  EXPECT_EQ(source.alpha.size().area(), 0);
}

}  // namespace
}  // namespace pixmill::tasks
