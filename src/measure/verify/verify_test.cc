// With a stand-in for a model: its output is its input, distorted in one way or another.
#include "pixmill/measure/verify.h"

#include <gtest/gtest.h>

#include <set>

#include <functional>
#include <limits>

#include "measure/verify/verdict.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/devices.h"
#include "support/testing.h"

namespace pixmill::measure {
namespace {

using pixmill::testing::error_of;
using pixmill::testing::TemporaryFolder;
using Spoil = std::function<void(Tensor& output, const runtime::SessionOptions& options)>;

class FakeSession : public runtime::Session {
 public:
  FakeSession(ModelSignature signature, runtime::SessionOptions options, Spoil spoil)
      : signature_(std::move(signature)), options_(std::move(options)), spoil_(std::move(spoil)) {
    info_.backend = options_.backend;
    info_.device = options_.device;
    info_.precision = options_.precision;
    info_.streams = options_.streams;
  }
  const ModelSignature& signature() const override { return signature_; }
  const runtime::SessionInfo& info() const override { return info_; }
  std::size_t memory_bytes() const override { return 0; }
  std::vector<Tensor> run_inputs(std::span<const Tensor* const> inputs, std::span<const int>) override {
    const std::vector<std::int64_t>& shape = inputs.front()->shape();
    Tensor output({shape[0], 1, shape[2], shape[3]}, ElementType::f32);
    const std::int64_t pixels = shape[2] * shape[3];
    for (std::int64_t n = 0; n < shape[0]; ++n) {  // the red plane, from its own range to 0..1
      for (std::int64_t i = 0; i < pixels; ++i) {
        const float red = inputs.front()->as<float>()[static_cast<std::size_t>(n * shape[1] * pixels + i)];
        output.as<float>()[static_cast<std::size_t>(n * pixels + i)] = (red + 2.2F) / 4.6F;
      }
    }
    if (spoil_) spoil_(output, options_);
    std::vector<Tensor> outputs;
    outputs.push_back(std::move(output));
    return outputs;
  }

 private:
  ModelSignature signature_;
  runtime::SessionOptions options_;
  Spoil spoil_;
  runtime::SessionInfo info_;
};

bool is_reference(const runtime::SessionOptions& options) {
  return options.backend == "onnxruntime";
}

class Verify : public ::testing::Test {
 protected:
  Findings findings(Spoil spoil) {
    const Subject subject = load_subject("starter", {}, 0, home_);
    VerifyOptions options;
    options.load = [&](const runtime::ModelSource&, const runtime::SessionOptions& how) {
      return std::make_shared<FakeSession>(subject.signature, how, spoil);
    };
    return verify(subject, options);
  }

  // The checks of OpenVINO; the tests skip where it is missing.
  static std::vector<Check> others(const Findings& findings) {
    std::vector<Check> checks;
    for (const Check& check : findings.checks) {
      if (check.backend != "onnxruntime") checks.push_back(check);
    }
    return checks;
  }

  static bool has_another_backend() {
    for (const runtime::DeviceStatus& device : runtime::devices()) {
      if (device.available && device.backend != "onnxruntime") return true;
    }
    return false;
  }

