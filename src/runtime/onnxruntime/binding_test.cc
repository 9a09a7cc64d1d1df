#include "runtime/onnxruntime/binding.h"

#include <gtest/gtest.h>

#include <array>

#include "pixmill/runtime/tiny_model.h"

namespace pixmill::runtime {
namespace {

Ort::Session session_of(const std::string& bytes) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  return {OnnxRuntime::get().env(), bytes.data(), bytes.size(), options};
}

// The CPU's own memory stands in for a device's: the way of the data is the same.
TEST(PageLocked, GivesTheAnswersOfAPlainRun) {
  Ort::Session session = session_of(tiny::sum_and_difference(3));
  std::optional<PageLocked> bound = PageLocked::of(session, "Cpu", 0);
  ASSERT_TRUE(bound.has_value());
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  std::array<float, 3> a = {1, 2, 3};
  std::array<float, 3> b = {10, 20, 30};
  const std::array<std::int64_t, 2> shape = {1, 3};
  const auto value = [&](std::array<float, 3>& numbers) {
    return Ort::Value::CreateTensor<float>(memory, numbers.data(), numbers.size(), shape.data(), shape.size());
  };
  const std::array<PageLocked::Input, 2> inputs = {{{"a", value(a), sizeof a}, {"b", value(b), sizeof b}}};
  const std::array<const char*, 2> wanted = {"difference", "sum"};
  for (int round = 0; round < 3; ++round) {
    a[0] = static_cast<float>(round);
    const std::vector<Ort::Value> got = bound->run(Ort::RunOptions(), inputs, wanted);
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[0].GetTensorData<float>()[0], a[0] - 10);
    EXPECT_EQ(got[0].GetTensorData<float>()[2], -27);
    EXPECT_EQ(got[1].GetTensorData<float>()[0], a[0] + 10);
  }
}

TEST(PageLocked, IsNotThereWithoutTheDevice) {
  Ort::Session session = session_of(tiny::unary("Relu", {1, 4}));
  EXPECT_FALSE(PageLocked::of(session, "no such memory", 0).has_value());
}

}  // namespace
}  // namespace pixmill::runtime
