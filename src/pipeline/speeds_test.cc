#include "pixmill/pipeline/speeds.h"

#include <gtest/gtest.h>

#include "pipeline/testing.h"
#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/choice.h"
#include "pixmill/runtime/auto_rule.h"
#include "pixmill/runtime/devices.h"

namespace pixmill::pipeline {
namespace {

using runtime::Precision;
using testing::file_text;
using testing::TemporaryFolder;
using testing::write_file;

platform::Home home_in(const TemporaryFolder& folder) {
  return {folder / "settings.yaml", folder / "models", folder / "state", folder / "cache", folder / "data"};
}

// bf16 2 x, int8 4 x.
const runtime::SpeedProbe kProbe = {{{"onnxruntime", Precision::fp32, 8.0},
                                     {"onnxruntime", Precision::int8, 4.0},
                                     {"openvino", Precision::fp32, 8.0},
                                     {"openvino", Precision::bf16, 4.0},
                                     {"openvino", Precision::int8, 2.0}}};

KeptSpeeds speeds_of(const std::string& machine) {
  return {kProbe, machine, "2026-11-21", {}};
}

TEST(Speeds, ComeBackAsTheyWereKept) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  EXPECT_FALSE(find_speeds(home));
  keep_speeds(home, speeds_of(runtime::speed_key()));
  const auto found = find_speeds(home);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->probe, kProbe);
  EXPECT_EQ(found->date, "2026-11-21");
  EXPECT_EQ(known_speeds(home)->probe, kProbe) << "measured again";
}

TEST(Speeds, TheBackendOfAModelIsKeptBesideThem) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  const runtime::ModelSource model{"model", {}, "abc"};
  EXPECT_EQ(known_backend(home, model, {1, 3, 8, 8}), "") << "the machine is not known yet";
  KeptSpeeds speeds = speeds_of(runtime::speed_key());
  speeds.models = {{"abc", "onnxruntime"}, {"other", "openvino"}};
  keep_speeds(home, speeds);
  EXPECT_EQ(find_speeds(home)->models, speeds.models);
  EXPECT_EQ(known_backend(home, model, {1, 3, 8, 8}), "onnxruntime");
  const runtime::ModelSource broken{"broken", {}, "def"};
  EXPECT_EQ(known_backend(home, broken, {1, 3, 8, 8}), "");
  EXPECT_EQ(find_speeds(home)->models.back(), (ModelSpeed{"def", ""})) << "asked once";
}

TEST(ChosenBackend, TheOneThatIsFasterForTheModelGoesBeforeTheRule) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  const models::ResolvedModel model =
      models::ModelStore(home.models).resolve("starter", "cutout", runtime::signature_of);
  runtime::SessionOptions fp32;
  fp32.precision = Precision::fp32;
  for (const std::string backend : {"onnxruntime", "openvino"}) {
    KeptSpeeds speeds = speeds_of(runtime::speed_key());
    speeds.models = {{model.content_hash, backend}};
    keep_speeds(home, speeds);
    const std::string expected = backend == "openvino" ? "openvino" : "cpu";
    EXPECT_EQ(choose(home, model, fp32, 0, 1000).session.prefer, expected);
    EXPECT_EQ(choose(home, model, fp32, 0, 3).session.prefer, "cpu") << "a short job loads what loads sooner";
    runtime::SessionOptions named = fp32;
    named.backend = "openvino";
    EXPECT_EQ(choose(home, model, named, 0, 1000).session.backend, "openvino");
  }
}

TEST(Speeds, OfAnotherMachineAreNotTaken) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  keep_speeds(home, speeds_of("abacus"));
  EXPECT_FALSE(find_speeds(home));
}

TEST(Speeds, ADamagedFileIsNoneAndIsReplaced) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  keep_speeds(home, speeds_of(runtime::speed_key()));
  const std::string good = file_text(speed_file(home));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("{ damaged"), std::string("[]"), good.substr(0, good.size() / 2),
        with("8.0", "-8.0"), with("8.0", "0"), with("8.0", "1e99"), with("8.0", "\"8\""), with("fp32", "fp33"),
        with("\"speeds\"", "\"slow\"")}) {
    write_file(speed_file(home), text);
    EXPECT_FALSE(find_speeds(home)) << text;
  }
  keep_speeds(home, speeds_of(runtime::speed_key()));
  EXPECT_TRUE(find_speeds(home));
}

