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
  EXPECT_EQ(chain->cost({5, 4}).bytes, 30U * 24U);
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

}  // namespace
}  // namespace pixmill::tasks
