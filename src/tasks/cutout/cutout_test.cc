#include "pixmill/tasks/cutout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pixmill/core/error.h"
#include "pixmill/tasks/direct_context.h"

namespace pixmill::tasks {
namespace {

models::ModelCard test_card() {
  models::ModelCard card;
  card.id = "test";
  card.task = "cutout";
  card.input.size = {16, 16};
  card.output.index = 2;
  return card;
}

// Red grows to the right, green downwards, blue is 40.
template <typename T>
Image gradient(Size size, int channels = 3) {
  constexpr int kUnit = std::numeric_limits<T>::max() / 255;
  Image photo(size, channels, pixel_type_of<T>());
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const int samples[4] = {255 * x / size.width, 255 * y / size.height, 40, 255};
      for (int c = 0; c < channels; ++c) {
        photo.row<T>(y)[channels * x + c] = static_cast<T>(samples[c] * kUnit + (kUnit > 1 && c < 3 ? 5 : 0));
      }
    }
  }
  return photo;
}

// What the model answers: 1 in the middle half of a side x side map, 0 around it.
std::vector<Tensor> square_matte(int side = 16, float inside = 1.0F) {
  Tensor tensor({1, 1, side, side}, ElementType::f32);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const bool in = x >= side / 4 && x < side - side / 4 && y >= side / 4 && y < side - side / 4;
      tensor.as<float>()[static_cast<std::size_t>(y) * side + x] = in ? inside : 0.0F;
    }
  }
  std::vector<Tensor> outputs;
  outputs.push_back(std::move(tensor));
  return outputs;
}

std::vector<Output> run(const Task& task, Image photo, std::vector<Tensor> matte) {
  DirectContext context([&](int, const Tensors&) { return std::move(matte); });
  task.run(std::move(photo), context);
  return std::move(context).outputs();
}

std::vector<Output> cut(Image photo, const CutoutOptions& options, float inside = 1.0F) {
  return run(*make_cutout(test_card(), options), std::move(photo), square_matte(16, inside));
}

Tensors input_for(const Task& task, Image photo) {
  return first_inputs(task, std::move(photo));
}

template <typename T>
const T* pixel(const Image& image, int x, int y) {
  return image.row<T>(y) + image.channels() * x;
}

TEST(Cutout, SaysWhatItWants) {
  const auto task = make_cutout(test_card(), {});
  EXPECT_EQ(task->name(), "cutout");
  const std::vector<Graph> graphs = task->graphs();
  ASSERT_EQ(graphs.size(), 1U);
  EXPECT_EQ(graphs[0].outputs, std::vector<int>{2});
  EXPECT_EQ(graphs[0].typical, (std::vector<std::vector<std::int64_t>>{{1, 3, 16, 16}}));
  EXPECT_EQ(input_for(*task, gradient<std::uint8_t>({40, 30})).at(0)->shape(), graphs[0].typical[0]);
}

TEST(Cutout, PreparesEveryKindOfPhotoAlike) {
  const auto task = make_cutout(test_card(), {});
  const Tensors expected = input_for(*task, gradient<std::uint8_t>({40, 30}));
  const Tensors with_alpha = input_for(*task, gradient<std::uint8_t>({40, 30}, 4));
  const Tensors deep = input_for(*task, gradient<std::uint16_t>({40, 30}));
  for (std::int64_t i = 0; i < expected[0]->size(); ++i) {
    ASSERT_NEAR(expected[0]->as<float>()[i], with_alpha[0]->as<float>()[i], 1e-6);
    ASSERT_NEAR(expected[0]->as<float>()[i], deep[0]->as<float>()[i], 1e-6);
  }
  const auto gray = input_for(*task, gradient<std::uint8_t>({40, 30}, 1))[0];
  EXPECT_TRUE(std::equal(gray->as<float>().begin(), gray->as<float>().begin() + 256, gray->as<float>().begin() + 256));
}

