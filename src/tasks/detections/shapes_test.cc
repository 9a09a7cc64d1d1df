#include "pixmill/tasks/shapes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <random>
#include <string>

namespace pixmill::tasks {
namespace {

// '#' is inside.
RunMask drawn(const std::vector<std::string>& rows) {
  const Size size{static_cast<int>(rows.front().size()), static_cast<int>(rows.size())};
  Image bitmap(size, 1);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x)
      bitmap.row<std::uint8_t>(y)[x] = rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] == '#' ? 255 : 0;
  }
  return mask_of_bitmap(bitmap, size);
}

// Blobs: noise of that share, smoothed by voting, so that there are parts, holes and corners that touch.
Image blobs(Size size, unsigned seed, unsigned of_ten, int rounds) {
  std::mt19937 random(seed);
  cv::Mat bitmap(size.height, size.width, CV_8U);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) bitmap.at<std::uint8_t>(y, x) = random() % 10 < of_ten ? 255 : 0;
  }
  for (int i = 0; i < rounds; ++i) cv::medianBlur(bitmap, bitmap, 3);
  Image image(size, 1);
  for (int y = 0; y < size.height; ++y)
    std::copy_n(bitmap.ptr<std::uint8_t>(y), size.width, image.row<std::uint8_t>(y));
  return image;
}

cv::Mat as_mat(Image& image) {
  return {image.height(), image.width(), CV_8U, image.data(), image.stride()};
}

double area_of(const Polygon& polygon) {
  return area(Detection{{}, {}, {polygon}, {}});
}

TEST(ShapesTest, LinesRunOnTheEdgesOfPixels) {
  const std::vector<Polygon> parts = outlines(drawn({"....",  //
                                                     ".##.",  //
                                                     ".#..",  //
                                                     "...."}),
                                              0);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].size(), 6U);
  EXPECT_DOUBLE_EQ(area_of(parts[0]), 3);
  for (const Point& corner : {Point{1, 1}, Point{3, 1}, Point{3, 2}, Point{2, 2}, Point{2, 3}, Point{1, 3}})
    EXPECT_NE(std::find(parts[0].begin(), parts[0].end(), corner), parts[0].end()) << corner.x << ',' << corner.y;
}

TEST(ShapesTest, PartsComeByTheirAreaAndNoneIsLost) {
  const std::vector<Polygon> parts = outlines(drawn({"#..##",  //
                                                     "...##",  //
                                                     ".....",  //
                                                     "###.."}),
                                              0);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_DOUBLE_EQ(area_of(parts[0]), 4);
  EXPECT_DOUBLE_EQ(area_of(parts[1]), 3);
  EXPECT_DOUBLE_EQ(area_of(parts[2]), 1);
}

TEST(ShapesTest, PixelsThatTouchAtACornerAreOnePart) {
  for (const RunMask& mask : {drawn({"#.", ".#"}), drawn({".#", "#."})}) {
    const std::vector<Polygon> parts = outlines(mask, 0);
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_DOUBLE_EQ(area_of(parts[0]), 2);
    EXPECT_EQ(filled(parts, mask.size), mask);
  }
}

TEST(ShapesTest, HolesAreSeen) {
  EXPECT_TRUE(has_holes(drawn({"###", "#.#", "###"})));
  EXPECT_TRUE(has_holes(drawn({".#.", "#.#", ".#."})));
  EXPECT_FALSE(has_holes(drawn({"###", "#.#", "#.#"})));
  EXPECT_FALSE(has_holes(drawn({"###", "###"})));
  EXPECT_FALSE(has_holes(drawn({"...", "..."})));
}

TEST(ShapesTest, ClockwiseAsItIsSeen) {
  for (const Polygon& part : outlines(mask_of_bitmap(blobs({40, 30}, 5, 5, 1), {40, 30}), 0)) {
    double twice = 0;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const Point &a = part[i], &b = part[(i + 1) % part.size()];
      twice += static_cast<double>(a.x) * b.y - static_cast<double>(b.x) * a.y;
    }
    EXPECT_GT(twice, 0);
  }
}

