#include "pixmill/runtime/devices.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "pixmill/core/error.h"
#include "pixmill/platform/cores.h"
#include "pixmill/runtime/tiny_model.h"
#include "runtime/hardware.h"
#include "runtime/onnxruntime/library.h"
#include "runtime/plan.h"

namespace pixmill::runtime {
namespace {

namespace fs = std::filesystem;

Error refusal(const SessionOptions& options) {
  try {
    make_plan(options);
  } catch (const Error& error) {
    return error;
  }
  return {ErrorCode::internal, "it was planned"};
}

bool contains(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

TEST(Devices, EveryMissingOneHasAReason) {
  std::set<std::string> ids;
  for (const DeviceStatus& device : devices()) {
    EXPECT_TRUE(ids.insert(device.id).second) << device.id << " stands there twice";
    EXPECT_FALSE(device.title.empty()) << device.id;
    EXPECT_FALSE(device.requirement.empty()) << device.id;
    EXPECT_EQ(device.available, device.reason.empty()) << device.id << ": " << device.reason;
    EXPECT_EQ(device.available, !device.precisions.empty()) << device.id;
  }
  EXPECT_TRUE(ids.contains("cuda"));
  EXPECT_TRUE(ids.contains("openvino:GPU"));
}

TEST(Devices, TheCpuIsThereAndHasAName) {
  const auto all = devices();
  const auto cpu = std::find_if(all.begin(), all.end(), [](const auto& device) { return device.id == "cpu"; });
  ASSERT_NE(cpu, all.end());
  EXPECT_TRUE(cpu->available) << cpu->reason;
  EXPECT_TRUE(contains(cpu->hardware, "core")) << cpu->hardware;
  EXPECT_EQ(cpu->precisions.front(), Precision::fp32);
}

TEST(Devices, ReasonsNameWhatIsMissingAndWhatBringsIt) {
  for (const DeviceStatus& device : devices()) {
    if (device.id != "cuda" || device.available) continue;
    EXPECT_TRUE(contains(device.reason, "ONNX Runtime") || contains(device.reason, "libcuda.so.1")) << device.reason;
    EXPECT_TRUE(contains(device.remedy, "pixmill runtimes add cuda")) << device.remedy;
  }
}

TEST(Devices, TheRecommendedOneIsAvailable) {
  const std::string best = recommended_device();
  const auto all = devices();
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const auto& row) { return row.id == best && row.available; }))
      << best;
}

TEST(Devices, BackendsTellTheirVersionOrTheReason) {
  const auto all = backends();
  ASSERT_FALSE(all.empty());
  for (const BackendStatus& backend : all) {
    EXPECT_NE(backend.version.empty(), backend.reason.empty()) << backend.name;
    EXPECT_EQ(backend.version.empty(), backend.library.empty()) << backend.name;
  }
}

TEST(Plan, UnknownNamesAreUsageErrorsWithTheNearestKnownOne) {
  const Error device = refusal({.device = "cudaa"});
  EXPECT_EQ(device.code(), ErrorCode::usage);
  EXPECT_TRUE(contains(device.hint(), "did you mean cuda?")) << device.hint();
  const Error backend = refusal({.backend = "onnx-runtime"});
  EXPECT_EQ(backend.code(), ErrorCode::usage);
  EXPECT_TRUE(contains(backend.hint(), "onnxruntime")) << backend.hint();
}

TEST(Plan, ContradictionsAreUsageErrors) {
  EXPECT_EQ(refusal({.backend = "openvino", .device = "cuda"}).code(), ErrorCode::usage);
  EXPECT_EQ(refusal({.device = "cpu:1"}).code(), ErrorCode::usage);
  EXPECT_EQ(refusal({.device = "cpu", .streams = -1}).code(), ErrorCode::usage);
}

TEST(Plan, ADeviceThatIsNotThereIsAnErrorWithTheReason) {
  for (const DeviceStatus& device : devices()) {
    if (device.available) continue;
    const Error error = refusal({.device = device.id});
    EXPECT_EQ(error.code(), ErrorCode::no_device) << device.id;
    EXPECT_TRUE(contains(error.message(), device.reason)) << error.message();
  }
}

TEST(Plan, DeniedBackendsAreLeftOut) {
  const Error all = refusal({.device = "cpu", .deny = {"onnxruntime", "openvino"}});
  EXPECT_EQ(all.code(), ErrorCode::no_device);
  const Plan plan = make_plan({.device = "cpu", .deny = {"openvino"}});
  ASSERT_EQ(plan.candidates.size(), 1u);
  EXPECT_EQ(plan.candidates[0].provider->backend, "onnxruntime");
}