TEST(Cutout, KeepsTheSubjectAndDropsTheRest) {
  const Image photo = gradient<std::uint8_t>({64, 48});
  const std::vector<Output> results = cut(photo.clone(), {});
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].role, "picture");
  const Image& picture = results[0].image;
  ASSERT_EQ(picture.channels(), 4);
  ASSERT_EQ(picture.size(), photo.size());
  EXPECT_EQ(pixel<std::uint8_t>(picture, 32, 24)[3], 255);
  EXPECT_TRUE(std::equal(pixel<std::uint8_t>(photo, 32, 24), pixel<std::uint8_t>(photo, 33, 24),
                         pixel<std::uint8_t>(picture, 32, 24)));
  EXPECT_EQ(pixel<std::uint8_t>(picture, 2, 2)[3], 0);
}

TEST(Cutout, SixteenBitsStayWhereTheSubjectCoversFully) {
  const Image photo = gradient<std::uint16_t>({64, 48});
  CutoutOptions options;
  options.mask = true;
  const std::vector<Output> results = cut(photo.clone(), options);
  ASSERT_EQ(results.size(), 2U);
  const Image& picture = results[0].image;
  ASSERT_EQ(picture.type(), PixelType::u16);
  for (int c = 0; c < 3; ++c) {
    EXPECT_EQ(pixel<std::uint16_t>(picture, 32, 24)[c], pixel<std::uint16_t>(photo, 32, 24)[c]);
  }
  EXPECT_EQ(pixel<std::uint16_t>(picture, 32, 24)[3], 65535);
  EXPECT_EQ(results[1].role, "mask");
  EXPECT_EQ(results[1].image.type(), PixelType::u8);
  EXPECT_EQ(results[1].image.row<std::uint8_t>(24)[32], 255);
  EXPECT_EQ(results[1].image.row<std::uint8_t>(0)[0], 0);
}

TEST(Cutout, ThePhotosOwnAlphaIsMultipliedIn) {
  Image photo = gradient<std::uint8_t>({64, 48}, 4);
  for (int x = 0; x < 64; ++x) photo.row<std::uint8_t>(24)[4 * x + 3] = 100;
  CutoutOptions options;
  options.mask = true;
  const std::vector<Output> results = cut(std::move(photo), options);
  EXPECT_EQ(pixel<std::uint8_t>(results[0].image, 32, 24)[3], 100);
  EXPECT_EQ(pixel<std::uint8_t>(results[0].image, 32, 23)[3], 255);
  EXPECT_EQ(results[1].image.row<std::uint8_t>(24)[32], 100);
}

TEST(Cutout, ThresholdComesBeforeFeather) {
  CutoutOptions options;
  options.mask = true;
  options.picture = false;
  options.threshold = 0.5F;
  const Image hard = std::move(cut(gradient<std::uint8_t>({64, 64}), options, 0.7F)[0].image);
  int between = 0;
  for (int i = 0; i < 64 * 64; ++i) between += hard.row<std::uint8_t>(i / 64)[i % 64] % 255 != 0;
  EXPECT_EQ(between, 0);
  EXPECT_EQ(hard.row<std::uint8_t>(32)[32], 255);
  options.feather = 3.0F;
  const Image soft = std::move(cut(gradient<std::uint8_t>({64, 64}), options, 0.7F)[0].image);
  EXPECT_EQ(soft.row<std::uint8_t>(32)[32], 255);
  EXPECT_NEAR(soft.row<std::uint8_t>(32)[16], 128, 30);
}

