#include "pixmill/runtime/rebatch.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "pixmill/platform/files.h"
#include "pixmill/runtime/tiny_model.h"

namespace pixmill::runtime {
namespace {

using tiny::attribute;
using tiny::Graph;
using tiny::integer_attribute;
using tiny::kFloat;
using tiny::Message;
using tiny::node;
using tiny::port;

using Integers = std::vector<std::int64_t>;

Message list(const std::string& name, const Integers& values) {
  Message message;
  message.integer(1, static_cast<std::int64_t>(values.size())).integer(2, tiny::kInt64).text(8, name);
  return message.text(9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::int64_t)});
}

Graph graph(std::vector<Message> nodes, std::vector<Message> weights, const Integers& in, const Integers& out,
            int opset = 17) {
  return {.nodes = std::move(nodes),
          .weights = std::move(weights),
          .inputs = {port("x", kFloat, in)},
          .outputs = {port("y", kFloat, out)},
          .opset = opset};
}

Tensor ramp(Integers shape, float first) {
  return tiny::tensor(std::move(shape), first, 0.25f);
}

std::string rewritten(const RebatchPlan& plan) {
  const platform::TemporaryFolder folder("rebatch");
  plan.write(folder / "model.onnx");
  std::ostringstream text;
  text << std::ifstream(folder / "model.onnx", std::ios::binary).rdbuf();
  return text.str();
}

RebatchPlan plan_of(const std::string& model, const Integers& shape) {
  std::vector<Tensor> inputs;
  inputs.push_back(ramp(shape, 0.5f));
  return plan_rebatch(tiny::source(model), inputs);
}

std::vector<float> run(const std::string& model, Tensor input) {
  const auto session = load_session(tiny::source(model), {.backend = "onnxruntime", .device = "cpu"});
  std::vector<Tensor> inputs;
  inputs.push_back(std::move(input));
  return tiny::values(session->run(inputs).front());
}

// That the new file gives for three inputs at once what the old one gives for each.
void expect_same(const std::string& model, const std::string& changed, Integers shape) {
  std::vector<float> singles;
  const std::int64_t batch = shape.front();
  const auto values = static_cast<float>(element_count(shape)) * 0.25f;
  for (int i = 0; i < 3; ++i) {
    const std::vector<float> one = run(model, ramp(shape, static_cast<float>(i) * values));
    singles.insert(singles.end(), one.begin(), one.end());
  }
  shape.front() = 3 * batch;
  EXPECT_EQ(run(changed, ramp(shape, 0.0f)), singles);
}

// Plans, rewrites and compares; returns what was changed.
std::vector<std::string> rebatched(const Graph& parts, const Integers& shape) {
  const std::string model = tiny::model(parts);
  const RebatchPlan plan = plan_of(model, shape);
  const std::string changed = rewritten(plan);
  const ModelSignature signature = read_signature(tiny::source(changed));
  EXPECT_EQ(signature.inputs.front().shape.front(), -1);
  EXPECT_EQ(signature.outputs.front().shape.front(), -1);
  EXPECT_EQ(signature.inputs.front().dimension_names.front(), "batch");
  expect_same(model, changed, shape);
  return plan.changes;
}

BatchObstacle obstacle(const Graph& parts, const Integers& shape) {
  try {
    (void)plan_of(tiny::model(parts), shape);
  } catch (const BatchObstacle& found) {
    return found;
  }
  ADD_FAILURE() << "nothing forbids a batch";
  return {};
}

using Words = std::vector<std::string>;

TEST(Rebatch, OnlyTheFirstDimensionOfAPlainGraph) {
  EXPECT_EQ(rebatched(graph({node("Relu", {"x"}, {"y"})}, {}, {1, 3, 4, 4}, {1, 3, 4, 4}), {1, 3, 4, 4}), Words{});
}

TEST(Rebatch, ABatchOfSeveralBecomesAny) {
  rebatched(graph({node("Reshape", {"x", "s"}, {"y"})}, {list("s", {2, 12})}, {2, 3, 4}, {2, 12}), {2, 3, 4});
}

TEST(Rebatch, WhatTakesAnyBatchIsLeftAlone) {
  const std::string model = tiny::unary("Relu", {-1, 3});
  EXPECT_TRUE(plan_of(model, {1, 3}).already);
  EXPECT_FALSE(plan_of(tiny::unary("Relu", {1, 3}), {1, 3}).already);
}

TEST(Rebatch, ReshapeGetsMinusOneOrZero) {
  EXPECT_EQ(rebatched(graph({node("Reshape", {"x", "s"}, {"y"})}, {list("s", {1, 12})}, {1, 3, 4}, {1, 12}), {1, 3, 4}),
            Words{"Reshape 'y': [1, 12] -> [-1, 12]"});
  EXPECT_EQ(rebatched(graph({node("Reshape", {"x", "s"}, {"y"})}, {list("s", {1, -1})}, {1, 3, 4}, {1, 12}), {1, 3, 4}),
            Words{"Reshape 'y': [1, -1] -> [0, -1]"});
}

TEST(Rebatch, TheOldShapeGoesUnlessAnotherNodeUsesIt) {
  const auto has_old = [](const Graph& parts) {
    return rewritten(plan_of(tiny::model(parts), {1, 4})).find("shape_of_all") != std::string::npos;
  };
  EXPECT_FALSE(has_old(
      graph({node("Reshape", {"x", "shape_of_all"}, {"y"})}, {list("shape_of_all", {1, 2, 2})}, {1, 4}, {1, 2, 2})));
  EXPECT_TRUE(has_old(graph({node("Reshape", {"x", "shape_of_all"}, {"a"}),
                             node("ConstantOfShape", {"shape_of_all"}, {"b"}), node("Add", {"a", "b"}, {"y"})},
                            {list("shape_of_all", {1, 2, 2})}, {1, 4}, {1, 2, 2})));
}