// The mask without its holes, and the number of its parts, as OpenCV finds them.
TEST(ShapesTest, FilledOutlinesAreTheMaskWithoutItsHoles) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    const Size size{1 + static_cast<int>(seed * 37 % 90), 1 + static_cast<int>(seed * 53 % 70)};
    Image bitmap = blobs(size, seed, 1 + seed % 9, static_cast<int>(seed % 3));
    const RunMask mask = mask_of_bitmap(bitmap, size);
    std::vector<std::vector<cv::Point>> contours;
    cv::findContours(as_mat(bitmap).clone(), contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
    Image whole(size, 1);
    as_mat(whole).setTo(0);
    for (std::size_t i = 0; i < contours.size(); ++i)
      cv::drawContours(as_mat(whole), contours, static_cast<int>(i), 255, cv::FILLED);
    const std::vector<Polygon> parts = outlines(mask, 0);
    EXPECT_EQ(filled(parts, size), mask_of_bitmap(whole, size)) << "seed " << seed;
    // Parts that lie in a hole of another are parts too, which RETR_EXTERNAL leaves out.
    cv::Mat labels;
    EXPECT_EQ(static_cast<int>(parts.size()), cv::connectedComponents(as_mat(bitmap), labels, 8) - 1);
    std::vector<cv::Vec4i> tree;
    cv::findContours(as_mat(bitmap).clone(), contours, tree, cv::RETR_CCOMP, cv::CHAIN_APPROX_NONE);
    const bool holes = std::any_of(tree.begin(), tree.end(), [](const cv::Vec4i& node) { return node[3] >= 0; });
    EXPECT_EQ(has_holes(mask), holes);
  }
}

TEST(ShapesTest, MasksOfWholePicturesAndOfNothing) {
  RunMaskBuilder all({70000, 3});
  for (int x = 0; x < 70000; ++x) all.add(x, 0, 3);
  const std::vector<Polygon> parts = outlines(all.take(), 0);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].size(), 4U);
  EXPECT_DOUBLE_EQ(area_of(parts[0]), 210000);
  EXPECT_TRUE(outlines(RunMaskBuilder({5, 5}).take(), 0).empty());
  EXPECT_TRUE(outlines({}, 0).empty());
}

TEST(ShapesTest, ToleranceSavesCornersAndKeepsTheShape) {
  const Size size{400, 300};
  Image bitmap(size, 1);
  as_mat(bitmap).setTo(0);
  cv::ellipse(as_mat(bitmap), {200, 150}, {150, 90}, 20, 0, 360, 255, cv::FILLED);
  const RunMask mask = mask_of_bitmap(bitmap, size);
  const Polygon exact = outlines(mask, 0).at(0), close = outlines(mask, 1).at(0), coarse = outlines(mask, 5).at(0);
  EXPECT_GT(exact.size(), 400U);
  EXPECT_LT(close.size(), 80U);
  EXPECT_LT(coarse.size(), close.size());
  EXPECT_GT(iou(filled({close}, size), mask), 0.985);
  EXPECT_GT(iou(filled({coarse}, size), mask), 0.93);
}

TEST(ShapesTest, SmallPartsSurviveAnyTolerance) {
  const RunMask mask = drawn({"...#", "....", "##..", "##.."});
  const std::vector<Polygon> parts = outlines(mask, 50);
  EXPECT_EQ(filled(parts, mask.size), mask);
}

TEST(ShapesTest, PixelsAreInsideByTheirMiddle) {
  const RunMask mask = filled({{{0.4F, 0.6F}, {2.5F, 0.6F}, {2.5F, 2.6F}, {0.4F, 2.6F}}}, {4, 4});
  EXPECT_EQ(mask, drawn({"....", "##..", "##..", "...."}));
}

TEST(ShapesTest, PolygonsAreJoinedAndCutAtThePicture) {
  const Polygon left = {{-5, -5}, {2, -5}, {2, 9}, {-5, 9}}, wide = {{1, 1}, {9, 1}, {9, 2}, {1, 2}};
  EXPECT_EQ(filled({left, wide}, {4, 3}), drawn({"##..", "####", "##.."}));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(filled({wide, {{0, 0}, {nan, 0}, {4, 4}}, {{1, 1}}, {}}, {4, 3}), drawn({"....", ".###", "...."}));
}

TEST(ShapesTest, AThingIsItsMaskOrItsPolygonsOrItsBox) {
  Detection found{{1, 1, 3, 2, 0.5F, 0}};
  EXPECT_EQ(mask_of(found, {4, 3}), drawn({"....", ".##.", "...."}));
  EXPECT_EQ(polygons_of(found, 0), (std::vector<Polygon>{{{1, 1}, {3, 1}, {3, 2}, {1, 2}}}));
  found.polygons = {{{0, 0}, {4, 0}, {4, 3}}};
  EXPECT_EQ(polygons_of(found, 0), found.polygons);
  EXPECT_EQ(mask_of(found, {4, 3}), filled(found.polygons, {4, 3}));
  found.mask = drawn({"....", ".#..", "...."});
  EXPECT_EQ(mask_of(found, {4, 3}), found.mask);
  EXPECT_DOUBLE_EQ(area_of(polygons_of(found, 0).at(0)), 1);
  found.mask = RunMaskBuilder({4, 3}).take();
  EXPECT_DOUBLE_EQ(area_of(polygons_of(found, 0).at(0)), 2);
}

}  // namespace
}  // namespace pixmill::tasks
