// OpenCV's DNN module and LibTorch, where they are there.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "pixmill/core/error.h"
#include "pixmill/runtime/tiny_model.h"
#include "runtime/backends.h"
#include "support/testing.h"

namespace pixmill::runtime {
namespace {

namespace fs = std::filesystem;
using pixmill::testing::error_of;
using pixmill::testing::file_text;

const fs::path kModels = PIXMILL_SOURCE_DIR "/../shared/models";

bool there(std::string_view backend) {
  return !find_backend(backend)->status().version.empty();
}

std::vector<Tensor> noise(const ModelSignature& signature) {
  std::vector<Tensor> inputs;
  std::mt19937 random(7);
  for (const Port& port : signature.inputs) {
    std::vector<std::int64_t> shape = port.shape;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (shape[d] < 0) shape[d] = d == 0 ? 1 : 64;
    }
    for (float& value : inputs.emplace_back(std::move(shape), ElementType::f32).as<float>())
      value = static_cast<float>(random() >> 8) * 0x1p-24F;
  }
  return inputs;
}

// Of all outputs, relative to the largest value of each, which counts as 0.01 where it is less.
double largest_difference(const std::vector<Tensor>& got, const std::vector<Tensor>& want) {
  double largest = 0.0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (got.at(i).size() != want[i].size() || got[i].type() != want[i].type()) return INFINITY;
    if (want[i].type() != ElementType::f32) continue;
    double peak = 0.01;
    double apart = 0.0;
    for (std::size_t j = 0; j < want[i].as<float>().size(); ++j) {
      if (std::isnan(got[i].as<float>()[j]) != std::isnan(want[i].as<float>()[j])) return INFINITY;
      peak = std::max(peak, std::abs(static_cast<double>(want[i].as<float>()[j])));
      apart = std::max(apart, std::abs(static_cast<double>(got[i].as<float>()[j]) - want[i].as<float>()[j]));
    }
    largest = std::max(largest, apart / peak);
  }
  return largest;
}

// What OpenCV cannot run it refuses while loading, with the reason; what it loads it must run right.
TEST(OpenCv, AgreesWithOnnxRuntimeOrRefuses) {
  if (!there("opencv")) GTEST_SKIP() << "pixmill was built without OpenCV";
  if (!fs::exists(kModels)) GTEST_SKIP() << "the real models are not there";
  int agreed = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kModels)) {
    if (entry.path().extension() != ".onnx") continue;
    const std::string file = file_text(entry.path());
    const ModelSource model = {entry.path().filename().string(), std::as_bytes(std::span(file)), {}};
    std::shared_ptr<Session> opencv;
    try {
      opencv = load_session(model, {.backend = "opencv", .streams = 1, .threads = 2, .shape = {}});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_model);
      EXPECT_SAYS(error.message(), "OpenCV cannot load " + model.name);
      EXPECT_EQ(error.message().find("modules/dnn"), std::string::npos) << error.message();
      continue;
    }
    const auto reference = load_session(model, {.backend = "onnxruntime", .device = "cpu", .streams = 1});
    const std::vector<Tensor> inputs = noise(reference->signature());
    EXPECT_LT(largest_difference(opencv->run(inputs), reference->run(inputs)), 1e-3) << model.name;
    ++agreed;
  }
  EXPECT_GE(agreed, 13);
}

TEST(OpenCv, TakesBatchesAndManyCallers) {
  if (!there("opencv")) GTEST_SKIP() << "pixmill was built without OpenCV";
  const std::string file = tiny::doubling_convolution(2);
  const auto session = load_session(tiny::source(file), {.backend = "opencv", .streams = 2, .threads = 1});
  EXPECT_EQ(session->info().backend, "opencv");
  EXPECT_EQ(session->info().device, "cpu");
  EXPECT_EQ(session->info().precision, Precision::fp32);
  std::vector<std::thread> callers;
  for (std::int64_t batch = 1; batch <= 4; ++batch) {
    callers.emplace_back([&session, batch] {
      std::vector<Tensor> inputs;
      inputs.push_back(tiny::tensor({batch, 2, 8, 8}));
      const auto outputs = session->run(inputs);
      ASSERT_EQ(outputs.at(0).shape(), (std::vector<std::int64_t>{batch, 2, 8, 8}));
      EXPECT_EQ(outputs[0].as<float>().back(), static_cast<float>(2 * (batch * 2 * 64 - 1)));
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(OpenCv, SaysWhatItCannotRun) {
  if (!there("opencv")) GTEST_SKIP() << "pixmill was built without OpenCV";
  const std::string file = tiny::unary("NoSuchOperator", {1, 4});
  const Error error = error_of(ErrorCode::bad_model, [&] { load_session(tiny::source(file), {.backend = "opencv"}); });
  EXPECT_SAYS(error.message(), "NoSuchOperator");
}

TEST(LibTorch, RefusesOnnx) {
  if (!there("libtorch")) GTEST_SKIP() << "pixmill was built without LibTorch";
  const std::string file = tiny::doubling_convolution(2);
  const Error error =
      error_of(ErrorCode::bad_model, [&] { load_session(tiny::source(file), {.backend = "libtorch"}); });
  EXPECT_SAYS(error.message(), "ONNX");
}

TEST(LibTorch, DamagedArchivesAreBadModels) {
  const std::string file = std::string("PK\x03\x04") + "constants.pkl and nothing else";
  const ErrorCode code = there("libtorch") ? ErrorCode::bad_model : ErrorCode::no_device;
  EXPECT_SAYS(error_of(code, [&] { load_session(tiny::source(file), {}); }).message(), "tiny.onnx");
}

}  // namespace
}  // namespace pixmill::runtime
