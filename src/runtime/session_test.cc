#include "pixmill/runtime/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <thread>

#include "pixmill/core/error.h"
#include "pixmill/core/half.h"
#include "pixmill/runtime/tiny_model.h"
#include "runtime/backends.h"

namespace pixmill::runtime {
namespace {

namespace fs = std::filesystem;

std::vector<Tensor> tensors(Tensor first) {
  std::vector<Tensor> all;
  all.push_back(std::move(first));
  return all;
}

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Tensor noise(std::vector<std::int64_t> shape, unsigned seed) {
  Tensor tensor(std::move(shape), ElementType::f32);
  std::mt19937 random(seed);
  for (float& value : tensor.as<float>()) value = static_cast<float>(random() >> 8) * 0x1p-24f;
  return tensor;
}

float largest_difference(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return std::numeric_limits<float>::infinity();
  float largest = 0;
  for (std::size_t i = 0; i < a.as<float>().size(); ++i) {
    largest = std::max(largest, std::abs(a.as<float>()[i] - b.as<float>()[i]));
  }
  return largest;
}

double mean_difference(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.as<float>().size(); ++i) sum += std::abs(a.as<float>()[i] - b.as<float>()[i]);
  return sum / static_cast<double>(a.size());
}

// Every test of this suite runs under every backend that is built in.
class Sessions : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto all = backends();
    const auto row =
        std::find_if(all.begin(), all.end(), [](const auto& backend) { return backend.name == GetParam(); });
    if (row == all.end() || row->version.empty()) GTEST_SKIP() << GetParam() << " is not there";
  }

  static SessionOptions options() {
    return {.backend = GetParam(), .device = "cpu", .precision = Precision::fp32, .streams = 2, .threads = 1};
  }
  static std::shared_ptr<Session> load(const std::string& bytes) {
    return load_session(tiny::source(bytes), options());
  }

  static Error refusal(const std::string& bytes) {
    try {
      load(bytes);
    } catch (const Error& error) {
      return error;
    }
    return {ErrorCode::internal, "it was loaded"};
  }

  static Error refusal(Session& session, const std::vector<Tensor>& inputs, const std::vector<int>& wanted = {}) {
    try {
      session.run(inputs, wanted);
    } catch (const Error& error) {
      return error;
    }
    return {ErrorCode::internal, "it ran"};
  }
};

TEST_P(Sessions, RunsAndTellsWhatItIs) {
  const auto session = load(tiny::doubling_convolution(3));
  const auto outputs = session->run(tensors(tiny::tensor({1, 3, 8, 8})));
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].shape(), (std::vector<std::int64_t>{1, 3, 8, 8}));
  EXPECT_EQ(outputs[0].as<float>()[100], 200.0f);

  const SessionInfo& info = session->info();
  EXPECT_EQ(info.backend, GetParam());
  EXPECT_FALSE(info.backend_version.empty());
  EXPECT_EQ(info.device, "cpu");
  EXPECT_EQ(info.precision, Precision::fp32);
  EXPECT_EQ(info.streams, 2);
  EXPECT_EQ(info.threads, 1);
  EXPECT_GT(info.load_seconds, 0.0);
  EXPECT_TRUE(info.warnings.empty());
  EXPECT_GE(session->memory_bytes(), 2 * tiny::doubling_convolution(3).size());
}

TEST_P(Sessions, PlacementIsReadBack) {
  const auto session = load(tiny::sum_and_difference(4));
  ASSERT_EQ(session->info().placement.size(), 1u);
  const auto& [provider, nodes] = *session->info().placement.begin();
  EXPECT_EQ(provider, GetParam() == "onnxruntime" ? "CPUExecutionProvider" : "CPU");
  EXPECT_EQ(nodes, 2);
}

TEST_P(Sessions, TakesAnyBatchWhereItIsDynamic) {
  const auto session = load(tiny::doubling_convolution(2));
  EXPECT_EQ(session->signature().inputs[0].shape, (std::vector<std::int64_t>{-1, 2, 8, 8}));
  for (const std::int64_t batch : {3, 1, 5, 3}) {
    const auto outputs = session->run(tensors(tiny::tensor({batch, 2, 8, 8})));
    EXPECT_EQ(outputs[0].shape()[0], batch);
    EXPECT_EQ(outputs[0].as<float>().back(), static_cast<float>(2 * (batch * 2 * 64 - 1)));
  }
}

