#include "pixmill/measure/quantize.h"

#include <gtest/gtest.h>

#include "measure/quantize/environment.h"
#include "measure/quantize/search.h"
#include "measure/verify/npy.h"
#include "pixmill/platform/home.h"
#include "support/testing.h"

namespace pixmill::measure {
namespace {

using pixmill::testing::error_of;
using pixmill::testing::file_text;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

std::vector<int> tried(const std::vector<QuantizeTrial>& trials) {
  std::vector<int> counts;
  for (const QuantizeTrial& trial : trials) counts.push_back(trial.in_float);
  return counts;
}

// A model that is good from `enough` layers in float on.
LossOf good_from(int enough) {
  return [enough](int in_float) { return in_float >= enough ? 0.001 : 0.5 - 0.001 * in_float; };
}

TEST(QuantizeSearch, StopsAtOnceWhereAllLayersMayBeQuantised) {
  EXPECT_EQ(tried(search_layers({.layers = 100, .tolerance = 0.01}, good_from(0))), std::vector<int>{0});
}

TEST(QuantizeSearch, FindsTheFewestLayers) {
  for (int enough = 0; enough <= 32; ++enough) {
    const std::vector<QuantizeTrial> trials = search_layers({.layers = 100, .tolerance = 0.01}, good_from(enough));
    EXPECT_EQ(trials[best_trial(trials)].in_float, enough);
    EXPECT_LE(trials.size(), 12U);
  }
}

TEST(QuantizeSearch, GivesUpAtHalfOfTheLayersAndAnswersTheLeastLoss) {
  const std::vector<QuantizeTrial> trials = search_layers({.layers = 20, .tolerance = 0.01}, good_from(21));
  EXPECT_EQ(tried(trials), (std::vector<int>{0, 1, 2, 4, 8}));
  EXPECT_EQ(trials[best_trial(trials)].in_float, 8);
  EXPECT_FALSE(trials[best_trial(trials)].good);
}

TEST(QuantizeSearch, TriesNoMoreLayersThanThereAre) {
  const std::vector<QuantizeTrial> trials = try_one(50, {.layers = 20, .tolerance = 0.01}, good_from(20));
  EXPECT_EQ(tried(trials), std::vector<int>{20});
  EXPECT_TRUE(trials.front().good);
}

TEST(QuantizeSearch, LossAtTheToleranceIsGood) {
  EXPECT_TRUE(try_one(0, {.layers = 1, .tolerance = 0.01}, [](int) { return 0.01; }).front().good);
}

TEST(QuantizeTolerance, OfBoxesIsWider) {
  models::ModelCard card;
  EXPECT_DOUBLE_EQ(default_tolerance(card), 0.01);
  card.output.decoder = "yolov8";
  EXPECT_DOUBLE_EQ(default_tolerance(card), 0.05);
}

TEST(Npy, HeaderAndDataAsNumPyWritesThem) {
  const TemporaryFolder folder;
  Tensor tensor({1, 2, 3}, ElementType::f32);
  for (int i = 0; i < 6; ++i) tensor.as<float>()[static_cast<std::size_t>(i)] = static_cast<float>(i);
  write_npy(folder / "a.npy", tensor);
  const std::string file = file_text(folder / "a.npy");
  ASSERT_EQ(file.size(), 128U + 24U);
  EXPECT_EQ(file.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_EQ(static_cast<unsigned char>(file[8]), 118);  // of the header, up to byte 128
  EXPECT_EQ(file[127], '\n');
  EXPECT_SAYS(file, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,2,3,), }");
  EXPECT_EQ(file.substr(128), std::string(reinterpret_cast<const char*>(tensor.data()), 24));
}

TEST(Npy, TypesThatNumPyDoesNotKnow) {
  const TemporaryFolder folder;
  error_of(ErrorCode::unsupported, [&] { write_npy(folder / "a.npy", Tensor({1}, ElementType::bf16)); });
}

TEST(QuantizeEnvironment, IsNamedByWhatItHolds) {
  const auto one = quantize_environment("data", "numpy==1\n"), other = quantize_environment("data", "numpy==2\n");
  EXPECT_NE(one, other);
  EXPECT_EQ(one.parent_path(), std::filesystem::path("data/environments"));
  EXPECT_TRUE(one.filename().string().starts_with("quantize-"));
}

TEST(QuantizeEnvironment, OneThatIsThereIsTaken) {
  const TemporaryFolder folder;
  const std::filesystem::path python = quantize_environment(folder.path(), "") / "bin" / "python";
  write_file(python, "");
  EXPECT_EQ(environment_python(folder.path(), "", {}, false), python);
}

TEST(QuantizeEnvironment, OneThatOthersCanChangeIsRefused) {
  const TemporaryFolder folder;
  const std::filesystem::path python = quantize_environment(folder.path(), "") / "bin" / "python";
  write_file(python, "");
  const std::filesystem::path environments = folder.path() / "environments";
  std::filesystem::permissions(environments, std::filesystem::perms::all);
  const Error error = error_of(ErrorCode::unreadable, [&] { environment_python(folder.path(), "", {}, false); });
  EXPECT_SAYS(error.message(), environments.string() + " can be written by other users");
}

TEST(QuantizeEnvironment, EveryPackageIsPinnedAndHashed) {
  std::istringstream lines{std::string(quantize_requirements())};
  int packages = 0, hashes = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#")) continue;
    if (line.starts_with("    --hash=sha256:")) {
      ++hashes;
      continue;
    }
    EXPECT_NE(line.find("=="), std::string::npos) << line;
    EXPECT_TRUE(line.ends_with("\\")) << line;
    ++packages;
  }
  EXPECT_GE(packages, 3);
  EXPECT_GE(hashes, packages);
}

TEST(Quantize, WhatIsRefusedBeforeAnyWork) {
  const TemporaryFolder folder;
  const platform::Home home = {folder / "settings.yaml", folder / "models", folder / "state", folder / "cache",
                               folder / "data"};
  const Error unknown =
      error_of(ErrorCode::not_found, [&] { quantize({.model = "startr", .calibration = {folder.path()}}, home); });
  EXPECT_SAYS(unknown.hint(), "starter");
  const Error few =
      error_of(ErrorCode::usage, [&] { quantize({.model = "starter", .calibration = {folder.path()}}, home); });
  EXPECT_SAYS(few.message(), "too few");
  const Error id = error_of(
      ErrorCode::usage, [&] { quantize({.model = "starter", .calibration = {folder.path()}, .id = "No Good"}, home); });
  EXPECT_SAYS(id.message(), "No Good");
  const Error taken = error_of(ErrorCode::collision, [&] {
    quantize({.model = "starter", .calibration = {folder.path()}, .id = "u2netp"}, home);
  });
  EXPECT_SAYS(taken.hint(), "--id");
  EXPECT_FALSE(std::filesystem::exists(folder / "data"));
}

}  // namespace
}  // namespace pixmill::measure
