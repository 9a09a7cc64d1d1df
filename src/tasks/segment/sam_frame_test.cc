#include "tasks/segment/sam_frame.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tasks/segment/sam_decoder.h"

namespace pixmill::tasks {
namespace {

models::ModelCard card(models::Fit fit) {
  models::ModelCard made;
  made.input.size = {1024, 1024};
  made.input.fit = fit;
  made.input.scale = models::Scale::none;
  return made;
}

// Bilinear with the middles of both ends aligned, pixel by pixel: columns, then rows.
std::vector<float> naive(const std::vector<float>& from, Size size, Size to) {
  const auto sample = [](int at, int count, int extent) {
    const double source = std::max(0.0, (at + 0.5) * count / extent - 0.5);
    const int first = std::min(static_cast<int>(source), count - 1);
    return std::tuple(first, std::min(first + 1, count - 1), source - first);
  };
  std::vector<float> made;
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < to.width; ++x) {
      const auto [left, right, across] = sample(x, size.width, to.width);
      const auto [top, bottom, down] = sample(y, size.height, to.height);
      const auto at = [&](int column, int row) {
        return double{from[static_cast<std::size_t>(row * size.width + column)]};
      };
      const double upper = at(left, top) * (1 - across) + at(right, top) * across;
      const double lower = at(left, bottom) * (1 - across) + at(right, bottom) * across;
      made.push_back(static_cast<float>(upper * (1 - down) + lower * down));
    }
  }
  return made;
}

// Smooth logits: a few hills.
std::vector<float> hills(unsigned seed, int side) {
  std::mt19937 random(seed);
  std::vector<float> logits(static_cast<std::size_t>(side * side), -6.0F);
  for (int hill = 0; hill < 4; ++hill) {
    const int x = static_cast<int>(random() % static_cast<unsigned>(side)),
              y = static_cast<int>(random() % static_cast<unsigned>(side));
    for (int i = 0; i < side * side; ++i)
      logits[static_cast<std::size_t>(i)] +=
          15.0F *
          std::exp(-static_cast<float>((i % side - x) * (i % side - x) + (i / side - y) * (i / side - y)) / 300.0F);
  }
  return logits;
}

TEST(SamFrame, TheLongerSideFillsTheSquare) {
  const SamFrame wide = sam_frame({1500, 1000}, card(models::Fit::letterbox_corner), {});
  EXPECT_EQ(wide.content, (Size{1024, 683}));
  EXPECT_FLOAT_EQ(wide.down(1000), 683);
  EXPECT_EQ(sam_frame({1, 4000}, card(models::Fit::letterbox_corner), {}).content, (Size{1, 1024}));
  EXPECT_EQ(sam_frame({1500, 1000}, card(models::Fit::stretch), {}).content, (Size{1024, 1024}));
  const SamFrame canvas =
      sam_frame({1000, 1000}, card(models::Fit::letterbox_corner), {.raw = true, .flat = true, .canvas = {1024, 684}});
  EXPECT_EQ(canvas.content, (Size{684, 684}));
  EXPECT_EQ(canvas.whole, (Size{1024, 1024}));
}

TEST(SamFrame, ThePaddingIsZeroAfterNormalising) {
  Image photo({4, 2}, 3);
  std::fill_n(photo.row<std::uint8_t>(0), 24, 0);
  models::ModelCard sam = card(models::Fit::letterbox_corner);
  sam.input.mean = {100, 100, 100};
  sam.input.std = {50, 50, 50};
  const SamFrame frame = sam_frame(photo.size(), sam, {});
  const Tensor tensor = sam_input(photo, frame, sam, {});
  EXPECT_EQ(tensor.shape(), (std::vector<std::int64_t>{1, 3, 1024, 1024}));
  EXPECT_EQ(tensor.as<float>()[0], -2.0F);
  EXPECT_EQ(tensor.as<float>()[511 * 1024], -2.0F) << "the last row of the photo";
  EXPECT_EQ(tensor.as<float>()[512 * 1024], 0.0F);
  const Tensor raw =
      sam_input(photo, frame, sam, {.type = ElementType::u8, .planar = false, .raw = true, .flat = true});
  EXPECT_EQ(raw.shape(), (std::vector<std::int64_t>{512, 1024, 3})) << "not padded: the encoder does";
}

