#include "models/cut_graph.h"

#include <gtest/gtest.h>

#include "pixmill/core/error.h"
#include "pixmill/core/protobuf.h"

namespace pixmill::models {
namespace {

std::string field(std::uint32_t number, const std::string& bytes) {
  return field_head(number, bytes.size()) + bytes;
}

std::string node(const std::string& input, const std::string& output, const std::string& inner = {}) {
  return field(1, field(1, input) + field(2, output) + field(4, "Relu") + inner);
}

std::string weights(const std::string& name) {
  return field(5, field(8, name) + field(9, std::string(64, 'w')));
}

std::string model_of(const std::string& graph) {
  return std::string("\x08\x07", 2) + field(7, graph) + field(8, std::string("\x10\x0c", 2));
}

std::string cut(const std::string& model, const std::string& tensor) {
  return cut_graph(std::as_bytes(std::span(model)), tensor, "m.onnx");
}

std::string graph_of(const std::string& model) {
  for (Fields fields(std::as_bytes(std::span(model))); fields.next();) {
    if (fields.number() == 7) return std::string(fields.text());
  }
  return {};
}

const std::string kInput = field(11, field(1, "x"));

TEST(CutGraph, LeavesOutWhatTheTensorDoesNotNeed) {
  const std::string start = node("x", "a") + node("a", "feature"), rest = node("feature", "b") + node("a", "c");
  const std::string whole =
      model_of(start + rest + weights("used") + weights("b_weights") + kInput + field(12, field(1, "b")));
  std::string used = model_of(node("x", "a") + field(1, field(1, "a") + field(1, "used") + field(2, "feature")) + rest +
                              weights("used") + weights("b_weights") + kInput + field(12, field(1, "b")));
  const std::string graph = graph_of(cut(used, "feature"));
  EXPECT_NE(graph.find("used"), std::string::npos);
  EXPECT_EQ(graph.find("b_weights"), std::string::npos);
  EXPECT_EQ(graph.find(node("feature", "b")), std::string::npos);
  EXPECT_EQ(graph.find(node("a", "c")), std::string::npos);
  EXPECT_EQ(graph_of(cut(whole, "feature")),
            start + kInput + field(12, field(1, "feature") + field(2, field(1, std::string("\x08\x01", 2)))));
  EXPECT_TRUE(cut(whole, "feature").starts_with("\x08\x07")) << "the rest of the model stays";
  EXPECT_TRUE(cut(whole, "feature").ends_with("\x10\x0c"));
}

TEST(CutGraph, KeepsWhatTheFileSaysOfTheTensor) {
  const std::string port = field(1, "feature") + field(2, "shape");
  const std::string whole = model_of(node("x", "feature") + kInput + field(12, field(1, "b")) + field(13, port));
  EXPECT_EQ(graph_of(cut(whole, "feature")), node("x", "feature") + kInput + field(12, port));
}

TEST(CutGraph, GraphsInsideOfNodesUseTensorsAroundThem) {
  const std::string inner = field(1, field(1, "outer") + field(2, "y")) + field(12, field(1, "y"));
  const std::string attribute = field(5, field(6, inner));
  const std::string whole = model_of(node("x", "outer") + node("x", "feature", attribute) + field(12, field(1, "z")));
  EXPECT_NE(graph_of(cut(whole, "feature")).find(node("x", "outer")), std::string::npos);
}

TEST(CutGraph, RefusesATensorThatNobodyMakesAndDamage) {
  const std::string whole = model_of(node("x", "a") + kInput + field(12, field(1, "a")));
  for (const std::string& bad : {whole, whole.substr(0, whole.size() - 3)}) {
    try {
      (void)cut(bad, "feature");
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_model);
      EXPECT_NE(std::string(error.message()).find("m.onnx"), std::string::npos);
    }
  }
  EXPECT_THROW((void)cut(whole, "x"), Error) << "an input is not made";
}

}  // namespace
}  // namespace pixmill::models