TEST_P(Sessions, AnswersTheWantedOutputsInTheirOrder) {
  const auto session = load(tiny::sum_and_difference(2));
  std::vector<Tensor> inputs = tensors(tiny::tensor({1, 2}, 5));
  inputs.push_back(tiny::tensor({1, 2}, 1));
  EXPECT_EQ(session->run(inputs).size(), 2u);
  const std::vector<int> swapped = {1, 0};
  const auto outputs = session->run(inputs, swapped);
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(tiny::values(outputs[0]), (std::vector<float>{4, 4}));
  EXPECT_EQ(tiny::values(outputs[1]), (std::vector<float>{6, 8}));
  const std::vector<int> one = {1};
  EXPECT_EQ(session->run(inputs, one).size(), 1u);
  EXPECT_EQ(refusal(*session, inputs, {2}).code(), ErrorCode::usage);
  EXPECT_EQ(refusal(*session, inputs, {-1}).code(), ErrorCode::usage);
}

TEST_P(Sessions, MisfitsNameThePortWhatItWantsAndWhatItGot) {
  const auto session = load(tiny::doubling_convolution(3));
  const Error shape = refusal(*session, tensors(tiny::tensor({1, 4, 8, 8})));
  EXPECT_EQ(shape.code(), ErrorCode::usage);
  EXPECT_EQ(shape.message(), "input 'x' wants f32 ?x3x8x8, got f32 1x4x8x8");
  EXPECT_EQ(refusal(*session, tensors(tiny::tensor({3, 8, 8}))).code(), ErrorCode::usage);
  EXPECT_EQ(refusal(*session, tensors(Tensor({1, 3, 8, 8}, ElementType::u8))).code(), ErrorCode::usage);
  EXPECT_EQ(refusal(*session, {}).code(), ErrorCode::usage);
  EXPECT_EQ(refusal(*session, tensors(Tensor())).code(), ErrorCode::usage);
}

TEST_P(Sessions, HalvesAreConvertedOnTheWay) {
  const auto session = load(tiny::unary("Neg", {1, 4}, tiny::kHalf));
  EXPECT_EQ(session->signature().inputs[0].type, ElementType::f16);
  const auto outputs = session->run(tensors(tiny::tensor({1, 4}, 0.5f)));
  EXPECT_EQ(outputs[0].type(), ElementType::f32);
  EXPECT_EQ(tiny::values(outputs[0]), (std::vector<float>{-0.5f, -1.5f, -2.5f, -3.5f}));
  const auto same = session->run(tensors(to_half(tiny::tensor({1, 4}, 0.5f), ElementType::f16)));
  EXPECT_EQ(tiny::values(same[0]), tiny::values(outputs[0]));
}

TEST_P(Sessions, BytesAreRoundedOnTheWay) {
  const auto session = load(tiny::unary("Identity", {1, 5}, tiny::kUint8));
  const auto outputs = session->run(tensors(tiny::tensor({1, 5}, -0.75f)));
  ASSERT_EQ(outputs[0].type(), ElementType::u8);
  Tensor wide({1, 5}, ElementType::f32);
  std::ranges::copy(std::vector<float>{-3, 0.4f, 0.6f, 254.6f, 999}, wide.as<float>().begin());
  const auto bytes = session->run(tensors(std::move(wide)));
  const auto got = bytes[0].as<std::uint8_t>();
  EXPECT_EQ(std::vector<int>(got.begin(), got.end()), (std::vector<int>{0, 0, 1, 255, 255}));
}

TEST_P(Sessions, IntegersPassUntouched) {
  const auto session = load(tiny::unary("Neg", {3}, tiny::kInt64));
  Tensor input({3}, ElementType::i64);
  std::ranges::copy(std::vector<std::int64_t>{7, -8, 1LL << 40}, input.as<std::int64_t>().begin());
  const auto outputs = session->run(tensors(std::move(input)));
  ASSERT_EQ(outputs[0].type(), ElementType::i64);
  EXPECT_EQ(outputs[0].as<std::int64_t>()[1], 8);
}