TEST(Speeds, WhatIsMeasuredIsKept) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  const auto measured = known_speeds(home);
  const auto kept = find_speeds(home);
  ASSERT_EQ(measured.has_value(), kept.has_value());
  if (measured) EXPECT_EQ(measured->probe.speeds.size(), kept->probe.speeds.size());
}

TEST(Speeds, AStateFolderThatCannotBeWrittenIsNoTrouble) {
  const TemporaryFolder folder;
  platform::Home home = home_in(folder);
  write_file(folder / "file", "");
  home.state = folder / "file" / "state";
  EXPECT_NO_THROW(known_speeds(home));
  EXPECT_FALSE(find_speeds(home));
}

TEST(Speeds, Text) {
  EXPECT_EQ(text_of(kProbe), "onnxruntime fp32 8 ms, int8 2 x; openvino fp32 8 ms, bf16 2 x, int8 4 x");
  EXPECT_EQ(text_of(kProbe, "openvino"), "fp32 8 ms, bf16 2 x, int8 4 x");
  EXPECT_EQ(text_of(runtime::SpeedProbe{}), "");
}

class Chosen : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!runtime::device_status("openvino").available) GTEST_SKIP() << "OpenVINO is not here";
    keep_speeds(home_, speeds_of(runtime::speed_key()));
  }

  models::ResolvedModel starter() const {
    return models::ModelStore(home_.models).resolve("starter", "cutout", [](const auto& name, auto bytes) {
      return runtime::read_signature({name, bytes, {}});
    });
  }

  const TemporaryFolder folder_;
  const platform::Home home_ = home_in(folder_);
};

TEST_F(Chosen, Int8OfTheStarterWhereItIsFaster) {
  const models::ResolvedModel model = starter();
  const Choice choice = choose(home_, model, {}, 0, 1000);
  EXPECT_EQ(choice.session.precision, Precision::int8);
  EXPECT_EQ(choice.session.prefer, "openvino");
  const auto variant = good_int8_variant(home_, model);
  ASSERT_TRUE(variant);
  EXPECT_EQ(variant->card.id, "starter-int8");
  EXPECT_NE(variant->content_hash, model.content_hash);
}

TEST_F(Chosen, NoVariantThatLosesMoreThanItsTolerance) {
  const models::ResolvedModel model = starter();
  auto variant = good_int8_variant(home_, model);
  ASSERT_TRUE(variant);
  variant->card.variant->loss = 1;
  const auto bytes = variant->data.bytes();
  write_file(home_.models / "starter-int8/card.yaml", to_yaml(variant->card));
  write_file(home_.models / "starter-int8/cutout_int8.onnx",
             std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  EXPECT_EQ(models::ModelStore(home_.models).variant(model, "int8").card.variant->loss, 1)
      << "the user's own goes first";
  EXPECT_FALSE(good_int8_variant(home_, model));
  EXPECT_EQ(choose(home_, model, {}, 0, 1000).session.precision, Precision::bf16);
}

TEST_F(Chosen, NoInt8WhereTheCardDoesNotCallItGood) {
  models::ResolvedModel model = starter();
  model.card.runtime.precision = {"bf16"};
  EXPECT_EQ(choose(home_, model, {}, 0, 1000).session.precision, Precision::bf16);
  model.card.runtime.precision = {};
  EXPECT_EQ(choose(home_, model, {}, 0, 1000).session.precision, Precision::fp32);
}

TEST_F(Chosen, AShortJobMeasuresNothing) {
  std::filesystem::remove(speed_file(home_));
  const models::ResolvedModel model = starter();
  const Choice choice = choose(home_, model, {}, 0, runtime::kShortJob - 1);
  EXPECT_EQ(choice.session.precision, Precision::fp32);
  EXPECT_EQ(choice.session.prefer, "cpu");
  EXPECT_FALSE(std::filesystem::exists(speed_file(home_)));
}

}  // namespace
}  // namespace pixmill::pipeline