TEST(Rebatch, ABatchMayBeMergedWithChannelsForAWhile) {  // the channel shuffle of ShuffleNet
  const Graph parts =
      graph({node("Reshape", {"x", "s"}, {"a"}), node("Transpose", {"a"}, {"b"}, {attribute("perm", {1, 0, 2})}),
             node("Reshape", {"b", "t"}, {"c"}), node("Slice", {"c", "from", "to"}, {"d"}),
             node("Squeeze", {"d", "from"}, {"y"})},
            {list("s", {2, 2, 9}), list("t", {2, -1, 2, 3, 3}), list("from", {0}), list("to", {1})}, {1, 4, 3, 3},
            {1, 2, 3, 3});
  EXPECT_EQ(rebatched(parts, {1, 4, 3, 3}), Words{"Reshape 'a': [2, 2, 9] -> [-1, 2, 9]"});
}

TEST(Rebatch, SizesOfResizeTakeTheBatchOfTheInput) {
  const Words changes = rebatched(
      graph({node("Resize", {"x", "", "", "s"}, {"y"})}, {list("s", {1, 2, 6, 8})}, {1, 2, 3, 4}, {1, 2, 6, 8}),
      {1, 2, 3, 4});
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_NE(changes.front().find("size of the batch"), std::string::npos);
}

TEST(Rebatch, AShapeThatIsComputedWithAFixedBatch) {  // Shape -> Slice -> Concat with [1], as TensorFlow's exports
  const Graph parts = graph({node("Shape", {"x"}, {"a"}), node("Slice", {"a", "from", "to"}, {"b"}),
                             node("Concat", {"one", "b"}, {"c"}, {integer_attribute("axis", 0)}),
                             node("Relu", {"x"}, {"d"}), node("Reshape", {"d", "c"}, {"y"})},
                            {list("from", {1}), list("to", {3}), list("one", {1})}, {1, 2, 3}, {1, 2, 3});
  EXPECT_EQ(rebatched(parts, {1, 2, 3}).size(), 1u);
}

TEST(Rebatch, AConstantThatIsAppendedToEachPicture) {  // the class token of a vision transformer
  const Graph parts = graph({node("Concat", {"token", "x"}, {"y"}, {integer_attribute("axis", 1)})},
                            {tiny::weight<float>("token", {1, 1, 2}, {7, 8})}, {1, 3, 2}, {1, 4, 2});
  EXPECT_EQ(rebatched(parts, {1, 3, 2}).size(), 1u);
}

TEST(Rebatch, ASliceOfTheOnlyPictureTakesAll) {
  const Graph parts =
      graph({node("Slice", {"x", "from", "to"}, {"y"})}, {list("from", {0, 0}), list("to", {1, 2})}, {1, 3}, {1, 2});
  EXPECT_EQ(rebatched(parts, {1, 3}).size(), 1u);
}

TEST(Rebatch, AMeanOverThePictureAndItsPixels) {
  const Graph parts =
      graph({node("ReduceMean", {"x"}, {"y"}, {attribute("axes", {0, 1, 2})})}, {}, {1, 4, 4}, {1, 1, 1});
  EXPECT_EQ(rebatched(parts, {1, 4, 4}), Words{"ReduceMean 'y': axes [0, 1, 2] -> [1, 2]"});
}

TEST(Rebatch, FieldsThatItDoesNotKnowStay) {
  const std::string model = tiny::unary("Relu", {1, 3}) + Message().text(1999, "kept to the last byte").bytes();
  const std::string changed = rewritten(plan_of(model, {1, 3}));
  EXPECT_NE(changed.find("kept to the last byte"), std::string::npos);
  EXPECT_NE(changed.find("by hand"), std::string::npos);
}

TEST(Rebatch, TheNodeThatForbidsABatchIsNamed) {
  const Graph mean = graph({node("ReduceMean", {"x"}, {"y"}, {attribute("axes", {0})})}, {}, {1, 4}, {1, 4});
  EXPECT_EQ(obstacle(mean, {1, 4}).op, "ReduceMean");
  EXPECT_NE(obstacle(mean, {1, 4}).why.find("together"), std::string::npos);

  const Graph squeezed = graph({node("Squeeze", {"x", "a"}, {"y"})}, {list("a", {0})}, {1, 4}, {4});
  EXPECT_EQ(obstacle(squeezed, {1, 4}).op, "Squeeze");

  const Graph turned = graph({node("Transpose", {"x"}, {"y"}, {attribute("perm", {1, 0})})}, {}, {1, 4}, {4, 1});
  EXPECT_EQ(obstacle(turned, {1, 4}).op, "Transpose");

  const Graph appended = graph({node("Concat", {"x", "x"}, {"y"}, {integer_attribute("axis", 0)})}, {}, {1, 4}, {2, 4});
  EXPECT_EQ(obstacle(appended, {1, 4}).op, "Concat");

  const Graph constant =
      graph({node("Add", {"x", "c"}, {"y"})}, {tiny::weight<float>("c", {2, 1}, {1, 2})}, {2, 4}, {2, 4});
  EXPECT_EQ(obstacle(constant, {2, 4}).op, "Add");

  const Graph quantised = {.nodes = {node("DynamicQuantizeLinear", {"x"}, {"q", "s", "z"}),
                                     node("DequantizeLinear", {"q", "s", "z"}, {"y"})},
                           .weights = {},
                           .inputs = {port("x", kFloat, {1, 4})},
                           .outputs = {port("y", kFloat, {1, 4})}};
  EXPECT_EQ(obstacle(quantised, {1, 4}).op, "DynamicQuantizeLinear");
}

}  // namespace
}  // namespace pixmill::runtime