TEST_P(Sessions, NaNStaysNaN) {
  const auto session = load(tiny::unary("Neg", {1, 3}));
  Tensor input = tiny::tensor({1, 3});
  input.as<float>()[1] = std::numeric_limits<float>::quiet_NaN();
  const auto outputs = session->run(tensors(std::move(input)));
  EXPECT_TRUE(std::isnan(outputs[0].as<float>()[1]));
  EXPECT_EQ(outputs[0].as<float>()[2], -2.0f);
}

TEST_P(Sessions, UnknownRanksOfOutputsAreFilledIn) {
  const std::string bytes =
      tiny::model({.nodes = {tiny::node("Relu", {"x"}, {"y"})},
                   .weights = {},
                   .inputs = {tiny::port("x", tiny::kFloat, {1, 3})},
                   .outputs = {tiny::Message().text(1, "y").message(
                       2, tiny::Message().message(1, tiny::Message().integer(1, tiny::kFloat)))}});
  const auto session = load(bytes);
  EXPECT_EQ(session->signature().outputs[0].shape, (std::vector<std::int64_t>{1, 3}));
  EXPECT_EQ(session->run(tensors(tiny::tensor({1, 3})))[0].shape(), (std::vector<std::int64_t>{1, 3}));
}

TEST_P(Sessions, ADynamicNameThatTheModelDoesNotKeepToStillRuns) {
  // Both ports call their first extent "n", but the output is twice as long.
  const std::string bytes =
      tiny::model({.nodes = {tiny::node("Concat", {"x", "x"}, {"y"})
                                 .message(5, tiny::Message().text(1, "axis").integer(3, 0).integer(20, 2))},
                   .weights = {},
                   .inputs = {tiny::port("x", tiny::kFloat, {-1})},
                   .outputs = {tiny::port("y", tiny::kFloat, {-1})}});
  const auto session = load(bytes);
  EXPECT_EQ(tiny::values(session->run(tensors(tiny::tensor({2}, 1)))[0]), (std::vector<float>{1, 2, 1, 2}));
  EXPECT_EQ(session->run(tensors(tiny::tensor({3})))[0].size(), 6);
}

// A model that says more or fewer dimensions of its output than it makes.
std::string output_declared_as(const std::vector<std::int64_t>& shape) {
  return tiny::model({.nodes = {tiny::node("Relu", {"x"}, {"y"})},
                      .weights = {},
                      .inputs = {tiny::port("x", tiny::kFloat, {-1, 3})},
                      .outputs = {tiny::port("y", tiny::kFloat, shape)}});
}

TEST_P(Sessions, ARankThatTheModelDoesNotKeepToStillRuns) {
  for (const std::vector<std::int64_t>& declared : {std::vector<std::int64_t>{-1, -1, -1, -1}, {-1}}) {
    const auto session = load(output_declared_as(declared));
    const Port& output = session->signature().outputs[0];
    EXPECT_NE(output.shape, declared);
    EXPECT_EQ(output.dimension_names.size(), output.shape.size());
    for (const std::int64_t rows : {1, 2})
      EXPECT_EQ(session->run(tensors(tiny::tensor({rows, 3})))[0].shape(), (std::vector<std::int64_t>{rows, 3}));
  }
}

TEST_P(Sessions, ScalarsGoInAndComeOut) {
  const auto session = load(tiny::unary("Neg", {}));
  EXPECT_TRUE(session->signature().inputs[0].shape.empty());
  const auto outputs = session->run(tensors(tiny::tensor({}, 3)));
  EXPECT_TRUE(outputs[0].shape().empty());
  EXPECT_EQ(tiny::values(outputs[0]), std::vector<float>{-3});
}

tiny::Message without_shape(std::string_view name) {
  const auto tensor = tiny::Message().integer(1, tiny::kFloat);
  return tiny::Message().text(1, name).message(2, tiny::Message().message(1, tensor));
}

