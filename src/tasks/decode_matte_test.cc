#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/tasks/decode_matte.h"

namespace pixmill::tasks {
namespace {

Tensor tensor_of(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  Tensor tensor(std::move(shape), ElementType::f32);
  std::copy(values.begin(), values.end(), tensor.as<float>().begin());
  return tensor;
}

std::vector<float> values_of(const Image& matte) {
  std::vector<float> values;
  for (int y = 0; y < matte.height(); ++y) {
    values.insert(values.end(), matte.row<float>(y), matte.row<float>(y) + matte.width());
  }
  return values;
}

std::vector<float> decoded(const Tensor& output, const models::ModelCard& card) {
  return values_of(decode_matte(output, card));
}

models::ModelCard plain_card() {
  models::ModelCard card;
  card.id = "test";
  return card;
}

ErrorCode code_of(const Tensor& output, const models::ModelCard& card) {
  try {
    decode_matte(output, card);
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("test"), std::string::npos) << error.message();
    return error.code();
  }
  ADD_FAILURE() << "accepted";
  return ErrorCode::internal;
}

TEST(DecodeMatte, ReadsEveryLayout) {
  const std::vector<float> plane = {0.0F, 0.25F, 0.5F, 0.75F, 1.0F, 0.125F};
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{1, 1, 2, 3}, {1, 2, 3, 1}, {1, 2, 3}, {2, 3}}) {
    const Image matte = decode_matte(tensor_of(shape, plane), plain_card());
    EXPECT_EQ(matte.size(), (Size{3, 2}));
    EXPECT_EQ(values_of(matte), plane);
  }
}

TEST(DecodeMatte, TakesTheCardsChannelInBothLayouts) {
  models::ModelCard card = plain_card();
  card.output.channel = 1;
  EXPECT_EQ(decoded(tensor_of({1, 2, 1, 5}, {0, 0, 0, 0, 0, .1F, .2F, .3F, .4F, .5F}), card),
            (std::vector<float>{.1F, .2F, .3F, .4F, .5F}));
  EXPECT_EQ(decoded(tensor_of({1, 5, 1, 2}, {0, .1F, 0, .2F, 0, .3F, 0, .4F, 0, .5F}), card),
            (std::vector<float>{.1F, .2F, .3F, .4F, .5F}));
}

TEST(DecodeMatte, AmbiguousShapesFollowTheInputsLayout) {
  models::ModelCard card = plain_card();
  card.output.channel = 1;
  const Tensor output = tensor_of({1, 2, 2, 2}, {0, .1F, .2F, .3F, .4F, .5F, .6F, .7F});
  EXPECT_EQ(decoded(output, card), (std::vector<float>{.4F, .5F, .6F, .7F}));
  card.input.planar = false;
  EXPECT_EQ(decoded(output, card), (std::vector<float>{.1F, .3F, .5F, .7F}));
}

TEST(DecodeMatte, AppliesTheActivation) {
  models::ModelCard card = plain_card();
  card.output.activation = models::Activation::sigmoid;
  EXPECT_NEAR(decoded(tensor_of({1, 1, 1, 5}, {0, 0, 2, 0, 0}), card)[2], 1.0 / (1.0 + std::exp(-2.0)), 1e-6);
  card.output.activation = models::Activation::softmax;
  card.output.channel = 1;
  const double expected = std::exp(1.0) / (std::exp(1.0) + std::exp(3.0) + std::exp(-1.0));
  const Tensor three = tensor_of({1, 3, 1, 5}, {3, 3, 3, 3, 3, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1});
  EXPECT_NEAR(decoded(three, card)[0], expected, 1e-6);
}

TEST(DecodeMatte, MinMaxStretchesAndClampsOnlyWhenAsked) {
  models::ModelCard card = plain_card();
  const Tensor output = tensor_of({1, 1, 1, 5}, {-1.0F, 0.0F, 1.0F, 2.0F, 3.0F});
  EXPECT_EQ(decoded(output, card), (std::vector<float>{0, 0, 1, 1, 1}));
  card.output.rescale = models::Rescale::minmax;
  EXPECT_EQ(decoded(output, card), (std::vector<float>{0, .25F, .5F, .75F, 1}));
}

TEST(DecodeMatte, AFlatMapIsEmptyAndNotNoise) {
  models::ModelCard card = plain_card();
  card.output.rescale = models::Rescale::minmax;
  EXPECT_EQ(decoded(tensor_of({1, 1, 1, 5}, {.011F, .012F, .010F, .013F, .010F}), card), std::vector<float>(5, 0.0F));
  EXPECT_EQ(decoded(tensor_of({1, 1, 1, 5}, {.7F, .7F, .7F, .7F, .7F}), card), std::vector<float>(5, 0.0F));
}

TEST(DecodeMatte, RefusesWhatIsNoMatte) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
  for (const float bad : {nan, infinite, -infinite}) {
    for (const models::Activation activation :
         {models::Activation::none, models::Activation::sigmoid, models::Activation::softmax}) {
      models::ModelCard card = plain_card();
      card.output.activation = activation;
      EXPECT_EQ(code_of(tensor_of({1, 2, 1, 5}, {0, 0, bad, 0, 0, 0, 0, bad, 0, 0}), card), ErrorCode::bad_model);
    }
  }
  models::ModelCard card = plain_card();
  EXPECT_EQ(code_of(tensor_of({2, 1, 1, 2}, {0, 0, 0, 0}), card), ErrorCode::bad_model);
  EXPECT_EQ(code_of(tensor_of({4}, {0, 0, 0, 0}), card), ErrorCode::bad_model);
  EXPECT_EQ(code_of(tensor_of({1, 1, 1, 0}, {}), card), ErrorCode::bad_model);
  EXPECT_EQ(code_of(Tensor({1, 1, 2, 2}, ElementType::i64), card), ErrorCode::bad_model);
  card.output.channel = 1;
  EXPECT_EQ(code_of(tensor_of({1, 1, 1, 5}, {0, 0, 0, 0, 0}), card), ErrorCode::bad_model);
}

}  // namespace
}  // namespace pixmill::tasks
