#include "pixmill/runtime/self_test_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "pixmill/runtime/tiny_model.h"
#include "runtime/backends.h"

namespace pixmill::runtime {
namespace {

double largest_difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.as<float>().size(); ++i) {
    largest = std::max(largest, std::abs(double{a.as<float>()[i]} - b.as<float>()[i]));
  }
  return largest;
}

TEST(SelfTestModel, TheReferenceIsNoConstant) {
  const Tensor answer = self_test_answer(self_test_input(2));
  EXPECT_EQ(answer.shape(), (std::vector<std::int64_t>{2, 4, 8, 8}));
  const auto [least, most] = std::minmax_element(answer.as<float>().begin(), answer.as<float>().end());
  EXPECT_GT(*most - *least, 0.3f);
}

TEST(SelfTestModel, OnnxRuntimeAgreesWithTheReferenceInFp32AndInt8) {
  for (const Precision precision : {Precision::fp32, Precision::int8}) {
    const std::string bytes = self_test_model(precision);
    const auto session = load_session(tiny::source(bytes), {.backend = "onnxruntime", .device = "cpu", .streams = 1});
    const Tensor input = self_test_input(2);
    const std::vector<Tensor> outputs = session->run({&input, 1});
    const double error = largest_difference(outputs.front(), self_test_answer(input));
    EXPECT_LE(error, self_test_tolerance(precision)) << name_of(precision);
    EXPECT_EQ(session->info().precision, precision);
  }
}

TEST(SelfTestModel, TheToleranceOfInt8IsNotIdle) {
  const std::string bytes = self_test_model(Precision::int8);
  const auto session = load_session(tiny::source(bytes), {.backend = "onnxruntime", .device = "cpu", .streams = 1});
  const Tensor input = self_test_input(1);
  EXPECT_GT(largest_difference(session->run({&input, 1}).front(), self_test_answer(input)),
            self_test_tolerance(Precision::fp32));
}

}  // namespace
}  // namespace pixmill::runtime