TEST_P(Sessions, PortsOfUnknownShapeTakeAnyShape) {
  const std::string bytes = tiny::model({.nodes = {tiny::node("Neg", {"x"}, {"y"})},
                                         .weights = {},
                                         .inputs = {without_shape("x")},
                                         .outputs = {without_shape("y")}});
  if (GetParam() == "openvino") {  // it wants to know the rank
    EXPECT_EQ(refusal(bytes).code(), ErrorCode::bad_model);
    return;
  }
  const auto session = load(bytes);
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{2}, {1, 3, 2}})
    EXPECT_EQ(session->run(tensors(tiny::tensor(shape)))[0].shape(), shape);
}

// `kind`: the field of onnx.proto's TypeProto: 4 is a sequence of floats, 5 a map from integers to floats.
tiny::Message collection(std::string_view name, unsigned kind) {
  const auto floats = tiny::Message().message(1, tiny::Message().integer(1, tiny::kFloat));
  const auto type =
      kind == 4 ? tiny::Message().message(1, floats) : tiny::Message().integer(1, tiny::kInt64).message(2, floats);
  return tiny::Message().text(1, name).message(2, tiny::Message().message(kind, type));
}

TEST_P(Sessions, SequencesAndMapsAsInputsAreRefusedByName) {
  for (const unsigned kind : {4U, 5U}) {
    const Error error = refusal(tiny::model({.nodes = {tiny::node("SequenceLength", {"list"}, {"y"})},
                                             .weights = {},
                                             .inputs = {collection("list", kind)},
                                             .outputs = {tiny::port("y", tiny::kInt64, {})}}));
    EXPECT_EQ(error.code(), ErrorCode::bad_model) << error.message();
    EXPECT_NE(error.message().find("tiny.onnx: its input 'list'"), std::string::npos) << error.message();
    EXPECT_FALSE(error.hint().empty());
  }
}

TEST_P(Sessions, ManyThreadsGetWhatOneGets) {
  const auto session = load(tiny::doubling_convolution(3));
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const float first = static_cast<float>(t * 1000 + i);
        const auto outputs = session->run(tensors(tiny::tensor({1 + t % 2, 3, 8, 8}, first)));
        EXPECT_EQ(outputs[0].as<float>()[0], 2 * first);
        EXPECT_EQ(outputs[0].as<float>()[191], 2 * (first + 191));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(Sessions, ModelsThatCannotBeLoadedAreBadModels) {
  const Error op = refusal(tiny::unary("NoSuchOperator", {1, 4}));
  EXPECT_EQ(op.code(), ErrorCode::bad_model);
  EXPECT_NE(op.message().find("NoSuchOperator"), std::string::npos) << op.message();
  EXPECT_NE(op.message().find("tiny.onnx"), std::string::npos) << op.message();
  EXPECT_LT(op.message().size(), 500u) << op.message();
  EXPECT_FALSE(op.hint().empty());

  const std::string whole = tiny::doubling_convolution(3);
  EXPECT_EQ(refusal(whole.substr(0, whole.size() / 2)).code(), ErrorCode::bad_model);
  EXPECT_EQ(refusal("hello").code(), ErrorCode::bad_model);
  EXPECT_EQ(refusal("").code(), ErrorCode::bad_model);
  const Error edge = refusal(tiny::model({.nodes = {tiny::node("Relu", {"nowhere"}, {"y"})},
                                          .weights = {},
                                          .inputs = {tiny::port("x", tiny::kFloat, {1})},
                                          .outputs = {tiny::port("y", tiny::kFloat, {1})}}));
  EXPECT_EQ(edge.code(), ErrorCode::bad_model);
}

INSTANTIATE_TEST_SUITE_P(Backends, Sessions, testing::Values("onnxruntime", "openvino"),
                         [](const auto& suite) { return suite.param; });

TEST(OnnxRuntimeSession, AnUnknownOpsetIsABadModel) {
  EXPECT_THROW(load_session(tiny::source(tiny::unary("Relu", {1, 4}, tiny::kFloat, 999)),
                            {.backend = "onnxruntime", .device = "cpu"}),
               Error);
}

TEST(OnnxRuntimeSession, ASequenceAmongTheOutputsHurtsOnlyWhoAsksForIt) {
  const std::string bytes =
      tiny::model({.nodes = {tiny::node("SequenceConstruct", {"x"}, {"list"}), tiny::node("Neg", {"x"}, {"y"})},
                   .weights = {},
                   .inputs = {tiny::port("x", tiny::kFloat, {1, 3})},
                   .outputs = {collection("list", 4), tiny::port("y", tiny::kFloat, {1, 3})}});
  const auto session = load_session(tiny::source(bytes), {.backend = "onnxruntime", .device = "cpu"});
  const auto input = tensors(tiny::tensor({1, 3}));
  const int sequence = 0, numbers = 1;
  EXPECT_EQ(session->run(input, {&numbers, 1})[0].shape(), (std::vector<std::int64_t>{1, 3}));
  try {
    session->run(input, {&sequence, 1});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_model);
    EXPECT_NE(error.message().find("'list'"), std::string::npos) << error.message();
  }
}