TEST(Plan, StreamsAndThreadsFillTheCores) {
  const int cores = platform::usable_cores();
  const Placement automatic = make_plan({}).placement;
  EXPECT_EQ(automatic.streams, cores);
  EXPECT_EQ(automatic.threads, 1);
  const Placement one = make_plan({.streams = 1}).placement;
  EXPECT_EQ(one.streams, 1);
  EXPECT_EQ(one.threads, cores);
  const Placement wide = make_plan({.threads = cores}).placement;
  EXPECT_EQ(wide.streams, 1);
}

TEST(Plan, TheKeyTellsApartWhatMakesOtherSessions) {
  const std::string key = make_plan({.device = "cpu"}).key();
  EXPECT_EQ(key, make_plan({.device = "cpu", .streams = platform::usable_cores(), .threads = 1}).key());
  EXPECT_NE(key, make_plan({.device = "cpu", .precision = Precision::bf16}).key());
  EXPECT_NE(key, make_plan({.device = "cpu", .streams = platform::usable_cores() + 1}).key());
  EXPECT_NE(key, make_plan({.backend = "onnxruntime", .device = "cpu", .threads = 7}).key());
}

TEST(Plan, APrecisionThatTheBackendDoesNotComputeIsRefused) {
  for (const Precision precision : {Precision::bf16, Precision::fp16}) {
    const Error error = refusal({.backend = "onnxruntime", .device = "cpu", .precision = precision});
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_TRUE(contains(error.message(), std::string(name_of(precision)) + " on the CPU")) << error.message();
    EXPECT_TRUE(contains(error.hint(), "--backend openvino")) << error.hint();
  }
  EXPECT_NO_THROW(make_plan({.backend = "onnxruntime", .device = "cpu", .precision = Precision::int8}));
}

TEST(Plan, SaysThePrecisionThatWillRun) {
  const SessionOptions options = {.device = "cpu", .precision = Precision::bf16, .deny = {"openvino"}};
  EXPECT_EQ(plan_session(options).precision, Precision::fp32);
}

TEST(Precision, NamesGoBothWays) {
  for (const Precision precision :
       {Precision::automatic, Precision::fp32, Precision::fp16, Precision::bf16, Precision::int8}) {
    EXPECT_EQ(precision_from(name_of(precision)), precision);
  }
  EXPECT_FALSE(precision_from("fp8").has_value());
}

TEST(OnnxRuntimeLibrary, NotFoundNamesWhatWasTried) {
  try {
    open_runtime({"/nowhere/libonnxruntime.so.1", "libno-such-runtime.so"});
    FAIL() << "it was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::no_device);
    EXPECT_TRUE(contains(error.message(), "/nowhere/libonnxruntime.so.1")) << error.message();
    EXPECT_TRUE(contains(error.message(), "libno-such-runtime.so")) << error.message();
    EXPECT_TRUE(contains(error.hint(), "ONNXRUNTIME_LIB")) << error.hint();
  }
}

TEST(OnnxRuntimeLibrary, IsLookedForBesideTheProgramAndByTheLoaderOnly) {
  if (std::getenv("ONNXRUNTIME_LIB") != nullptr) GTEST_SKIP() << "ONNXRUNTIME_LIB stands alone";
  const std::vector<RuntimeCandidate> candidates = runtime_candidates();
  ASSERT_EQ(candidates.size(), 3U);
  const fs::path beside = folder_of_program() + "/libonnxruntime.so.1";
  EXPECT_EQ(candidates[0].library, fs::exists(beside) ? fs::canonical(beside) : beside);
  EXPECT_TRUE(contains(candidates[1].library, "lib/pixmill/libonnxruntime.so.1")) << candidates[1].library;
  EXPECT_EQ(candidates[2].library, "libonnxruntime.so.1");
}

TEST(OnnxRuntimeLibrary, AnotherLibraryIsToldAsSuch) {
  try {
    open_runtime({"libc.so.6"});
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::no_device);
    EXPECT_TRUE(contains(error.message(), "is not ONNX Runtime")) << error.message();
  }
}

// In a fresh process, because the library starts once: a home folder of its own stays as empty as it was.
TEST(OnnxRuntimeLibrary, ReportsNothingHome) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const fs::path home = fs::path(testing::TempDir()) / "pixmill-empty-home";
  const auto start = [&] {
    fs::remove_all(home);
    fs::create_directories(home);
    setenv("HOME", home.c_str(), 1);
    for (const char* name : {"XDG_CACHE_HOME", "XDG_DATA_HOME", "TMPDIR", "CI", "ORT_DISABLE_TELEMETRY"})
      unsetenv(name);
    const std::string bytes = tiny::unary("Relu", {1, 4});
    load_session(tiny::source(bytes), {.backend = "onnxruntime", .device = "cpu"});
    std::_Exit(fs::is_empty(home) ? 0 : 1);
  };
  EXPECT_EXIT(start(), testing::ExitedWithCode(0), "");
  fs::remove_all(home);
}

}  // namespace
}  // namespace pixmill::runtime
