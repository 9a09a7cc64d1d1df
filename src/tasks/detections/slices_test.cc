#include "tasks/detections/slices.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pixmill/tasks/direct_context.h"
#include "tasks/detections/looking.h"

namespace pixmill::tasks {
namespace {

Piece piece(Box box, bool cut = false) {
  return {{.box = box}, cut};
}

std::vector<Box> boxes_of(const std::vector<Detection>& things) {
  std::vector<Box> boxes;
  for (const Detection& thing : things) boxes.push_back(thing.box);
  return boxes;
}

TEST(Windows, CoverThePictureAndEndAtItsEdges) {
  for (const Size picture : {Size{1000, 700}, Size{641, 640}, Size{3000, 200}, Size{640, 5000}}) {
    for (const double overlap : {0.0, 0.2, 0.9}) {
      const std::vector<Rect> all = windows(picture, 640, overlap);
      ASSERT_FALSE(all.empty());
      std::int64_t right = 0, bottom = 0;
      for (const Rect& window : all) {
        EXPECT_EQ(window.width, std::min(640, picture.width));
        EXPECT_EQ(window.height, std::min(640, picture.height));
        EXPECT_GE(window.x, 0);
        EXPECT_LE(window.x + window.width, picture.width);
        EXPECT_LE(window.y + window.height, picture.height);
        right = std::max<std::int64_t>(right, window.x + window.width);
        bottom = std::max<std::int64_t>(bottom, window.y + window.height);
      }
      EXPECT_EQ(right, picture.width);
      EXPECT_EQ(bottom, picture.height);
    }
  }
  EXPECT_TRUE(windows({640, 640}, 640, 0.2).empty()) << "the whole picture is looked at anyway";
  EXPECT_EQ(windows({1000, 640}, 640, 0.2).size(), 2U);
}

TEST(Windows, SmallThingsOnAnEdgeAreWholeInOneOfThem) {
  const std::vector<Rect> all = windows({2000, 1500}, 500, 0.2);
  for (int x = 0; x + 100 <= 2000; x += 7) {
    const bool whole = std::any_of(all.begin(), all.end(), [&](const Rect& window) {
      return x >= window.x && x + 100 <= window.x + window.width;
    });
    EXPECT_TRUE(whole) << x;
  }
}

TEST(IsCut, AtInnerEdgesOnly) {
  const Rect window{400, 0, 500, 500};
  EXPECT_FALSE(is_cut({500, 0, 600, 100, 1, 0}, window, {2000, 500})) << "the picture ends there too";
  EXPECT_TRUE(is_cut({400, 100, 600, 200, 1, 0}, window, {2000, 500}));
  EXPECT_TRUE(is_cut({800, 100, 899, 200, 1, 0}, window, {2000, 500}));
  EXPECT_FALSE(is_cut({800, 100, 899, 200, 1, 0}, window, {900, 500}));
  EXPECT_FALSE(is_cut({500, 400, 600, 500, 1, 0}, window, {2000, 500}));
  EXPECT_TRUE(is_cut({500, 400, 600, 500, 1, 0}, window, {2000, 600}));
}

TEST(Merged, TheBestOfTwinsStaysOrTheirAverage) {
  const Box first{0, 0, 100, 100, 0.8F, 1}, second{10, 0, 110, 100, 0.4F, 1}, other{10, 0, 110, 100, 0.4F, 2};
  EXPECT_EQ(boxes_of(merged({piece(second), piece(first), piece(other)}, {}, 100)), (std::vector{first, other}));
  const std::vector<Box> average = boxes_of(merged({piece(second), piece(first)}, {.merge = Merge::fuse}, 100));
  ASSERT_EQ(average.size(), 1U);
  EXPECT_NEAR(average[0].left, 10.0 * 0.4 / 1.2, 1e-4);
  EXPECT_NEAR(average[0].right, 100 + 10.0 * 0.4 / 1.2, 1e-4);
  EXPECT_FLOAT_EQ(average[0].score, 0.8F);
  EXPECT_EQ(merged({piece(first), piece(other)}, {}, 1).size(), 1U);
}

TEST(Merged, ACutPieceBelongsToTheWholeThing) {
  const Box whole{0, 0, 300, 100, 0.5F, 1}, part{0, 0, 120, 100, 0.9F, 1};
  EXPECT_EQ(boxes_of(merged({piece(part, true), piece(whole)}, {}, 100)), (std::vector{Box{0, 0, 300, 100, 0.9F, 1}}));
  Box small = part;
  small.right = 30;
  EXPECT_EQ(merged({piece(small), piece(whole)}, {}, 100).size(), 2U) << "a small thing in a large one is not cut";
  Box faint = whole;
  faint.score = 0.1F;
  EXPECT_EQ(merged({piece(part, true), piece(faint)}, {}, 100).size(), 2U) << "too weak to swallow it";
}

TEST(Merged, TwoHalvesAreOneThing) {
  RunMaskBuilder left({400, 100}), right({400, 100});
  left.add(10, 0, 50);
  right.add(300, 0, 50);
  const Piece first{{.box = {0, 0, 220, 100, 0.9F, 1}, .mask = left.take()}, true};
  const Piece second{{.box = {100, 0, 310, 100, 0.7F, 1}, .mask = right.take()}, true};
  const std::vector<Detection> things = merged({second, first}, {}, 100);
  ASSERT_EQ(things.size(), 1U);
  EXPECT_EQ(things[0].box, (Box{0, 0, 310, 100, 0.9F, 1}));
  EXPECT_EQ(area(things[0].mask), 100);
}

// A model that finds what is bright, at the place where it is.
TEST(LookAt, FindsInWindowsWhatTheWholePictureMisses) {
  Image picture({1000, 400}, 3);
  std::fill(picture.data(), picture.data() + picture.bytes(), std::byte{0});
  for (int y = 100; y < 110; ++y) std::fill_n(picture.row<std::uint8_t>(y) + 3 * 700, 30, std::uint8_t{255});
  const Look look = {.inputs = [](ImageView pixels, Size) -> Tensors {
                       Tensor box({1, 4}, ElementType::f32);
                       float* sides = box.as<float>().data();
                       std::fill_n(sides, 4, 0.0F);
                       for (int y = 0; pixels.width() <= 500 && y < pixels.height(); ++y) {
                         for (int x = 0; x < pixels.width(); ++x) {
                           if (pixels.row<std::uint8_t>(y)[3 * x] == 0) continue;
                           if (sides[2] == 0) sides[0] = static_cast<float>(x), sides[1] = static_cast<float>(y);
                           sides[2] = static_cast<float>(x + 1), sides[3] = static_cast<float>(y + 1);
                         }
                       }
                       return {std::make_shared<const Tensor>(std::move(box))};
                     },
                     .things =
                         [](const std::vector<Tensor>& outputs, Size full) {
                           const auto sides = outputs.at(0).as<float>();
                           Detections found{full, 0.05F, shared_names({"spot"}), {}};
                           if (sides[2] > 0) found.found.push_back({{sides[0], sides[1], sides[2], sides[3], 0.9F, 0}});
                           return found;
                         }};
  const auto found_with = [&](int slice) {
    DirectContext context([](int, const Tensors& inputs) {
      std::vector<Tensor> outputs;
      outputs.push_back(inputs.at(0)->clone());
      return outputs;
    });
    return boxes_of(look_at(picture.clone(), context, {.slice = slice}, look).found);
  };
  EXPECT_TRUE(found_with(0).empty());
  EXPECT_EQ(found_with(500), (std::vector{Box{700, 100, 710, 110, 0.9F, 0}}));
}

TEST(LeastFor, FollowsTheResizeOfTheModel) {
  models::InputSpec input;
  input.size = {640, 640};
  input.fit = models::Fit::letterbox;
  input.filter = Filter::linear;
  EXPECT_EQ(least_for({6000, 4000}, input, {}), (Size{6000, 4000}));
  EXPECT_EQ(least_for({6000, 4000}, input, {.fast_decode = true}), (Size{1280, 854}));
  input.filter = Filter::bilinear;
  EXPECT_EQ(least_for({6000, 4000}, input, {}), (Size{1280, 854}));
  EXPECT_EQ(least_for({6000, 4000}, input, {.slice = 640}), (Size{6000, 4000}));
  EXPECT_EQ(least_for({700, 500}, input, {}), (Size{700, 500}));
  input.size = {320, 320};
  EXPECT_EQ(least_for({6000, 4000}, input, {}), (Size{768, 512})) << "as its sharpness is measured";
}

}  // namespace
}  // namespace pixmill::tasks