  TemporaryFolder folder_;
  platform::Home home_{folder_ / "settings.yaml", folder_ / "models", folder_ / "state", folder_ / "cache",
                       folder_ / "data"};
};

TEST_F(Verify, AllIsGoodWhenAllIsEqual) {
  const Findings got = findings({});
  ASSERT_GE(got.checks.size(), 5U);
  EXPECT_EQ(got.checks.front().verdict, Verdict::reference);
  for (std::size_t i = 1; i < got.checks.size(); ++i)
    EXPECT_EQ(got.checks[i].verdict, Verdict::good) << got.checks[i].why;
  EXPECT_TRUE(got.good());
  EXPECT_EQ(got.metric, "IoU");
  EXPECT_EQ(got.advised.batch, 0);
}

TEST_F(Verify, AnEpsilonIsGoodAndMoreDiffers) {
  if (!has_another_backend()) GTEST_SKIP() << "one backend only";
  const auto off_by = [](float error) {
    return [error](Tensor& output, const runtime::SessionOptions& options) {
      if (!is_reference(options)) {
        for (float& value : output.as<float>()) value += error;
      }
    };
  };
  for (const Check& check : others(findings(off_by(1e-4F)))) EXPECT_EQ(check.verdict, Verdict::good) << check.why;
  const Findings far = findings(off_by(0.03F));
  for (const Check& check : others(far)) {
    EXPECT_EQ(check.verdict, Verdict::differs);
    EXPECT_SAYS(check.why, check.batch == 1 && check.streams == 1 ? "is required" : "as one picture at a time");
  }
  EXPECT_FALSE(far.good());
  std::set<std::string> denied;
  for (const Check& check : others(far)) denied.insert(check.backend);
  EXPECT_EQ(std::set<std::string>(far.advised.deny.begin(), far.advised.deny.end()), denied);
}

TEST_F(Verify, NotANumberAndOneResultForAllAreBroken) {
  if (!has_another_backend()) GTEST_SKIP() << "one backend only";
  const Findings holed = findings([](Tensor& output, const runtime::SessionOptions& options) {
    if (!is_reference(options)) output.as<float>()[7] = std::numeric_limits<float>::quiet_NaN();
  });
  for (const Check& check : others(holed)) {
    EXPECT_EQ(check.verdict, Verdict::broken);
    EXPECT_SAYS(check.why, "not numbers");
  }
  EXPECT_FALSE(holed.good());
  const Findings constant = findings([](Tensor& output, const runtime::SessionOptions& options) {
    if (is_reference(options)) return;
    for (float& value : output.as<float>()) value = 0.5F;
  });
  for (const Check& check : others(constant)) {
    EXPECT_EQ(check.verdict, Verdict::broken);
    EXPECT_SAYS(check.why, "same result");
  }
}

// The activation range over the whole batch, as in dynamically quantised models; and pictures that change places.
TEST_F(Verify, BatchesWhosePicturesTouchEachOtherAreForbidden) {
  const Findings mixed = findings([](Tensor& output, const runtime::SessionOptions&) {
    const auto values = output.as<float>();
    if (output.shape()[0] < 2) return;
    const std::size_t half = values.size() / 2;
    for (std::size_t i = 0; i < half; ++i) std::swap(values[i], values[values.size() - half + i]);
  });
  EXPECT_FALSE(mixed.good());
  EXPECT_EQ(mixed.advised.batch, 1);
  int batches = 0;
  for (const Check& check : mixed.checks) {
    if (check.batch == 1) {
      EXPECT_NE(check.verdict, Verdict::differs);
      continue;
    }
    ++batches;
    EXPECT_EQ(check.verdict, Verdict::differs);
    EXPECT_TRUE(check.companions);
    EXPECT_SAYS(check.why, "depends on the others");
  }
  EXPECT_GE(batches, 3);
}

TEST_F(Verify, WhatThrowsIsBrokenAndWhatCannotLoadIsUnable) {
  const Findings throwing = findings([](Tensor& output, const runtime::SessionOptions&) {
    if (output.shape()[0] > 1) throw Error(ErrorCode::internal, "no batches");
  });
  EXPECT_EQ(throwing.advised.batch, 1);
  EXPECT_FALSE(throwing.good());
  const Subject subject = load_subject("starter", {}, 0, home_);
  VerifyOptions options;
  options.load = [&](const runtime::ModelSource&,
                     const runtime::SessionOptions& how) -> std::shared_ptr<runtime::Session> {
    if (!is_reference(how)) throw Error(ErrorCode::bad_model, "an operator is missing");
    return std::make_shared<FakeSession>(subject.signature, how, Spoil{});
  };
  const Findings unable = verify(subject, options);
  for (const Check& check : others(unable)) EXPECT_EQ(check.verdict, Verdict::unable);
  EXPECT_TRUE(unable.good()) << "auto goes on to the next backend";
}

TEST_F(Verify, CanBeStopped) {
  const Subject subject = load_subject("starter", {}, 0, home_);
  const std::atomic<bool> stop = true;
  VerifyOptions options;
  options.stop = &stop;
  error_of(ErrorCode::interrupted, [&] { verify(subject, options); });
}

TEST(Advise, KeepsPrecisionsThatWereNotTriedAndTheFilesOwn) {
  Check half;
  half.backend = half.device = "openvino";
  half.precision = runtime::Precision::bf16;
  half.reduced = true;
  const models::RuntimeSpec card = {.batch = 0, .deny = {}, .precision = {"fp16"}};
  EXPECT_EQ(advise(card, true, std::vector{half}).precision, (std::vector<std::string>{"bf16", "fp16"}));
  half.verdict = Verdict::differs;
  EXPECT_EQ(advise(card, true, std::vector{half}).precision, (std::vector<std::string>{"fp16"}));
}

TEST(BeyondTruth, AllowsALittle) {
  EXPECT_TRUE(beyond_truth(0.8, 0.799).empty());
  EXPECT_TRUE(beyond_truth(0.8, 0.9).empty());
  EXPECT_SAYS(beyond_truth(0.868, 0.864), "0.864");
}

}  // namespace
}  // namespace pixmill::measure
