#include "pixmill/runtime/auto_rule.h"

#include <gtest/gtest.h>

#include "runtime/steady.h"
#include "runtime/tiny_layers.h"

namespace pixmill::runtime {

void PrintTo(const RuleChoice& choice, std::ostream* out) {
  *out << choice.backend << " " << name_of(choice.precision);
}

namespace {

using enum Precision;

const std::vector<std::string> kBoth = {"onnxruntime", "openvino"};
constexpr std::int64_t kMany = 1000;
constexpr std::int64_t kFew = 3;

// bf16 2.0 x fp32, int8 2.5 x.
const SpeedProbe kAmdZen4 = {{{"onnxruntime", fp32, 10.0},
                              {"onnxruntime", int8, 5.0},
                              {"openvino", fp32, 9.6},
                              {"openvino", bf16, 4.8},
                              {"openvino", int8, 3.84}}};
// bf16 4 x; int8 is hardly faster than that.
const SpeedProbe kIntelWithAmx = {{{"onnxruntime", fp32, 9.0},
                                   {"onnxruntime", int8, 4.5},
                                   {"openvino", fp32, 8.0},
                                   {"openvino", bf16, 2.0},
                                   {"openvino", int8, 1.8}}};
// avx512_bf16 without AMX: bf16 0.63 x, int8 1.8 x.
const SpeedProbe kIntelWithoutAmx = {{{"onnxruntime", fp32, 10.0},
                                      {"onnxruntime", int8, 6.0},
                                      {"openvino", fp32, 8.0},
                                      {"openvino", bf16, 12.7},
                                      {"openvino", int8, 4.45}}};
const SpeedProbe kUnknown = {};

RuleInput model(std::vector<Precision> good, std::int64_t pictures = kMany) {
  return {.backends = kBoth, .good = std::move(good), .pictures = pictures};
}

RuleInput quantised(std::int64_t pictures = kMany) {
  return {.backends = kBoth, .quantised = true, .pictures = pictures};
}

TEST(AutoRule, TakesTheLowerPrecisionThatTheProcessorGainsBy) {
  const auto expect = [](const SpeedProbe& probe, std::vector<Precision> good, const RuleChoice& choice) {
    EXPECT_EQ(choose_on_cpu(probe, model(std::move(good))), choice);
  };
  expect(kAmdZen4, {bf16}, {"openvino", bf16});
  expect(kAmdZen4, {bf16, int8}, {"openvino", int8});
  expect(kAmdZen4, {int8}, {"openvino", int8});
  expect(kIntelWithAmx, {bf16}, {"openvino", bf16});
  expect(kIntelWithAmx, {bf16, int8}, {"openvino", bf16});  // 1.11 x more is not worth what int8 loses
  expect(kIntelWithAmx, {int8}, {"openvino", int8});
  expect(kIntelWithoutAmx, {bf16}, {"openvino", fp32});
  expect(kIntelWithoutAmx, {bf16, int8}, {"openvino", int8});
}

TEST(AutoRule, WhatTheCardDoesNotCallGoodIsNotTaken) {
  for (const SpeedProbe& probe : {kAmdZen4, kIntelWithAmx, kIntelWithoutAmx})
    EXPECT_EQ(choose_on_cpu(probe, model({})), (RuleChoice{"openvino", fp32}));
}

TEST(AutoRule, IsSafeWhereNothingWasMeasured) {
  EXPECT_EQ(choose_on_cpu(kUnknown, model({bf16, fp16, int8})), (RuleChoice{"openvino", fp32}));
  EXPECT_EQ(choose_on_cpu(kUnknown, model({bf16, int8}, kFew)), (RuleChoice{"onnxruntime", fp32}));
  const SpeedProbe half = {{{"openvino", bf16, 1.0}}};  // nothing to hold it against
  EXPECT_EQ(choose_on_cpu(half, model({bf16})), (RuleChoice{"openvino", fp32}));
}

TEST(AutoRule, ShortJobsTakeOpenVinoOnlyForWhatOnnxRuntimeLacks) {
  EXPECT_EQ(choose_on_cpu(kIntelWithAmx, model({}, kFew)), (RuleChoice{"onnxruntime", fp32}));
  EXPECT_EQ(choose_on_cpu(kIntelWithAmx, model({bf16}, kFew)), (RuleChoice{"openvino", bf16}));
  EXPECT_EQ(choose_on_cpu(kIntelWithAmx, model({int8}, kFew)), (RuleChoice{"onnxruntime", int8}));
  EXPECT_EQ(choose_on_cpu(kIntelWithoutAmx, model({bf16}, kFew)), (RuleChoice{"onnxruntime", fp32}));
  EXPECT_EQ(choose_on_cpu(kIntelWithoutAmx, model({}, kShortJob)), (RuleChoice{"openvino", fp32}));
}

TEST(AutoRule, GoesByTheProbeBetweenBackends) {
  const SpeedProbe probe = {{{"onnxruntime", fp32, 3.0}, {"openvino", fp32, 8.0}}};
  EXPECT_EQ(choose_on_cpu(probe, model({})), (RuleChoice{"onnxruntime", fp32}));
  const SpeedProbe close = {{{"onnxruntime", fp32, 5.0}, {"openvino", fp32, 8.0}}};
  EXPECT_EQ(choose_on_cpu(close, model({})), (RuleChoice{"openvino", fp32}));
}

// As measured on a Zen 5 processor: of the two backends in fp32 the probe's network says the contrary of most models.
TEST(AutoRule, TakesABackendsOwnGainWhereTheBackendsAreClose) {
  const SpeedProbe zen5 = {{{"onnxruntime", fp32, 3.5},
                            {"onnxruntime", int8, 2.8},
                            {"openvino", fp32, 5.4},
                            {"openvino", int8, 2.9},
                            {"openvino", bf16, 3.5}}};
  EXPECT_EQ(choose_on_cpu(zen5, model({bf16})), (RuleChoice{"openvino", bf16}));
  EXPECT_EQ(choose_on_cpu(zen5, model({bf16, int8})), (RuleChoice{"openvino", int8}));
  EXPECT_EQ(choose_on_cpu(zen5, model({})), (RuleChoice{"openvino", fp32}));
}

TEST(AutoRule, AGainOverSlowFullPrecisionAloneIsNone) {
  // bf16 is 2 x OpenVINO's fp32, and slower than ONNX Runtime's, which is far ahead.
  const SpeedProbe probe = {{{"onnxruntime", fp32, 4.0}, {"openvino", fp32, 10.0}, {"openvino", bf16, 5.0}}};
  EXPECT_EQ(choose_on_cpu(probe, model({bf16})), (RuleChoice{"onnxruntime", fp32}));
}

TEST(AutoRule, QuantisedFilesAreHeldAgainstInt8) {
  EXPECT_EQ(choose_on_cpu(kAmdZen4, quantised()), (RuleChoice{"openvino", fp32}));
  const SpeedProbe probe = {{{"onnxruntime", fp32, 9.0}, {"onnxruntime", int8, 3.0}, {"openvino", int8, 6.0}}};
  EXPECT_EQ(choose_on_cpu(probe, quantised()), (RuleChoice{"onnxruntime", fp32}));
  RuleInput integers = quantised();
  integers.integer_operators = true;  // the probe has none of these
  EXPECT_EQ(choose_on_cpu(probe, integers), (RuleChoice{"openvino", fp32}));
  integers.suits_onnxruntime = true;
  EXPECT_EQ(choose_on_cpu(kAmdZen4, integers), (RuleChoice{"onnxruntime", fp32}));
}

TEST(AutoRule, ABackendThatMayNotRunIsNotTaken) {
  RuleInput input = model({bf16, int8});
  input.backends = {"onnxruntime"};
  EXPECT_EQ(choose_on_cpu(kAmdZen4, input), (RuleChoice{"onnxruntime", int8}));
  input.good = {bf16};
  EXPECT_EQ(choose_on_cpu(kAmdZen4, input), (RuleChoice{"onnxruntime", fp32}));
  input.backends.clear();
  EXPECT_EQ(choose_on_cpu(kAmdZen4, input), RuleChoice{});
}

TEST(ChooseByRule, WhatIsAskedForStands) {
  const std::string file = tiny::doubling_convolution(3);
  const ModelSource source = tiny::source(file);
  const auto chosen = [&](const SessionOptions& asked) {
    return choose_by_rule(source, asked, {"bf16", "int8"}, kMany, kAmdZen4);
  };
  EXPECT_EQ(chosen({.device = "cpu", .precision = fp32}).precision, fp32);
  EXPECT_EQ(chosen({.device = "cpu", .precision = bf16}).precision, bf16);
  EXPECT_EQ(chosen({.backend = "onnxruntime", .device = "cpu"}).precision, int8);
  EXPECT_EQ(chosen({.backend = "onnxruntime", .device = "cpu"}).prefer, "");
  EXPECT_EQ(chosen({.device = "no such device"}).precision, fp32);
  EXPECT_EQ(chosen({.device = "cpu", .deny = {"openvino"}}).prefer, "cpu");
}

TEST(ChooseByRule, TheProbeIsAskedOnlyWhereTheCpuIsOpen) {
  EXPECT_TRUE(asks_probe({.device = "cpu"}));
  EXPECT_TRUE(asks_probe({.device = "cpu", .precision = fp32}));  // of the backends
  EXPECT_FALSE(asks_probe({.backend = "onnxruntime", .device = "cpu", .precision = fp32}));
  EXPECT_FALSE(asks_probe({.device = "cpu", .precision = bf16}));
  EXPECT_FALSE(asks_probe({.device = "no such device"}));
}

TEST(SteadyTimes, AreTheLeast) {
  const auto times = steady_times({{10, 5}, {10, 5}, {99, 5}, {10, 5}, {10, 5}, {12, 80}});
  ASSERT_TRUE(times);
  EXPECT_DOUBLE_EQ((*times)[0], 10);
  EXPECT_DOUBLE_EQ((*times)[1], 5);
}

TEST(SteadyTimes, AMachineThatIsSlowForAWhileSlowsAllAlike) {
  const auto times = steady_times({{10, 5}, {10, 5}, {10, 5}, {40, 20}, {40, 20}, {40, 20}});
  ASSERT_TRUE(times);
  EXPECT_DOUBLE_EQ((*times)[1] / (*times)[0], 0.5);
}

TEST(SteadyTimes, RatiosThatChangeAreNoAnswer) {
  EXPECT_FALSE(steady_times({{10, 5}, {10, 5}, {10, 5}, {10, 8}, {10, 8}, {10, 8}}));
  EXPECT_FALSE(steady_times({{10, 5}, {10, 5}, {10, 5}}));
  EXPECT_FALSE(steady_times({}));
}

TEST(SpeedProbe, MeasuresWhatTheCpuHas) {
  const auto probe = measure_speeds();
  if (!probe) GTEST_SKIP() << "the machine is too busy to measure";
  EXPECT_TRUE(probe->ms("onnxruntime", fp32));
  EXPECT_EQ(probe->gain("onnxruntime", fp32), 1.0);
  EXPECT_FALSE(probe->ms("onnxruntime", bf16)) << "it computes that in fp32";
  for (const ProbedSpeed& speed : probe->speeds) EXPECT_GT(speed.ms, 0.0) << speed.backend;
}

TEST(SpeedProbe, TheKeyNamesWhatItDependsOn) {
  const std::string key = speed_key();
  EXPECT_NE(key.find("core"), std::string::npos) << key;
  EXPECT_NE(key.find("onnxruntime 1."), std::string::npos) << key;
}

}  // namespace
}  // namespace pixmill::runtime
