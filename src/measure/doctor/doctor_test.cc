#include "pixmill/measure/doctor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "measure/doctor/checks.h"
#include "measure/doctor/self_tests.h"
#include "pixmill/measure/redact.h"
#include "pixmill/pipeline/catalogue_figures.h"
#include "pixmill/platform/cores.h"
#include "support/testing.h"

namespace pixmill::measure {
namespace {

using pixmill::testing::error_of;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

Tensor tensor_of(const std::vector<float>& values) {
  Tensor tensor({1, static_cast<std::int64_t>(values.size())}, ElementType::f32);
  std::copy(values.begin(), values.end(), tensor.as<float>().begin());
  return tensor;
}

SelfTest judged(const std::vector<float>& answer, double tolerance = 0.01) {
  SelfTest self_test{.model = "self-test", .tolerance = tolerance};
  judge(self_test, tensor_of(answer), tensor_of({0.1f, 0.5f, 0.9f}));
  return self_test;
}

TEST(Judge, RightAnswers) {
  const SelfTest self_test = judged({0.1f, 0.505f, 0.9f});
  EXPECT_EQ(self_test.trouble, "");
  EXPECT_NEAR(self_test.error, 0.005, 1e-6);
}

TEST(Judge, WrongNanInfiniteConstantAndMisshapenAnswers) {
  EXPECT_SAYS(judged({0.1f, 0.6f, 0.9f}).trouble, "off by 0.1");
  EXPECT_SAYS(judged({0.1f, NAN, 0.9f}).trouble, "1 of 3 values are not numbers");
  EXPECT_SAYS(judged({INFINITY, 0.5f, NAN}, 1e9).trouble, "2 of 3");
  EXPECT_SAYS(judged({0.5f, 0.5f, 0.5f}).trouble, "the same number everywhere");
  EXPECT_SAYS(judged({0.1f, 0.5f}).trouble, "another shape");
}

DeviceReport report_of(std::vector<SelfTest> self_tests) {
  DeviceReport report;
  report.status.id = "cuda";
  report.status.available = true;
  report.status.precisions = {runtime::Precision::fp32, runtime::Precision::fp16};
  report.self_tests = std::move(self_tests);
  return report;
}

TEST(DeviceRow, AllIsWell) {
  const Finding row =
      check_device(report_of({{.model = "self-test", .error = 1e-7}, {.model = "starter", .error = 2e-6}}));
  EXPECT_EQ(row.health, Health::ok);
  EXPECT_SAYS(row.text, "correct in fp32 (off by 1e-07)");
  EXPECT_SAYS(row.text, "starter");
}

TEST(DeviceRow, ARefusedStarterIsNoProblem) {
  const Finding row =
      check_device(report_of({{.model = "self-test"}, {.model = "starter", .refused = "halves are not known to it"}}));
  EXPECT_EQ(row.health, Health::ok);
  EXPECT_SAYS(row.text, "halves are not known to it");
}

TEST(DeviceRow, OneThatReadsNoOnnxIsNotPraised) {
  EXPECT_SAYS(check_device(report_of({})).text, "not tested");
}

TEST(DeviceRow, AWrongAnswerInOnePrecisionIsAProblem) {
  const auto fp16 = runtime::Precision::fp16;
  const Finding row =
      check_device(report_of({{.model = "self-test"},
                              {.model = "self-test", .asked = fp16, .ran = fp16, .batch = 2, .trouble = "it is off"}}));
  EXPECT_EQ(row.health, Health::problem);
  EXPECT_SAYS(row.text, "fp16, batch 2: it is off");
  EXPECT_SAYS(row.remedy, "--precision fp32");
}

TEST(DeviceRow, SilentFallBacksAreWarnings) {
  const Finding precision = check_device(
      report_of({{.model = "self-test", .asked = runtime::Precision::fp16, .ran = runtime::Precision::fp32}}));
  EXPECT_EQ(precision.health, Health::warning);
  EXPECT_SAYS(precision.text, "fp16 was requested, fp32 ran");
  const Finding nodes = check_device(report_of({{.model = "self-test", .nodes = 7, .nodes_on_cpu = 2}}));
  EXPECT_EQ(nodes.health, Health::warning);
  EXPECT_SAYS(nodes.text, "2 of 7 nodes ran on the CPU");
}

TEST(DeviceRow, AnAbsentDeviceIsNoProblemAndACrashIsOne) {
  DeviceReport report;
  report.status.id = "cuda";
  report.status.reason = "no NVIDIA driver";
  EXPECT_EQ(check_device(report).health, Health::absent);
  report.crash = "signal 11";
  EXPECT_EQ(check_device(report).health, Health::problem);
}

TEST(SelfTests, ComeThroughTheirLines) {
  DeviceReport sent = report_of({});
  sent.backend = {"onnxruntime", "1.2.3", "/lib/x.so", ""};
  sent.status.hardware = "a \"card\"\xff";
  DeviceReport got;
  std::string step;
  take_line("a library says hello", got, step);
  take_line("{\"self_test\": 7}", got, step);
  take_line(line_of_step("loading"), got, step);
  take_line(line_of_device(sent), got, step);
  take_line(line_of_self_test({.model = "self-test", .asked = runtime::Precision::bf16, .batch = 2, .error = 0.5}), got,
            step);
  EXPECT_EQ(step, "loading");
  EXPECT_TRUE(got.status.available);
  EXPECT_EQ(got.status.precisions, sent.status.precisions);
  EXPECT_EQ(got.backend.version, "1.2.3");
  ASSERT_EQ(got.self_tests.size(), 1U);
  EXPECT_EQ(got.self_tests.front().asked, runtime::Precision::bf16);
  EXPECT_EQ(got.self_tests.front().error, 0.5);
}

TEST(SelfTests, TheCpuPassesThem) {
  const TemporaryFolder folder;
  DeviceReport report;
  std::string step;
  run_self_tests("cpu", {folder / "s.yaml", folder / "models", folder / "state", folder / "cache", folder / "data"},
                 [&](const std::string& line) { take_line(line, report, step); });
  EXPECT_TRUE(report.status.available) << report.status.reason;
  EXPECT_GE(report.self_tests.size(), 2U);
  for (const SelfTest& self_test : report.self_tests) EXPECT_EQ(self_test.trouble, "");
}

TEST(Checks, ProcessorAndItsLimits) {
  Processor processor;
  processor.logical_cores = processor.affinity_cores = processor.usable_cores = 64;
  processor.features = {"AVX2"};
  for (const Finding& row : check_processor(processor, "")) EXPECT_EQ(row.health, Health::ok);
  processor.quota = 0.5;
  processor.usable_cores = 1;
  processor.features = {};
  const std::vector<Finding> limited = check_processor(processor, "docker");
  EXPECT_EQ(limited[0].health, Health::warning);
  EXPECT_SAYS(limited[0].text, "1 core for pixmill of 64; its control group grants 0.5; in a container (docker)");
  EXPECT_EQ(limited[1].health, Health::warning);
}

TEST(Checks, Memory) {
  constexpr std::int64_t kGiB = std::int64_t{1} << 30;
  EXPECT_EQ(check_memory({16 * kGiB, 8 * kGiB, 0}).health, Health::ok);
  EXPECT_EQ(check_memory({16 * kGiB, kGiB / 2, 0}).health, Health::warning);
  const Finding limited = check_memory({16 * kGiB, 8 * kGiB, kGiB});
  EXPECT_EQ(limited.health, Health::warning);
  EXPECT_SAYS(limited.text, "grants 1.0 GiB");
}

TEST(Checks, FoldersWithoutSpaceOrPermission) {
  EXPECT_EQ(check_folder({"cache", "c", std::int64_t{9} << 30, ""}).health, Health::ok);
  EXPECT_EQ(check_folder({"cache", "c", std::int64_t{500} << 20, ""}).health, Health::warning);
  EXPECT_EQ(check_folder({"cache", "c", std::int64_t{5} << 20, ""}).health, Health::problem);
  EXPECT_EQ(check_folder({"output", "o", std::int64_t{9} << 30, "read-only"}).health, Health::problem);
}

TEST(Checks, FormatsThatLibvipsLacks) {
  using codecs::Format;
  const std::vector<Finding> rows = check_formats("8.14.1", {{Format::jpeg, true, false},
                                                             {Format::png, true, true},
                                                             {Format::avif, false, false},
                                                             {Format::heic, true, false}});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_SAYS(rows[0].text, "8.14.1; reads jpeg, png, heic; writes png");
  EXPECT_EQ(rows[1].subject + std::string(name_of(rows[1].health)), "jpegproblem");
  EXPECT_EQ(rows[2].subject + std::string(name_of(rows[2].health)), "avifwarning");
  EXPECT_SAYS(rows[2].remedy, "libheif");
}

TEST(Checks, ClockAndOpenFiles) {
  EXPECT_EQ(check_clock(1'800'000'000, 1'790'000'000).health, Health::ok);
  EXPECT_EQ(check_clock(0, 1'790'000'000).health, Health::warning);
  EXPECT_EQ(check_open_files(1024).health, Health::ok);
  EXPECT_EQ(check_open_files(64).health, Health::warning);
}

TEST(Checks, TheCatalogueIsReadAndNotRepaired) {
  const TemporaryFolder folder;
  platform::Home home;
  home.state = folder.path();
  EXPECT_EQ(check_catalogue(home).health, Health::ok);
  const auto damaged = write_file(pipeline::catalogue_file(home), std::string(5000, 'x'));
  EXPECT_EQ(check_catalogue(home).health, Health::problem);
  EXPECT_EQ(testing::file_text(damaged), std::string(5000, 'x'));
}

TEST(Redactor, FoldersAndNames) {
  Redactor redact{Redactor::Nothing{}};
  redact.add("/home/Zoë [x] O'Neil", "<home>");
  redact.add("/home/Zoë [x] O'Neil/.cache/pixmill", "<cache>");
  redact.add_name("zoe", "<user>");
  redact.add_name("al", "<user>");
  EXPECT_EQ(redact("in /home/Zoë [x] O'Neil/.cache/pixmill/a.bin"), "in <cache>/a.bin");
  EXPECT_EQ(redact("/home/Zoë [x] O'Neil/cut/b.png, twice /home/Zoë [x] O'Neil"), "<home>/cut/b.png, twice <home>");
  EXPECT_EQ(redact("zoe@box zoetrope al"), "<user>@box zoetrope al");
  EXPECT_EQ(redact("/home/Zoë [x] O'Neill/c"), "<path>/Zoë [x] O'Neill/c") << "another folder, not below this one";
}

TEST(Redactor, OtherPathsLoseTheirFolders) {
  const Redactor redact{Redactor::Nothing{}};
  EXPECT_EQ(redact("library /usr/lib/libvips.so, /mnt/acme/models/a.onnx:3"),
            "library /usr/lib/libvips.so, <path>/a.onnx:3");
  EXPECT_EQ(redact("5 img/s; https://example.org/x/y; 1/2"), "5 img/s; https://example.org/x/y; 1/2");
}

}  // namespace
}  // namespace pixmill::measure
