#include "pixmill/tasks/chain.h"

#include <gtest/gtest.h>

#include "pixmill/core/error.h"
#include "pixmill/tasks/direct_context.h"

namespace pixmill::tasks {
namespace {

// Asks its one model for the level of a picture, and makes a picture of the answer, `scale` times as large.
class Step final : public Task {
 public:
  Step(std::string_view name, int scale, bool by_rows = false) : name_(name), scale_(scale), by_rows_(by_rows) {}
  std::string_view name() const override { return name_; }
  std::string key() const override { return "scale " + std::to_string(scale_) + "\n"; }
  std::vector<Graph> graphs() const override { return {{"model", {0}, {{1}}}}; }
  std::vector<Product> products() const override { return {{"picture"}}; }
  Cost cost(Size picture) const override { return {static_cast<std::size_t>(result_size(picture).area()), 1}; }
  Size result_size(Size picture) const override { return {picture.width * scale_, picture.height * scale_}; }
  void run(Image picture, Context& context) const override {
    auto level = std::make_shared<Tensor>(std::vector<std::int64_t>{1}, ElementType::f32);
    level->as<float>()[0] = picture.row<std::uint8_t>(0)[0];
    context.record({"level/1", {}});
    const Tensor answer = std::move(context.infer(0, {std::move(level)}).get().front());
    Image made(result_size(picture.size()), 1);
    std::fill_n(made.row<std::uint8_t>(0), made.bytes(), static_cast<std::uint8_t>(answer.as<float>()[0]));
    if (!by_rows_) return context.picture("picture", std::move(made));
    RowSink& rows = context.rows("picture", made.size(), 1, PixelType::u8);
    for (int y = 0; y < made.height(); ++y) rows.write(made.view().crop({0, y, made.width(), 1}));
  }

 private:
  std::string_view name_;
  int scale_;
  bool by_rows_;
};

// Model 0 adds 1, model 1 doubles, model 2 adds 3.
std::vector<Tensor> answer(int graph, const Tensors& inputs) {
  const float level = inputs.at(0)->as<float>()[0];
  std::vector<Tensor> outputs;
  outputs.emplace_back(std::vector<std::int64_t>{1}, ElementType::f32);
  outputs[0].as<float>()[0] = graph == 0 ? level + 1 : graph == 1 ? level * 2 : level + 3;
  return outputs;
}

std::unique_ptr<Task> three_steps() {
  std::vector<ChainStep> steps;
  steps.push_back({std::make_unique<Step>("first", 2)});
  steps.push_back({std::make_unique<Step>("second", 3, true)});
  steps.push_back({std::make_unique<Step>("third", 1)});
  return make_chain(std::move(steps));
}

TEST(Chain, EachStepGetsThePictureOfTheOneBefore) {
  const auto chain = three_steps();
  Image picture({2, 1}, 1);
  std::fill_n(picture.row<std::uint8_t>(0), 2, std::uint8_t{10});
  DirectContext context(answer);
  chain->run(std::move(picture), context);
  EXPECT_EQ(context.records.size(), 3U);
  const std::vector<Output> outputs = std::move(context).outputs();
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0].image.size(), (Size{12, 6}));
  EXPECT_EQ(outputs[0].image.row<std::uint8_t>(5)[11], (10 + 1) * 2 + 3);
}

TEST(Chain, SaysWhatItsStepsSay) {
  const auto chain = three_steps();
  EXPECT_EQ(chain->graphs().size(), 3U);
  EXPECT_EQ(chain->products().size(), 1U);
  EXPECT_EQ(chain->key(), "first:\nscale 2\nsecond:\nscale 3\nthird:\nscale 1\n");
  EXPECT_EQ(chain->result_size({5, 4}), (Size{30, 24}));
  EXPECT_EQ(chain->cost({5, 4}).bytes, (1U + 8U) * 30U * 24U);  // of the second: its own, and what it hands on
  EXPECT_EQ(chain->cost({5, 4}).inferences, 3);
}

TEST(Chain, AStepThatMakesSeveralPicturesMustBeTheLast) {
  class Two final : public Task {
   public:
    std::string_view name() const override { return "two"; }
    std::string key() const override { return {}; }
    std::vector<Graph> graphs() const override { return {}; }
    std::vector<Product> products() const override { return {{"picture"}, {"mask", "_mask"}}; }
    Cost cost(Size) const override { return {}; }
    void run(Image, Context&) const override {}
  };
  std::vector<ChainStep> steps;
  steps.push_back({std::make_unique<Two>()});
  steps.push_back({std::make_unique<Step>("last", 1)});
  try {
    make_chain(std::move(steps));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_EQ(error.message(), "step 1, two makes 2 pictures, and the step behind it takes one");
  }
  EXPECT_THROW(make_chain({}), Error);
}

// Makes a picture of a type, or fails.
class Plain final : public Task {
 public:
  explicit Plain(PixelType type, bool fails = false) : type_(type), fails_(fails) {}
  std::string_view name() const override { return "plain"; }
  std::string key() const override { return {}; }
  std::vector<Graph> graphs() const override { return {}; }
  std::vector<Product> products() const override { return {{"picture"}}; }
  Cost cost(Size) const override { return {}; }
  void run(Image picture, Context& context) const override {
    if (fails_) throw Error(ErrorCode::bad_model, "a.png: no good", "take another");
    if (type_ == PixelType::f32) {
      Image made({2, 1}, 1, PixelType::f32);
      made.row<float>(0)[0] = 0.5F;
      made.row<float>(0)[1] = 1.5F;
      return context.picture("picture", std::move(made));
    }
    context.picture("picture", std::move(picture));
  }

 private:
  PixelType type_;
  bool fails_;
};

Image through(PixelType first, PixelType picture) {
  std::vector<ChainStep> steps;
  steps.push_back({std::make_unique<Plain>(first)});
  steps.push_back({std::make_unique<Plain>(PixelType::u8)});
  DirectContext context(answer);
  Image given({2, 1}, 1, picture);
  std::fill_n(given.data(), given.bytes(), std::byte{7});
  make_chain(std::move(steps))->run(std::move(given), context);
  return std::move(std::move(context).outputs().front().image);
}

TEST(Chain, HandsPicturesOnAsALosslessFileWould) {
  EXPECT_EQ(through(PixelType::u8, PixelType::u8).type(), PixelType::u8);
  const Image deep = through(PixelType::u8, PixelType::u16);
  ASSERT_EQ(deep.type(), PixelType::u16);
  EXPECT_EQ(deep.row<std::uint16_t>(0)[1], 0x0707);
  const Image of_floats = through(PixelType::f32, PixelType::u8);
  ASSERT_EQ(of_floats.type(), PixelType::u16);
  EXPECT_EQ(of_floats.row<std::uint16_t>(0)[0], 32768);
  EXPECT_EQ(of_floats.row<std::uint16_t>(0)[1], 65535);
}

TEST(Chain, AStepThatFailsNamesItself) {
  for (const auto& [name, expected] :
       {std::pair("", "step 2, plain: a.png: no good"), std::pair("white", "step 2, white (plain): a.png: no good")}) {
    std::vector<ChainStep> steps;
    steps.push_back({std::make_unique<Plain>(PixelType::u8)});
    steps.push_back({std::make_unique<Plain>(PixelType::u8, true), name});
    const auto chain = make_chain(std::move(steps));
    DirectContext context(answer);
    try {
      chain->run(Image({1, 1}, 1), context);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_model);
      EXPECT_EQ(error.message(), expected);
      EXPECT_EQ(error.hint(), "take another");
    }
  }
}

}  // namespace
}  // namespace pixmill::tasks
