#include "tasks/cutout/compare_mattes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pixmill::tasks {
namespace {

Image matte(std::initializer_list<float> values) {
  Image image({static_cast<int>(values.size()), 1}, 1, PixelType::f32);
  std::copy(values.begin(), values.end(), image.row<float>(0));
  return image;
}

TEST(Iou, OfMattes) {
  EXPECT_DOUBLE_EQ(overlap(matte({1, 1, 0, 0}), matte({1, 0, 1, 0})), 1.0 / 3);
  EXPECT_DOUBLE_EQ(overlap(matte({0, 0.4F}), matte({0.3F, 0})), 1.0) << "two empty mattes agree";
  EXPECT_DOUBLE_EQ(overlap(matte({1, 0}), matte({0, 0})), 0.0);
}

TEST(TrueOverlap, IsTakenAtTheMasksSize) {
  Tensor output({1, 1, 4, 4}, ElementType::f32);
  for (std::size_t i = 0; i < 16; ++i) output.as<float>()[i] = i % 4 < 2 ? 1.0F : 0.0F;  // the left half
  Image mask({40, 20}, 1);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 40; ++x) mask.row<std::uint8_t>(y)[x] = x < 20 ? 255 : 0;
  }
  models::ModelCard card;
  card.input.size = {4, 4};
  EXPECT_NEAR(kMattes.truth(card, output, {40, 20}, mask), 1.0, 0.06);
}

}  // namespace
}  // namespace pixmill::tasks
