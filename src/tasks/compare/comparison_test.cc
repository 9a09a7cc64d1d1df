#include "pixmill/tasks/comparison.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/testing.h"

namespace pixmill::tasks {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

using pixmill::testing::error_of;

Tensor tensor(std::vector<std::int64_t> shape, std::initializer_list<float> values) {
  Tensor made(std::move(shape), ElementType::f32);
  EXPECT_EQ(made.size(), static_cast<std::int64_t>(values.size()));
  std::copy(values.begin(), values.end(), made.as<float>().begin());
  return made;
}

models::ModelCard card_for(const std::string& decoder, Size size = {64, 64}) {
  models::ModelCard card;
  card.id = "model";
  card.output.decoder = decoder;
  card.input.size = size;
  return card;
}

TEST(Agreement, IsByTheTasksOwnMetric) {
  const Tensor half = tensor({1, 1, 1, 2}, {0.9F, 0.1F}), moved = tensor({1, 1, 1, 2}, {0.8F, 0.2F});
  EXPECT_DOUBLE_EQ(agreement(card_for("matte"), {&half, 1}, {&moved, 1}).score, 1.0);
  EXPECT_NEAR(agreement(card_for("picture"), {&half, 1}, {&moved, 1}).score, 20.0, 1e-4);
  EXPECT_NEAR(agreement(card_for("vector"), {&half, 1}, {&moved, 1}).score, 0.74 / std::sqrt(0.82 * 0.68), 1e-6);
  const Tensor a = tensor({1, 2, 1, 2}, {0.9F, 0.1F, 0.2F, 0.8F}), b = tensor({1, 2, 1, 2}, {0.9F, 0.1F, 0.2F, 0.05F});
  EXPECT_DOUBLE_EQ(agreement(card_for("classes"), {&a, 1}, {&b, 1}).score, 0.5);
  EXPECT_DOUBLE_EQ(agreement(card_for("layers"), {&a, 1}, {&b, 1}).score, 0.5);
  const Tensor holed = tensor({1, 1, 1, 2}, {0.9F, kNan});
  const Agreement broken = agreement(card_for("matte"), {&half, 1}, {&holed, 1});
  EXPECT_FALSE(broken.difference.finite);
  EXPECT_DOUBLE_EQ(broken.score, 0.0);
  error_of(ErrorCode::bad_model, [&] { agreement(card_for("matte"), {&half, 1}, {&a, 1}); });
}

TEST(Comparison, FollowsTheDecoderOfTheCard) {
  EXPECT_EQ(comparison_of(card_for("matte")).name, "IoU");
  EXPECT_NE(comparison_of(card_for("matte")).truth, nullptr);
  EXPECT_EQ(judged_outputs(card_for("matte")), (std::vector<int>{0}));
  for (const char* boxes : {"yolov8", "yunet"}) {
    EXPECT_EQ(comparison_of(card_for(boxes)).name, "boxes");
    EXPECT_TRUE(judged_outputs(card_for(boxes)).empty());
  }
  EXPECT_EQ(comparison_of(card_for("xfeat")).name, "cosine") << "nothing decodes it";
  EXPECT_EQ(comparison_of(card_for("xfeat")).truth, nullptr);
}

}  // namespace
}  // namespace pixmill::tasks
