#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "pixmill/models/model_card.h"

namespace pixmill::models {
namespace {

using Shape = std::vector<std::int64_t>;
constexpr std::int64_t kAny = -1;

Port port(std::string name, Shape shape, std::vector<std::string> names = {}, ElementType type = ElementType::f32) {
  names.resize(shape.size());
  return {std::move(name), type, std::move(shape), std::move(names)};
}

ModelSignature signature(Port input, std::vector<Port> outputs) {
  return {{std::move(input)}, std::move(outputs), {}};
}

std::vector<Port> mattes(int count, std::int64_t side) {
  std::vector<Port> ports;
  for (int i = 0; i < count; ++i) ports.push_back(port(std::to_string(1959 + i), {1, 1, side, side}));
  return ports;
}

std::string family_of(const ModelSignature& model, const std::string& file = "some.onnx") {
  const auto guess = guess_card(model, file);
  if (!guess) return "none";
  EXPECT_FALSE(guess->why.empty());
  EXPECT_EQ(mismatch(guess->card, model), "");
  EXPECT_EQ(to_yaml(parse_card(to_yaml(guess->card), "guess")), to_yaml(guess->card));
  return guess->card.family.empty() ? "by shape" : guess->card.family;
}

TEST(Guess, KnownFamilies) {
  EXPECT_EQ(family_of(signature(port("input.1", {1, 3, 320, 320}), mattes(7, 320))), "u2net");
  auto ports = mattes(2, 320);
  for (int i = 0; i < 5; ++i) ports.push_back(port("side", {kAny, kAny, kAny, kAny}));
  EXPECT_EQ(family_of(signature(port("input.1", {1, 3, 320, 320}), ports)), "u2net");
  EXPECT_EQ(family_of(signature(port("input_image", {1, 3, 1024, 1024}), mattes(12, 1024))), "isnet");
  EXPECT_EQ(family_of(signature(port("input_image", {1, 3, 1024, 1024}), {port("output_image", {1, 1, 1024, 1024})})),
            "birefnet");
  EXPECT_EQ(family_of(signature(port("pixel_values", {kAny, 3, kAny, kAny}), {port("alphas", {kAny, 1, kAny, kAny})})),
            "rmbg");
  EXPECT_EQ(family_of(signature(port("image", {kAny, 3, kAny, kAny}, {"batch", "", "height", "width"}),
                                {port("matte", {kAny, 1, kAny, kAny}, {"batch", "", "out_height", "out_width"})})),
            "starter");
  EXPECT_EQ(family_of(signature(port("input", {kAny, 3, kAny, kAny}), {port("output", {kAny, 1, kAny, kAny})})),
            "modnet");
  EXPECT_EQ(
      family_of(signature(port("input", {1, 3, 1024, 1024}), {port("output", {1, 1, 1024, 1024})}), "RMBG-1.4.onnx"),
      "rmbg");
}

TEST(Guess, TakesSizeAndBatchFromTheFile) {
  const auto guess =
      guess_card(signature(port("input_image", {1, 3, 2048, 2560}), {port("output_image", {1, 1, 2048, 2560})}),
                 "My BiRefNet (HR).onnx");
  ASSERT_TRUE(guess.has_value());
  EXPECT_EQ(guess->card.input.size, (Size{2560, 2048}));
  EXPECT_EQ(guess->card.output.activation, Activation::sigmoid);
  EXPECT_EQ(guess->card.runtime.batch, 1);
  EXPECT_EQ(guess->card.id, "my-birefnet-hr");
  EXPECT_EQ(guess->card.licence, "unknown");
}

TEST(Guess, ByShapeSaysWhatItGuessed) {
  const ModelSignature one = signature(port("x", {1, 256, 256, 3}), {port("mask", {1, 256, 256, 1})});
  EXPECT_EQ(family_of(one), "by shape");
  const auto flat = guess_card(one, "a.onnx");
  EXPECT_FALSE(flat->card.input.planar);
  EXPECT_EQ(flat->card.output.activation, Activation::none);
  EXPECT_NE(flat->why.find("Guessed"), std::string::npos);

  const ModelSignature logits = signature(port("x", {1, 3, 100, 90}), {port("logits", {1, 1, 100, 90})});
  const auto sigmoid = guess_card(logits, "a.onnx");
  ASSERT_TRUE(sigmoid.has_value());
  EXPECT_EQ(sigmoid->card.output.activation, Activation::sigmoid);
  EXPECT_EQ(sigmoid->card.input.size, (Size{90, 100}));

  const ModelSignature two = signature(port("data", {1, 3, 320, 320}), {port("Softmax/1", {1, 2, 320, 320})});
  const auto softmax = guess_card(two, "a.onnx");
  ASSERT_TRUE(softmax.has_value());
  EXPECT_EQ(softmax->card.output.channel, 1);
  EXPECT_EQ(softmax->card.output.activation, Activation::none);
}

TEST(Guess, NothingElseIsTakenForAMatte) {
  // Classifier, detectors of other kinds, super-resolution, denoiser, embeddings, many classes, two inputs, raw bytes.
  EXPECT_EQ(family_of(signature(port("input", {1, 3, 224, 224}), {port("output", {1, 1000})})), "none");
  EXPECT_EQ(family_of(signature(port("images", {1, 3, 640, 640}), {port("output0", {1, 84, 8000})})), "none");
  EXPECT_EQ(family_of(signature(port("images", {1, 3, 640, 640}), {port("outputs", {1, 8400, 85})})), "none");
  EXPECT_EQ(family_of(signature(port("input.1", {1, 3, 352, 352}), {port("758", {1, 85, 21, 22})})), "none");
  EXPECT_EQ(family_of(signature(port("data", {kAny, 3, kAny, kAny}, {"b", "", "width", "height"}),
                                {port("output", {kAny, 3, kAny, kAny}, {"b", "", "width", "height"})})),
            "none");
  EXPECT_EQ(family_of(signature(port("input", {kAny, 3, kAny, kAny}, {"batch", "", "height", "width"}),
                                {port("output", {kAny, kAny, kAny, kAny}, {"batch", "", "height_x4", "width_x4"})})),
            "none");
  EXPECT_EQ(family_of(signature(port("input", {kAny, 3, kAny, kAny}, {"batch", "", "height", "width"}),
                                {port("output", {kAny, 1, kAny, kAny}, {"batch", "", "height_x4", "width_x4"})})),
            "none");
  EXPECT_EQ(family_of(signature(port("input", {1, 3, 64, 64}), {port("output", {1, 1, 256, 256})})), "none");
  EXPECT_EQ(family_of(signature(port("input", {kAny, 1, kAny, kAny}), {port("output", {kAny, 1, kAny, kAny})})),
            "none");
  EXPECT_EQ(family_of(signature(port("sub_7", {1, 257, 257, 3}), {port("r", {1, 257, 257, 21})})), "none");
  EXPECT_EQ(family_of(signature(port("x.1", {1, 3, 512, 512}), {port("1273", {kAny, 3, 512, 512})})), "none");
  EXPECT_EQ(family_of(signature(port("x", {1, 3, 320, 320}, {}, ElementType::u8), mattes(7, 320))), "none");
  EXPECT_EQ(family_of({{port("a", {1, 3, 8, 8}), port("b", {1, 3, 8, 8})}, mattes(1, 8), {}}), "none");
  EXPECT_EQ(family_of({{}, {}, {}}), "none");
  EXPECT_EQ(family_of(signature(port("x", {1, 3, 999999, 999999}), mattes(1, 999999))), "none");
}

TEST(Mismatch, SaysWhatIsWrong) {
  const ModelCard card =
      guess_card(signature(port("x", {1, 3, 320, 240}), {port("mask", {1, 1, 320, 240})}), "a.onnx")->card;
  const auto reason = [&](const ModelSignature& model) { return mismatch(card, model); };
  const auto says = [&](const ModelSignature& model, const char* part) {
    EXPECT_NE(reason(model).find(part), std::string::npos) << "'" << part << "' is not in: " << reason(model);
  };
  EXPECT_EQ(reason(signature(port("x", {kAny, 3, kAny, kAny}), {port("mask", {kAny, kAny, kAny, kAny})})), "");
  EXPECT_EQ(reason(signature(port("x", {1, 3, 320, 240}), {port("mask", {1, 320, 240})})), "");
  says({{port("a", {1}), port("b", {1})}, {}, {}}, "2 inputs");
  says(signature(port("x", {1, 3, 320, 240}, {}, ElementType::u8), mattes(1, 320)), "takes bytes");
  says(signature(port("x", {1, 3, 320}), mattes(1, 320)), "1x3x320");
  says(signature(port("x", {1, 320, 240, 3}), mattes(1, 320)), "three channels in the layout nchw");
  says(signature(port("x", {1, 3, 240, 320}), mattes(1, 320)), "the card gives 240x320");
  says(signature(port("x", {1, 3, 320, 240}), {}), "0 outputs");
  says(signature(port("x", {1, 3, 320, 240}), {port("y", {1, 1000})}), "not a matte");
  says(signature(port("x", {1, 3, 320, 240}), {port("y", {1, 1, 320, 240}, {}, ElementType::i64)}), "gives i64");

  ModelCard second = card;
  second.output.channel = 1;
  EXPECT_NE(mismatch(second, signature(port("x", {1, 3, 320, 240}), mattes(1, 320))).find("channel 1"),
            std::string::npos);
  ModelCard by_side = card;
  by_side.input.fit = Fit::short_side;
  EXPECT_NE(mismatch(by_side, signature(port("x", {1, 3, 320, 240}), mattes(1, 320))).find("dynamic"),
            std::string::npos);
}

}  // namespace
}  // namespace pixmill::models
