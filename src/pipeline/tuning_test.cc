#include "pixmill/pipeline/tuning.h"

#include <gtest/gtest.h>

#include <thread>

#include "pipeline/testing.h"
#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/choice.h"
#include "pixmill/pipeline/speeds.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/devices.h"

namespace pixmill::pipeline {
namespace {

using pixmill::testing::error_of;
using runtime::Precision;
using Way = Setup;  // testing::Test has a member of the other name
using testing::file_text;
using testing::TemporaryFolder;
using testing::write_file;

platform::Home home_in(const TemporaryFolder& folder) {
  return {folder / "settings.yaml", folder / "models", folder / "state", folder / "cache", folder / "data"};
}

Tuning tuning_of(const std::string& hash, const Way& setup, const std::string& machine = machine_key()) {
  return {"starter", hash, machine, "2026-11-21", {{setup, 123.5}}};
}

models::ResolvedModel starter(const platform::Home& home) {
  return models::ModelStore(home.models).resolve("starter", "cutout", runtime::signature_of);
}

const Way kSetup = {"cpu", "onnxruntime", Precision::fp32, 3, 2, 4};

TEST(Tuning, ComesBackAsItWasKept) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  EXPECT_FALSE(find_tuning(home, "abc").tuning);
  EXPECT_EQ(find_tuning(home, "abc").warning, "");
  keep_tuning(home, tuning_of("abc", kSetup));
  const FoundTuning found = find_tuning(home, "abc");
  ASSERT_TRUE(found.tuning);
  EXPECT_EQ(found.warning, "");
  EXPECT_EQ(found.tuning->date, "2026-11-21");
  EXPECT_EQ(found.tuning->model, "starter");
  ASSERT_EQ(found.tuning->setups.size(), 1U);
  EXPECT_EQ(found.tuning->setups.front().setup, kSetup);
  EXPECT_DOUBLE_EQ(found.tuning->setups.front().rate, 123.5);
  EXPECT_FALSE(find_tuning(home, "another").tuning);
}

TEST(Tuning, TheKeyOfTheMachineOpensNoLibraryThatNobodyAskedFor) {
  const std::string key = machine_key();
  EXPECT_NE(key.find("onnxruntime"), std::string::npos) << key;
  EXPECT_EQ(key.find("libtorch"), std::string::npos) << key;
  EXPECT_EQ(key.find("opencv"), std::string::npos) << key;
}

TEST(Tuning, ANewOneTakesThePlaceOfTheOld) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  keep_tuning(home, tuning_of("abc", kSetup));
  keep_tuning(home, tuning_of("abc", {}));
  keep_tuning(home, tuning_of("abc", kSetup, "another machine"));
  EXPECT_EQ(all_tunings(home).size(), 2U);
  EXPECT_EQ(find_tuning(home, "abc").tuning->setups.front().setup, Way{});
}

TEST(Tuning, OfAnotherMachineIsAWarning) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  keep_tuning(home, tuning_of("abc", kSetup, "abacus, 10 fingers"));
  const FoundTuning found = find_tuning(home, "abc");
  EXPECT_FALSE(found.tuning);
  EXPECT_SAYS(found.warning, "abacus, 10 fingers");
  EXPECT_SAYS(found.warning, "pixmill tune -m starter");
}

TEST(Tuning, DamagedFilesAreAWarningAndAreReplaced) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  keep_tuning(home, tuning_of("abc", kSetup));
  const std::string whole = file_text(tuning_file(home));
  const std::size_t at = whole.find("\"streams\": 3");
  ASSERT_NE(at, std::string::npos);
  std::string senseless = whole;
  senseless.replace(at, 12, "\"streams\": -3");
  for (const std::string& damaged : {whole.substr(0, whole.size() / 2), senseless, std::string("[]"), std::string()}) {
    write_file(tuning_file(home), damaged);
    const FoundTuning found = find_tuning(home, "abc");
    EXPECT_FALSE(found.tuning);
    EXPECT_SAYS(found.warning, "tuned.json");
    error_of(ErrorCode::corrupt, [&] { all_tunings(home); });
  }
  keep_tuning(home, tuning_of("abc", kSetup));
  EXPECT_TRUE(find_tuning(home, "abc").tuning);
}