TEST(Cutout, LaysTheSubjectOnEveryKindOfBackground) {
  CutoutOptions options;
  options.background.kind = Background::Kind::colour;
  options.background.colour = {1, 2, 3};
  const Image coloured = std::move(cut(gradient<std::uint8_t>({64, 48}), options)[0].image);
  EXPECT_EQ(coloured.channels(), 3);
  EXPECT_EQ(pixel<std::uint8_t>(coloured, 1, 1)[2], 3);
  EXPECT_EQ(pixel<std::uint8_t>(coloured, 32, 24)[2], 40);

  options.background.kind = Background::Kind::picture;
  options.background.picture = std::make_shared<const Image>(gradient<std::uint8_t>({10, 10}, 1));
  for (const bool deep : {false, true}) {
    Image photo = deep ? gradient<std::uint16_t>({64, 48}) : gradient<std::uint8_t>({64, 48});
    const Image pictured = std::move(cut(std::move(photo), options)[0].image);
    EXPECT_EQ(pictured.channels(), 3);
    EXPECT_EQ(pictured.type(), deep ? PixelType::u16 : PixelType::u8);
  }

  options.background.kind = Background::Kind::blur;
  for (const bool trim : {false, true}) {
    options.trim = trim;
    const Image blurred = std::move(cut(gradient<std::uint8_t>({64, 48}), options)[0].image);
    EXPECT_EQ(blurred.channels(), 3);
    EXPECT_NEAR(pixel<std::uint8_t>(blurred, 1, 1)[2], 40, 1);
  }
}

TEST(Cutout, ABlurredBackgroundDoesNotGlowInTheSubjectsColour) {
  Image photo(Size{64, 64}, 3);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      const bool inside = x >= 16 && x < 48 && y >= 16 && y < 48;
      std::fill_n(photo.row<std::uint8_t>(y) + 3 * x, 3, static_cast<std::uint8_t>(inside ? 250 : 10));
    }
  }
  CutoutOptions options;
  options.background.kind = Background::Kind::blur;
  options.background.blur_radius = 8.0F;
  const Image picture = std::move(cut(photo.clone(), options)[0].image);
  EXPECT_LT(pixel<std::uint8_t>(picture, 12, 32)[0], 25);
  EXPECT_EQ(pixel<std::uint8_t>(picture, 32, 32)[0], 250);

  // On a canvas the subject uncovers where it stood; there the background must have been filled in.
  options.canvas = Size{128, 32};
  const Image moved = std::move(cut(std::move(photo), options)[0].image);
  for (int x : {2, 30, 40, 90, 125}) EXPECT_NEAR(pixel<std::uint8_t>(moved, x, 16)[0], 10, 15) << x;
  EXPECT_EQ(pixel<std::uint8_t>(moved, 64, 16)[0], 250);
}

TEST(Cutout, PictureAndMaskShareTheFrame) {
  CutoutOptions options;
  options.mask = true;
  options.shadow = true;
  options.canvas = Size{100, 90};
  options.margin = 0.1F;
  const std::vector<Output> results = cut(gradient<std::uint8_t>({64, 48}), options);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].image.size(), (Size{100, 90}));
  EXPECT_EQ(results[1].image.size(), (Size{100, 90}));
  for (int y = 0; y < 90; ++y) {
    for (int x = 0; x < 100; ++x) {
      EXPECT_GE(pixel<std::uint8_t>(results[0].image, x, y)[3] + 1, results[1].image.row<std::uint8_t>(y)[x]);
    }
  }
}

TEST(Cutout, AnEmptyMatteGivesAWholeEmptyPicture) {
  CutoutOptions options;
  options.trim = true;
  options.shadow = true;
  const std::vector<Output> results = cut(gradient<std::uint8_t>({64, 48}), options, 0.0F);
  EXPECT_EQ(results[0].image.size(), (Size{64, 48}));
  EXPECT_EQ(pixel<std::uint8_t>(results[0].image, 32, 24)[3], 0);
}