// Small masks of SAM: to the square, cut, to the photo; those of SAM 2 at once.
TEST(SamMask, IsTheLogitsEnlarged) {
  constexpr int kSide = 256;
  for (unsigned seed = 0; seed < 4; ++seed) {
    const std::vector<float> logits = hills(seed, kSide);
    for (const models::Fit fit : {models::Fit::letterbox_corner, models::Fit::stretch}) {
      const SamFrame frame = sam_frame({301, 207}, card(fit), {});
      std::vector<float> wanted;
      if (fit == models::Fit::stretch) {
        wanted = naive(logits, {kSide, kSide}, frame.picture);
      } else {
        const std::vector<float> square = naive(logits, {kSide, kSide}, frame.whole);
        std::vector<float> cut;
        for (int y = 0; y < frame.content.height; ++y)
          cut.insert(cut.end(), square.begin() + y * 1024, square.begin() + y * 1024 + frame.content.width);
        wanted = naive(cut, frame.content, frame.picture);
      }
      for (const float threshold : {-1.0F, 0.0F, 1.0F}) {
        const RunMask mask = sam_mask({logits.data(), {kSide, kSide}}, frame, threshold);
        ASSERT_TRUE(is_valid(mask));
        const Image pixels = bitmap_of(mask, {0, 0, 301, 207});
        int wrong = 0;
        for (int y = 0; y < 207; ++y) {
          for (int x = 0; x < 301; ++x) {
            const float value = wanted[static_cast<std::size_t>(y * 301 + x)];
            if (std::abs(value - threshold) > 1e-3F)
              wrong += (pixels.row<std::uint8_t>(y)[x] != 0) != (value > threshold) ? 1 : 0;
          }
        }
        EXPECT_EQ(wrong, 0) << seed << " " << threshold;
      }
    }
  }
}

TEST(SamMask, LogitsThatAreNoNumbersAreOutside) {
  std::vector<float> logits(256 * 256, std::numeric_limits<float>::quiet_NaN());
  const SamFrame frame = sam_frame({300, 200}, card(models::Fit::letterbox_corner), {});
  EXPECT_EQ(area(sam_mask({logits.data(), {256, 256}}, frame, 0)), 0);
  logits[100 * 256 + 100] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(is_valid(sam_mask({logits.data(), {256, 256}}, frame, 0)));
}

TEST(SamAnswer, TheBestOfSeveralMasks) {
  const auto answer = [](std::vector<float> scores, std::size_t points) {
    std::vector<Tensor> outputs;
    outputs.emplace_back(std::vector<std::int64_t>{1, std::ssize(scores), 256, 256}, ElementType::f32);
    outputs.emplace_back(std::vector<std::int64_t>{1, std::ssize(scores)}, ElementType::f32);
    std::copy(scores.begin(), scores.end(), outputs[1].as<float>().begin());
    return SamAnswer(std::move(outputs), {}, points);
  };
  EXPECT_EQ(answer({0.5F}, 2).best(), 0U);
  EXPECT_EQ(answer({0.9F, 0.5F, 0.7F, 0.6F}, 2).best(), 2U) << "a point and the padding: one of three";
  EXPECT_EQ(answer({0.1F, 0.5F, 0.7F, 0.6F}, 3).best(), 0U) << "more: the one mask of all";
  EXPECT_EQ(answer({0.1F, 0.5F, 0.3F}, 3).best(), 1U) << "SAM 2 gives three";
  EXPECT_EQ(answer({1.5F}, 1).score(0), 1.0F);
  EXPECT_EQ(answer({std::numeric_limits<float>::quiet_NaN()}, 1).score(0), 0.0F);
}

}  // namespace
}  // namespace pixmill::tasks