TEST(Tuning, CountsAreWholeNumbersInRange) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  keep_tuning(home, tuning_of("abc", kSetup));
  const std::string whole = file_text(tuning_file(home));
  const std::string good = "\"streams\": " + std::to_string(kSetup.streams);
  const std::size_t at = whole.find(good);
  ASSERT_NE(at, std::string::npos) << whole;
  for (const char* bad : {"0", "-1", "2.5", "1e300", "4294967297", "18446744073709551617", "\"1\"", "null"}) {
    const std::string text = std::string(whole).replace(at, good.size(), std::string("\"streams\": ") + bad);
    const Error error = error_of(ErrorCode::corrupt, [&] { parse_tunings(text, "tuned.json"); });
    EXPECT_SAYS(error.message(), "tuned.json is damaged");
  }
}

TEST(Tuning, Forgotten) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  EXPECT_EQ(forget_tunings(home, ""), 0);
  keep_tuning(home, tuning_of("abc", kSetup));
  keep_tuning(home, tuning_of("def", kSetup));
  EXPECT_EQ(forget_tunings(home, "abc"), 1);
  EXPECT_FALSE(find_tuning(home, "abc").tuning);
  EXPECT_TRUE(find_tuning(home, "def").tuning);
  EXPECT_EQ(forget_tunings(home, ""), 1);
  write_file(tuning_file(home), "{");
  error_of(ErrorCode::corrupt, [&] { forget_tunings(home, "abc"); });
  forget_tunings(home, "");
  EXPECT_TRUE(all_tunings(home).empty());
}

TEST(Tuning, ManyWritersLoseNothing) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) writers.emplace_back([&, i] { keep_tuning(home, tuning_of(std::to_string(i), kSetup)); });
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(all_tunings(home).size(), 8U);
}

TEST(Choice, OpenOptionsTakeWhatWasTuned) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  const models::ResolvedModel model = starter(home);
  keep_tuning(home, tuning_of(model.content_hash, kSetup));
  const Choice choice = choose(home, model, {}, 0, 1000);
  EXPECT_EQ(choice.tuned, "2026-11-21");
  EXPECT_EQ(runtime::first_provider(choice.session), "cpu");
  EXPECT_EQ(choice.session.precision, Precision::fp32);
  EXPECT_EQ(choice.session.streams, 3);
  EXPECT_EQ(choice.session.threads, 2);
  EXPECT_EQ(choice.batch, 4);
}

TEST(Choice, WhatIsAskedForStands) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  const models::ResolvedModel model = starter(home);
  keep_tuning(home, tuning_of(model.content_hash, kSetup));
  const Choice parallel = choose(home, model, {.streams = 1}, 2, 1000);
  EXPECT_EQ(parallel.tuned, "2026-11-21");
  EXPECT_EQ(parallel.session.streams, 1);
  EXPECT_EQ(parallel.batch, 2);
  EXPECT_EQ(choose(home, model, {.precision = Precision::bf16}, 0, 1000).tuned, "");
  EXPECT_EQ(choose(home, model, {.backend = "openvino"}, 0, 1000).tuned, "");
  EXPECT_EQ(choose(home, model, {.backend = "onnxruntime"}, 0, 1000).tuned, "2026-11-21");
}

TEST(Choice, APrecisionThatTheCardDoesNotCallGoodIsNotTaken) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  const models::ResolvedModel model = starter(home);
  Tuning tuning = tuning_of(model.content_hash, {"cpu", "onnxruntime", Precision::fp16, 1, 1, 1});
  tuning.setups.push_back({kSetup, 1.0});
  keep_tuning(home, tuning);
  const Choice choice = choose(home, model, {}, 0, 1000);
  EXPECT_EQ(choice.session.precision, Precision::fp32);
  EXPECT_EQ(choice.batch, 4);
}

TEST(Choice, AStaleTuningWarnsAndTheRuleChooses) {
  const TemporaryFolder folder;
  const platform::Home home = home_in(folder);
  const models::ResolvedModel model = starter(home);
  keep_tuning(home, tuning_of(model.content_hash, kSetup, "abacus"));
  const runtime::SpeedProbe flat = {{{"onnxruntime", Precision::fp32, 1.0}}};                 // nothing gains by it
  keep_speeds(home, {flat, runtime::speed_key(), "2026-11-21", {{model.content_hash, ""}}});  // both equally fast
  const Choice choice = choose(home, model, {}, 0, 1000);
  EXPECT_SAYS(choice.warning, "abacus");
  EXPECT_EQ(choice.tuned, "");
  EXPECT_EQ(choice.batch, 0);
  EXPECT_EQ(choice.session, choose_by_rule(home, model, {}, 0, 1000, {}).session);
}

}  // namespace
}  // namespace pixmill::pipeline
