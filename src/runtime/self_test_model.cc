#include "pixmill/runtime/self_test_model.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "runtime/tiny_layers.h"

namespace pixmill::runtime {
namespace {

constexpr int kSide = 16;
constexpr int kHalf = kSide / 2;
constexpr int kIn = 3;
constexpr int kMiddle = 8;
constexpr int kOut = 4;

struct Weights {
  std::vector<float> first = tiny::numbers(std::size_t{kMiddle} * kIn * 9, 1, 0.5);
  std::vector<float> first_bias = tiny::numbers(kMiddle, 2, 0.5);
  std::vector<float> second = tiny::numbers(std::size_t{kOut} * kMiddle, 3, 1.0);
  std::vector<float> second_bias = tiny::numbers(kOut, 4, 0.5);
};

constexpr float kInputStep = 1.0f / 255;   // of the quantised input, 0..1
constexpr float kMiddleStep = 5.0f / 255;  // of the quantised middle, which stays below 5

}  // namespace

std::string self_test_model(Precision precision) {
  const bool quantised = precision == Precision::int8;
  const Weights weights;
  tiny::Graph graph;
  graph.opset = 13;
  graph.inputs = {tiny::port("x", tiny::kFloat, {-1, kIn, kSide, kSide})};
  graph.outputs = {tiny::port("y", tiny::kFloat, {-1, kOut, kHalf, kHalf})};
  tiny::add_weights(graph, "w1", {kMiddle, kIn, 3, 3}, weights.first, quantised);
  tiny::add_weights(graph, "w2", {kOut, kMiddle, 1, 1}, weights.second, quantised);
  graph.weights.push_back(tiny::weight("b1", {kMiddle}, weights.first_bias));
  graph.weights.push_back(tiny::weight("b2", {kOut}, weights.second_bias));
  const auto add = [&](std::string_view op, const std::vector<std::string>& inputs, const std::string& output,
                       const std::vector<tiny::Message>& attributes = {}) {
    graph.nodes.push_back(tiny::node(op, inputs, {output}, attributes));
  };
  if (quantised) tiny::add_quantised(graph, "x", kInputStep);
  add("Conv", {quantised ? "x_q" : "x", "w1", "b1"}, "convolved",
      {tiny::attribute("kernel_shape", {3, 3}), tiny::attribute("pads", {1, 1, 1, 1})});
  add("Relu", {"convolved"}, "middle");
  if (quantised) tiny::add_quantised(graph, "middle", kMiddleStep);
  add("MaxPool", {quantised ? "middle_q" : "middle"}, "pooled",
      {tiny::attribute("kernel_shape", {2, 2}), tiny::attribute("strides", {2, 2})});
  add("Conv", {"pooled", "w2", "b2"}, "sum", {tiny::attribute("kernel_shape", {1, 1})});
  add("Sigmoid", {"sum"}, "y");
  return tiny::model(graph);
}

Tensor self_test_input(int pictures) {
  Tensor input({pictures, kIn, kSide, kSide}, ElementType::f32);
  const std::vector<float> values = tiny::numbers(static_cast<std::size_t>(input.size()), 5, 0.5);
  std::transform(values.begin(), values.end(), input.as<float>().begin(), [](float value) { return value + 0.5f; });
  return input;
}

Tensor self_test_answer(const Tensor& input) {
  const Weights weights;
  const std::int64_t pictures = input.shape().front();
  Tensor answer({pictures, kOut, kHalf, kHalf}, ElementType::f32);
  // The value of a channel of the middle at (y, x), after Relu.
  const auto middle = [&](const float* picture, int channel, int y, int x) {
    double sum = weights.first_bias[static_cast<std::size_t>(channel)];
    for (int c = 0; c < kIn; ++c) {
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          if (y + dy < 0 || y + dy >= kSide || x + dx < 0 || x + dx >= kSide) continue;  // zeros around the picture
          const int tap = ((channel * kIn + c) * 3 + dy + 1) * 3 + dx + 1;
          sum += double{picture[(c * kSide + y + dy) * kSide + x + dx]} * weights.first[static_cast<std::size_t>(tap)];
        }
      }
    }
    return std::max(sum, 0.0);
  };
  for (std::int64_t n = 0; n < pictures; ++n) {
    const float* picture = input.as<float>().data() + n * kIn * kSide * kSide;
    float* out = answer.as<float>().data() + n * kOut * kHalf * kHalf;
    for (int y = 0; y < kHalf; ++y) {
      for (int x = 0; x < kHalf; ++x) {
        std::vector<double> pooled;
        for (int c = 0; c < kMiddle; ++c) {
          pooled.push_back(std::max({middle(picture, c, 2 * y, 2 * x), middle(picture, c, 2 * y, 2 * x + 1),
                                     middle(picture, c, 2 * y + 1, 2 * x), middle(picture, c, 2 * y + 1, 2 * x + 1)}));
        }
        for (int o = 0; o < kOut; ++o) {
          double sum = weights.second_bias[static_cast<std::size_t>(o)];
          for (int c = 0; c < kMiddle; ++c) {
            const int tap = o * kMiddle + c;
            sum += pooled[static_cast<std::size_t>(c)] * weights.second[static_cast<std::size_t>(tap)];
          }
          out[(o * kHalf + y) * kHalf + x] = static_cast<float>(1.0 / (1.0 + std::exp(-sum)));
        }
      }
    }
  }
  return answer;
}

double self_test_tolerance(Precision precision) {
  // Of values from 0 to 1. fp32 on a GPU sums in another order; bf16 keeps 8 bits of every factor, fp16 11.
  switch (precision) {
    case Precision::fp16: return 0.005;
    case Precision::bf16: return 0.03;
    case Precision::int8: return 0.04;
    default: return 0.0001;
  }
}

}  // namespace pixmill::runtime
