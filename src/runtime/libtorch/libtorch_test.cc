// TorchScript files made on the spot; built where LibTorch is.
#include <gtest/gtest.h>
#include <torch/script.h>

#include <sstream>

#include "pixmill/core/error.h"
#include "pixmill/runtime/session.h"
#include "pixmill/runtime/tiny_model.h"

namespace pixmill::runtime {
namespace {

std::string torchscript(const std::string& forward) {
  torch::jit::Module module("tiny");
  module.register_parameter("weight", 2 * torch::eye(2).reshape({2, 2, 1, 1}), false);
  module.define(forward);
  std::ostringstream file;
  module.save(file);
  return file.str();
}

std::vector<Tensor> inputs(std::int64_t batch) {
  std::vector<Tensor> all;
  all.push_back(tiny::tensor({batch, 2, 8, 8}));
  return all;
}

TEST(LibTorch, AgreesWithOnnxRuntime) {
  const std::string script = torchscript("def forward(self, x):\n  return torch.conv2d(x, self.weight)\n");
  const std::string onnx = tiny::doubling_convolution(2);
  const auto torch = load_session(tiny::source(script), {.backend = "libtorch", .streams = 2, .shape = {1, 2, 8, 8}});
  const auto reference = load_session(tiny::source(onnx), {.backend = "onnxruntime", .device = "cpu"});
  EXPECT_EQ(torch->info().backend, "libtorch");
  for (const std::int64_t batch : {1, 3}) {
    const auto got = torch->run(inputs(batch)), want = reference->run(inputs(batch));
    ASSERT_EQ(got.at(0).shape(), want.at(0).shape());
    EXPECT_EQ(tiny::values(got[0]), tiny::values(want[0]));
  }
}

TEST(LibTorch, AutoTakesItForTorchScriptAndSaysSo) {
  const std::string script = torchscript("def forward(self, x):\n  return x\n");
  const auto session = load_session(tiny::source(script), {});
  EXPECT_EQ(session->info().backend, "libtorch");
  ASSERT_EQ(session->info().warnings.size(), 1U);
  EXPECT_NE(session->info().warnings[0].find("TorchScript"), std::string::npos);
}

TEST(LibTorch, TuplesAndDictionariesAreOutputs) {
  const std::string script = torchscript("def forward(self, x):\n  return (x, {'twice': 2 * x, 'thrice': [3 * x]})\n");
  const auto session = load_session(tiny::source(script), {.backend = "libtorch", .shape = {1, 2, 8, 8}});
  EXPECT_EQ(session->signature().outputs.size(), 3U);
  const std::vector<int> last = {2};
  EXPECT_EQ(session->run(inputs(1), last).at(0).as<float>()[5], 15.0F);
}

TEST(LibTorch, WhatTheModelThrowsIsTold) {
  const std::string script = torchscript("def forward(self, x):\n  return x.reshape(7)\n");
  try {
    load_session(tiny::source(script), {.backend = "libtorch", .shape = {1, 2, 8, 8}});
    ADD_FAILURE() << "it was loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_model);
    EXPECT_NE(error.message().find("reshape"), std::string::npos) << error.message();
  }
}

}  // namespace
}  // namespace pixmill::runtime
