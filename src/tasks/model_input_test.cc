#include "pixmill/tasks/model_input.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pixmill::tasks {
namespace {

models::InputSpec short_side(int target, int multiple) {
  models::InputSpec spec;
  spec.fit = models::Fit::short_side;
  spec.size = {target, target};
  spec.multiple = multiple;
  spec.filter = Filter::box;
  return spec;
}

Image plain(Size size, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  Image image(size, 3);
  for (int y = 0; y < size.height; ++y) {
    std::uint8_t* row = image.row<std::uint8_t>(y);
    for (int x = 0; x < size.width; ++x, row += 3) {
      row[0] = red;
      row[1] = green;
      row[2] = blue;
    }
  }
  return image;
}

TEST(PlaceInput, ShortSideKeepsProportionsAndMultiples) {
  const models::InputSpec spec = short_side(512, 32);
  EXPECT_EQ(place_input({1500, 1000}, spec).input, (Size{768, 512}));
  EXPECT_EQ(place_input({1000, 1500}, spec).input, (Size{512, 768}));
  EXPECT_EQ(place_input({300, 200}, spec).input, (Size{768, 512}));  // both sides below: enlarged
  EXPECT_EQ(place_input({700, 500}, spec).input, (Size{672, 480}));  // in between: floored only
  EXPECT_EQ(place_input({3000, 10}, spec).input, (Size{2048, 32}));  // capped, at least one multiple
  EXPECT_EQ(place_input({40000, 1000}, spec).input, (Size{2048, 512}));
  EXPECT_EQ(place_input({1, 1}, spec).input, (Size{512, 512}));
}

TEST(PlaceInput, LetterboxCentresThePhoto) {
  models::InputSpec spec;
  spec.fit = models::Fit::letterbox;
  spec.size = {64, 64};
  const Placement placement = place_input({200, 100}, spec);
  EXPECT_EQ(placement.input, (Size{64, 64}));
  EXPECT_EQ(placement.content, (Rect{0, 16, 64, 32}));
  spec.fit = models::Fit::letterbox_corner;
  EXPECT_EQ(place_input({200, 100}, spec).content, (Rect{0, 0, 64, 32}));
}

TEST(PlaceInput, LetterboxesRoundAsTheirFamilies) {
  models::InputSpec spec;
  spec.fit = models::Fit::letterbox;
  spec.size = {320, 320};
  EXPECT_EQ(place_input({640, 425}, spec).content, (Rect{0, 54, 320, 212})) << "212.5: to the even one";
  EXPECT_EQ(place_input({640, 427}, spec).content, (Rect{0, 53, 320, 214})) << "213.5";
  EXPECT_EQ(place_input({10, 7}, spec).content, (Rect{0, 48, 320, 224})) << "enlarged";
  EXPECT_EQ(place_input({100000, 1}, spec).content, (Rect{0, 159, 320, 1})) << "never nothing";
  spec.fit = models::Fit::letterbox_corner;
  spec.size = {416, 416};
  EXPECT_EQ(place_input({640, 427}, spec).content, (Rect{0, 0, 416, 277})) << "277.55: down";
  for (int width = 1; width < 3000; ++width) EXPECT_EQ(place_input({width, 1}, spec).content.width, 416) << width;
}

TEST(PlaceInput, CenterCropRoundsAsTorchvision) {
  models::InputSpec spec;
  spec.fit = models::Fit::center_crop;
  spec.size = {224, 224};
  spec.short_side = 256;
  EXPECT_EQ(place_input({400, 300}, spec).content, (Rect{-58, -16, 341, 256})) << "341.3: down; 58.5: to the even one";
  EXPECT_EQ(place_input({300, 400}, spec).content, (Rect{-16, -58, 256, 341}));
  EXPECT_EQ(place_input({300, 402}, spec).content, (Rect{-16, -60, 256, 343})) << "59.5";
  EXPECT_EQ(place_input({100, 100}, spec).content, (Rect{-16, -16, 256, 256})) << "enlarged";
  EXPECT_EQ(place_input({65535, 3}, spec).content.width, 5592320);
}

TEST(ModelInput, CropsTheMiddle) {
  models::InputSpec spec;
  spec.fit = models::Fit::center_crop;
  spec.size = {4, 4};
  spec.short_side = 4;
  Image photo = plain({12, 4}, 255, 255, 255);
  for (int y = 0; y < 4; ++y) std::fill_n(photo.row<std::uint8_t>(y) + 4 * 3, 4 * 3, std::uint8_t{0});
  Tensor middle = model_input(photo, spec);
  EXPECT_EQ(middle.shape(), (std::vector<std::int64_t>{1, 3, 4, 4}));
  for (const float value : middle.as<float>()) EXPECT_EQ(value, 0.0F);
  const Image ribbon = plain({65535, 3}, 9, 9, 9);  // takes no memory for what is cut off
  EXPECT_EQ(model_input(ribbon, spec).size(), 48U);
}

TEST(ModelInput, AppliesScaleMeanAndStdInTheModelsLayout) {
  models::InputSpec spec;
  spec.size = {4, 2};
  spec.mean = {0.5F, 0.25F, 0.0F};
  spec.std = {0.5F, 1.0F, 2.0F};
  const Image photo = plain({9, 7}, 255, 51, 102);
  Tensor planar = model_input(photo, spec);
  EXPECT_EQ(planar.shape(), (std::vector<std::int64_t>{1, 3, 2, 4}));
  EXPECT_NEAR(planar.as<float>()[0], 1.0F, 1e-6);
  EXPECT_NEAR(planar.as<float>()[8], -0.05F, 1e-6);
  EXPECT_NEAR(planar.as<float>()[16], 0.2F, 1e-6);
  spec.planar = false;
  Tensor interleaved = model_input(photo, spec);
  EXPECT_EQ(interleaved.shape(), (std::vector<std::int64_t>{1, 2, 4, 3}));
  EXPECT_NEAR(interleaved.as<float>()[1], -0.05F, 1e-6);
}

TEST(ModelInput, KnowsTheFourScales) {
  models::InputSpec spec;
  spec.size = {3, 3};
  const auto first = [&](models::Scale scale, const Image& photo) {
    spec.scale = scale;
    return model_input(photo, spec).as<float>()[0];
  };
  const Image dark = plain({5, 5}, 50, 100, 25);
  EXPECT_NEAR(first(models::Scale::unit, dark), 50.0F / 255.0F, 1e-6);
  EXPECT_NEAR(first(models::Scale::image_max, dark), 0.5F, 1e-6);
  EXPECT_NEAR(first(models::Scale::symmetric, dark), (50.0F - 127.5F) / 127.5F, 1e-6);
  EXPECT_NEAR(first(models::Scale::none, dark), 50.0F, 1e-4);
  EXPECT_EQ(first(models::Scale::image_max, plain({5, 5}, 0, 0, 0)), 0.0F);  // black: no division by zero
}

TEST(ModelInput, EnlargingByAreaInterpolates) {
  Image photo(Size{2, 2}, 3);
  for (int y = 0; y < 2; ++y) {
    for (int i = 0; i < 6; ++i) photo.row<std::uint8_t>(y)[i] = i < 3 ? 0 : 200;
  }
  models::InputSpec spec = short_side(8, 1);
  spec.scale = models::Scale::none;
  const Tensor input = model_input(photo, spec);
  ASSERT_EQ(input.shape(), (std::vector<std::int64_t>{1, 3, 8, 8}));
  const auto row = input.as<float>().first(8);
  EXPECT_TRUE(std::is_sorted(row.begin(), row.end()));
  EXPECT_GT(row[4], row[3]);
  EXPECT_GT(row[3], 0.0F);
}

}  // namespace
}  // namespace pixmill::tasks
