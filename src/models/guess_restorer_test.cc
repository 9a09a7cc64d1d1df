#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pixmill/models/model_card.h"

namespace pixmill::models {
namespace {

using Shape = std::vector<std::int64_t>;

Port port(Shape shape, std::vector<std::string> names) {
  names.resize(shape.size());
  return {"port", ElementType::f32, std::move(shape), std::move(names)};
}

ModelSignature model_of(Shape in, Shape out, std::vector<std::string> names_in = {},
                        std::vector<std::string> names_out = {}) {
  return {{port(std::move(in), std::move(names_in))}, {port(std::move(out), std::move(names_out))}, {}};
}

const Shape kOpen = {-1, 3, -1, -1};

// Task, factor, side of a tile, multiple.
std::string guessed(const ModelSignature& model, const std::string& file) {
  const auto guess = guess_card(model, file);
  if (!guess) return "none";
  const ModelCard& card = guess->card;
  EXPECT_EQ(mismatch(card, model), "");
  EXPECT_EQ(card.input.fit, Fit::tile);
  EXPECT_EQ(card.output.decoder, "picture");
  return card.task + " x" + std::to_string(card.output.factor) + " " + std::to_string(card.input.size.width) + " " +
         std::to_string(card.input.multiple);
}

TEST(GuessRestorer, TheFactorByShapes) {
  EXPECT_EQ(guessed(model_of({1, 3, 64, 64}, {1, 3, 256, 256}), "a.onnx"), "upscale x4 64 1");
  EXPECT_EQ(guessed(model_of({1, 1, 224, 224}, {1, 1, 672, 672}), "a.onnx"), "upscale x3 224 1");
  EXPECT_EQ(guessed(model_of({1, 64, 64, 3}, {1, 128, 128, 3}), "a.onnx"), "upscale x2 64 1");
  EXPECT_EQ(guessed(model_of({1, 3, 64, 64}, {1, 3, 256, 128}), "a.onnx"), "none") << "two factors";
}

TEST(GuessRestorer, TheFactorByNames) {
  EXPECT_EQ(guessed(model_of(kOpen, kOpen), "RealESRGAN_x4plus.onnx"), "upscale x4 256 8");
  EXPECT_EQ(guessed(model_of(kOpen, kOpen), "4x-UltraSharp.onnx"), "upscale x4 256 8");
  EXPECT_EQ(guessed(model_of(kOpen, kOpen), "realesr-general-x4v3.onnx"), "upscale x4 256 8");
  EXPECT_EQ(guessed(model_of(kOpen, kOpen), "2x_net.onnx"), "upscale x2 256 8");
  EXPECT_EQ(guessed(model_of(kOpen, kOpen), "swinir_lightweight_x2.onnx"), "upscale x2 256 8");
  EXPECT_EQ(guessed(model_of(kOpen, kOpen), "anything.onnx"), "none");
  EXPECT_EQ(guessed(model_of(kOpen, kOpen), "0x4f32.onnx"), "none") << "a hash";
  EXPECT_EQ(guessed(model_of(kOpen, kOpen), "x16.onnx"), "none");
}

TEST(GuessRestorer, DenoisersAreKnownByTheirNames) {
  EXPECT_EQ(guessed(model_of(kOpen, kOpen), "scunet_color_real_psnr.onnx"), "denoise x1 256 64");
  EXPECT_EQ(guessed(model_of(kOpen, kOpen), "NAFNet-SIDD-width32.onnx"), "denoise x1 512 16");
  EXPECT_EQ(guessed(model_of({1, 1, -1, -1}, {1, 1, -1, -1}), "dncnn_25.onnx"), "denoise x1 256 1");
  EXPECT_EQ(guessed(model_of({1, 3, 128, 128}, {1, 3, 128, 128}), "drunet.onnx"), "denoise x1 128 1");
  const std::vector<std::string> same = {"batch", "", "height", "width"};
  EXPECT_EQ(guessed(model_of(kOpen, kOpen, same, same), "style.onnx"), "none") << "nobody knows what it does";
}

TEST(GuessRestorer, OtherShapesAreNoPictures) {
  EXPECT_EQ(guessed(model_of({1, 4, 64, 64}, {1, 4, 256, 256}), "x4.onnx"), "none");
  EXPECT_EQ(guessed(model_of({1, 3, 64, 64}, {1, 1, 256, 256}), "x4.onnx"), "none");
}

}  // namespace
}  // namespace pixmill::models