TEST(Cutout, LetterboxedMattesLoseTheirPadding) {
  models::ModelCard card = test_card();
  card.input.fit = models::Fit::letterbox;
  CutoutOptions options;
  options.mask = true;
  options.refine = Refine::none;
  // The photo lies in rows 4..11 of 16, which is where the matte is 1.
  const std::vector<Output> results =
      run(*make_cutout(card, options), gradient<std::uint8_t>({64, 32}), square_matte());
  const Image& mask = results[1].image;
  EXPECT_EQ(mask.size(), (Size{64, 32}));
  EXPECT_EQ(mask.row<std::uint8_t>(0)[32], 255);
  EXPECT_EQ(mask.row<std::uint8_t>(31)[32], 255);
  EXPECT_EQ(mask.row<std::uint8_t>(16)[2], 0);
}

TEST(Cutout, TinyAndThinPhotos) {
  CutoutOptions options;
  options.mask = true;
  for (const Size size : {Size{1, 1}, Size{1, 50}, Size{50, 1}, Size{3, 2}}) {
    const std::vector<Output> results = cut(gradient<std::uint8_t>(size), options);
    EXPECT_EQ(results[0].image.size(), size);
    EXPECT_EQ(results[1].image.size(), size);
  }
}

ErrorCode refusal(const models::ModelCard& card, const CutoutOptions& options) {
  try {
    make_cutout(card, options);
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "accepted";
  return ErrorCode::internal;
}

TEST(Cutout, RefusesOptionsThatMakeNoSense) {
  CutoutOptions options;
  options.picture = false;
  EXPECT_EQ(refusal(test_card(), options), ErrorCode::usage);
  options = {};
  options.background.kind = Background::Kind::picture;
  EXPECT_EQ(refusal(test_card(), options), ErrorCode::usage);
  options = {};
  options.threshold = 1.5F;
  EXPECT_EQ(refusal(test_card(), options), ErrorCode::usage);
  options = {};
  options.margin = 0.5F;
  EXPECT_EQ(refusal(test_card(), options), ErrorCode::usage);
  options = {};
  options.feather = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refusal(test_card(), options), ErrorCode::usage);
  options = {};
  options.canvas = Size{0, 10};
  EXPECT_EQ(refusal(test_card(), options), ErrorCode::usage);
  models::ModelCard card = test_card();
  card.task = "detect";
  EXPECT_EQ(refusal(card, {}), ErrorCode::usage);
}

TEST(Background, AColourThatLetsThroughKeepsTheAlpha) {
  CutoutOptions options;
  options.foreground = Foreground::keep;
  options.refine = Refine::none;
  options.background.kind = Background::Kind::colour;
  options.background.colour = {200, 0, 100};
  options.background.alpha = 51;  // a fifth
  EXPECT_FALSE(options.background.opaque());
  const Image result = std::move(cut(gradient<std::uint8_t>({64, 48}), options)[0].image);
  ASSERT_EQ(result.channels(), 4);
  const std::uint8_t* outside = pixel<std::uint8_t>(result, 1, 1);
  EXPECT_EQ(std::vector<int>(outside, outside + 4), (std::vector<int>{200, 0, 100, 51}));
  EXPECT_EQ(pixel<std::uint8_t>(result, 32, 24)[2], 40);
  EXPECT_EQ(pixel<std::uint8_t>(result, 32, 24)[3], 255);
  // Half of the subject over a fifth of the colour: alpha 0.5 + 0.2 x 0.5, blue (40 x 0.5 + 100 x 0.1) / 0.6.
  const Image half = std::move(cut(gradient<std::uint8_t>({64, 48}), options, 0.5F)[0].image);
  EXPECT_NEAR(pixel<std::uint8_t>(half, 32, 24)[3], 153, 1);
  EXPECT_NEAR(pixel<std::uint8_t>(half, 32, 24)[2], 50, 1);
  const Image deep = std::move(cut(gradient<std::uint16_t>({64, 48}), options)[0].image);
  EXPECT_EQ(pixel<std::uint16_t>(deep, 1, 1)[3], 51 * 257);
}

}  // namespace
}  // namespace pixmill::tasks
