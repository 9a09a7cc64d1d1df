#include "pixmill/runtime/model_file.h"

#include <gtest/gtest.h>

#include "pixmill/core/error.h"
#include "pixmill/runtime/tiny_model.h"

namespace pixmill::runtime {
namespace {

Error refusal(const std::string& bytes) {
  try {
    read_model_file(tiny::source(bytes));
  } catch (const Error& error) {
    return error;
  }
  return {ErrorCode::internal, "it was taken"};
}

TEST(ModelFile, TellsPortsAndMetadata) {
  const std::string bytes = tiny::sum_and_difference(4);
  const ModelSignature signature = read_signature(tiny::source(bytes));
  ASSERT_EQ(signature.inputs.size(), 2u);
  ASSERT_EQ(signature.outputs.size(), 2u);
  EXPECT_EQ(signature.inputs[1].name, "b");
  EXPECT_EQ(signature.inputs[1].type, ElementType::f32);
  EXPECT_EQ(signature.inputs[1].shape, (std::vector<std::int64_t>{-1, 4}));
  EXPECT_EQ(signature.inputs[1].dimension_names, (std::vector<std::string>{"n", ""}));
  EXPECT_EQ(signature.outputs[1].name, "difference");
  EXPECT_EQ(signature.metadata, (std::vector<std::pair<std::string, std::string>>{{"made", "by hand"}}));
}

TEST(ModelFile, WeightsAreNoInputs) {
  tiny::Graph graph{.nodes = {tiny::node("Add", {"x", "w"}, {"y"})},
                    .weights = {tiny::weight("w", {2}, {1, 2})},
                    .inputs = {tiny::port("x", tiny::kFloat, {2}), tiny::port("w", tiny::kFloat, {2})},
                    .outputs = {tiny::port("y", tiny::kFloat, {2})}};
  const std::string bytes = tiny::model(graph);
  const ModelFile file = read_model_file(tiny::source(bytes));
  ASSERT_EQ(file.signature.inputs.size(), 1u);
  EXPECT_EQ(file.signature.inputs[0].name, "x");
  EXPECT_EQ(file.nodes, 1u);
  EXPECT_EQ(file.opset, 17);
}

TEST(ModelFile, KnowsAQuantisedModel) {
  EXPECT_EQ(read_model_file(tiny::source(tiny::unary("Relu", {1}))).precision, Precision::fp32);
  EXPECT_EQ(read_model_file(tiny::source(tiny::unary("QuantizeLinear", {1}))).precision, Precision::int8);
}

TEST(ModelFile, KnowsWhichIntegersConvolve) {
  const auto file_of = [](const tiny::Message& weight) {
    return read_model_file(tiny::source(tiny::model({.nodes = {tiny::node("ConvInteger", {"x", "w"}, {"y"})},
                                                     .weights = {weight},
                                                     .inputs = {tiny::port("x", tiny::kUint8, {1, 1, 8, 8})},
                                                     .outputs = {tiny::port("y", tiny::kFloat, {1, 1, 8, 8})}})));
  };
  const ModelFile with_signed = file_of(tiny::weight<std::int8_t>("w", {1, 1, 1, 1}, {2}));
  EXPECT_TRUE(with_signed.integer_operators);
  EXPECT_TRUE(with_signed.signed_integers);
  const ModelFile with_unsigned = file_of(tiny::weight<std::uint8_t>("w", {1, 1, 1, 1}, {2}));
  EXPECT_TRUE(with_unsigned.integer_operators);
  EXPECT_FALSE(with_unsigned.signed_integers);
  EXPECT_FALSE(read_model_file(tiny::source(tiny::unary("QuantizeLinear", {1}))).integer_operators);
}

TEST(ModelFile, RefusesWhatIsNoModelAndSaysWhatItIs) {
  const auto told = [](const std::string& bytes, const std::string& words) {
    const Error error = refusal(bytes);
    EXPECT_EQ(error.code(), ErrorCode::bad_model);
    EXPECT_NE(error.message().find("tiny.onnx"), std::string::npos) << error.message();
    EXPECT_NE(error.message().find(words), std::string::npos) << error.message();
    EXPECT_FALSE(error.hint().empty());
  };
  told("", "is empty");
  told("once upon a time", "is text");
  told("<!DOCTYPE html><html>", "is text");
  told("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS");
  told(std::string("PK\x03\x04\0\0\0", 7), "archive");
  told(std::string("\x1c\0\0\0TFL3\0\0", 10), "TensorFlow Lite");
  told(tiny::Message().integer(1, 8).bytes(), "no graph");
  told("\x0f" + std::string(64, '\xff'), "damaged");
}

// Every cut of a model is refused, or is one where only fields at the end are missing.
TEST(ModelFile, RefusesEveryTruncation) {
  const std::string bytes = tiny::doubling_convolution(3);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(refusal(bytes.substr(0, size)).code(), ErrorCode::bad_model) << size;
  }
}

TEST(ModelFile, SaysHowToExportWeightsOfPyTorch) {
  for (const std::string start : {"PK\x03\x04", "\x80\x02}q"}) {
    const Error error = refusal(start + std::string(600, '\x01'));
    EXPECT_NE(error.message().find("PyTorch"), std::string::npos) << error.message();
    EXPECT_NE(error.hint().find("format=onnx"), std::string::npos) << error.hint();
  }
}

TEST(ModelFile, RefusesWeightsInOtherFiles) {
  tiny::Message weight;
  weight.integer(1, 2).integer(2, tiny::kFloat).text(8, "w").integer(14, 1);
  weight.message(13, tiny::Message().text(1, "location").text(2, "weights.bin"));
  const Error error = refusal(tiny::model({.nodes = {tiny::node("Add", {"x", "w"}, {"y"})},
                                           .weights = {weight},
                                           .inputs = {tiny::port("x", tiny::kFloat, {2})},
                                           .outputs = {tiny::port("y", tiny::kFloat, {2})}}));
  EXPECT_EQ(error.code(), ErrorCode::bad_model);
  EXPECT_NE(error.message().find("weights.bin"), std::string::npos);
}

}  // namespace
}  // namespace pixmill::runtime