TEST(OnnxRuntimeSession, SaysWhenItCannotGiveThePrecision) {
  const auto session = load_session(tiny::source(tiny::doubling_convolution(3)),
                                    {.device = "cpu", .precision = Precision::bf16, .deny = {"openvino"}});
  EXPECT_EQ(session->info().precision, Precision::fp32);
  ASSERT_EQ(session->info().warnings.size(), 1u);
  EXPECT_NE(session->info().warnings[0].find("bf16"), std::string::npos);
}

TEST(LoadSession, AutoRunsSomewhereWithoutWarnings) {
  const auto session = load_session(tiny::source(tiny::unary("Relu", {1, 4})), {});
  EXPECT_FALSE(session->info().backend.empty());
  EXPECT_TRUE(session->info().warnings.empty());
}

// The models that photographs are cut out with: both backends, and bf16 within what was measured.
struct RealModel {
  const char* name;
  fs::path path;
  std::vector<std::int64_t> shape;
  double bf16_mean;  // largest mean difference of bf16 to fp32, on noise in 0..1
};

class RealModels : public testing::TestWithParam<RealModel> {
 protected:
  void SetUp() override {
    bytes_ = file_text(GetParam().path);
    if (bytes_.empty()) GTEST_SKIP() << GetParam().path << " is not there";
    if (find_backend("openvino") == nullptr) GTEST_SKIP() << "pixmill was built without OpenVINO";
  }

  Tensor matte(const std::string& backend, Precision precision, Precision* ran_in = nullptr) const {
    const auto session =
        load_session(tiny::source(bytes_), {.backend = backend, .device = "cpu", .precision = precision, .streams = 1});
    if (ran_in != nullptr) *ran_in = session->info().precision;
    const std::vector<int> first = {0};
    return std::move(session->run(tensors(noise(GetParam().shape, 7)), first)[0]);
  }

  std::string bytes_;
};

TEST_P(RealModels, BackendsAgree) {
  EXPECT_LE(largest_difference(matte("onnxruntime", Precision::fp32), matte("openvino", Precision::fp32)), 1e-4f);
}

TEST_P(RealModels, Bf16IsNear) {
  Precision ran_in = Precision::automatic;
  const Tensor half = matte("openvino", Precision::bf16, &ran_in);
  if (ran_in != Precision::bf16) GTEST_SKIP() << "this CPU has no bf16";
  const double difference = mean_difference(half, matte("openvino", Precision::fp32));
  EXPECT_GT(difference, 0.0);
  EXPECT_LE(difference, GetParam().bf16_mean);
}

const fs::path kSource = PIXMILL_SOURCE_DIR;

INSTANTIATE_TEST_SUITE_P(
    Cutout, RealModels,
    testing::Values(RealModel{"starter", kSource / "models/starter/cutout.onnx", {1, 3, 256, 256}, 0.02},
                    RealModel{"u2netp", kSource / "../shared/models/matting/u2netp.onnx", {1, 3, 320, 320}, 0.02}),
    [](const auto& suite) { return std::string(suite.param.name); });

}  // namespace
}  // namespace pixmill::runtime
