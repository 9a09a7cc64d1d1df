#include "pixmill/measure/bench.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "measure/bench/record.h"
#include "measure/profile.h"
#include "support/testing.h"

namespace pixmill::measure {
namespace {

using Json = nlohmann::ordered_json;
using pixmill::testing::error_of;
using pixmill::testing::file_text;
using pixmill::testing::TemporaryFolder;
using pixmill::testing::write_file;

// Ten pictures in `warm_s` seconds, each of the seven stages `ms` long, the model alone at `bare` pictures a second.
BenchRun run_of(double warm_s, double ms, double bare) {
  BenchRun run;
  run.cold_s = warm_s + 1;
  run.warm_s = warm_s;
  run.done = 10;
  run.bare_rate = bare;
  for (int i = 0; i < 10; ++i) {
    BenchPicture picture{"picture", {400, 300}};
    picture.times.fill(ms);
    run.pictures.push_back(picture);
  }
  run.memory_peak = 100;
  run.session.backend = "onnxruntime";
  return run;
}

ContenderResult contender(const std::string& name, std::vector<BenchRun> runs) {
  return {.contender = {.name = name, .options = {}, .command = {}}, .runs = std::move(runs)};
}

Bench bench_of(std::vector<ContenderResult> contenders) {
  Bench bench;
  bench.job = "cutout";
  bench.contenders = std::move(contenders);
  return bench;
}

bool says(const std::vector<std::string>& sentences, const std::string& part) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(part) != std::string::npos; });
}

TEST(BenchSummary, RatesRatiosAndLatency) {
  const ContenderResult slow = contender("slow", {run_of(2, 1, 10), run_of(1, 1, 10)});
  const ContenderResult fast = contender("fast", {run_of(1, 2, 20), run_of(0.5, 2, 30)});
  const BenchSummary summary = summarise(fast, slow);
  EXPECT_DOUBLE_EQ(summary.rate.min, 10);
  EXPECT_DOUBLE_EQ(summary.rate.max, 20);
  EXPECT_DOUBLE_EQ(summary.first_ratio, 2);    // within each round, not of the medians
  EXPECT_DOUBLE_EQ(summary.bare_ratio, 1.75);  // of 2 and 1.5
  EXPECT_DOUBLE_EQ(summary.latency_ms.mean, 14);
  EXPECT_EQ(summary.latency_ms.count, 20);
  EXPECT_DOUBLE_EQ(summary.stages_ms[3].median, 2);
  EXPECT_EQ(summary.quantiles_ms.size(), 21U);
  EXPECT_EQ(summary.memory_peak, 100);
}

TEST(BenchSummary, WithoutWarmUpTheColdPassCounts) {
  BenchRun run = run_of(0, 1, 0);
  run.cold_s = 5;
  EXPECT_DOUBLE_EQ(run.rate(), 2);
  EXPECT_DOUBLE_EQ(summarise(contender("it", {run}), contender("it", {run})).bare_ratio, 0);
}

TEST(BenchVerdict, NamesTheQuickestItsLimitAndWhatIsSlower) {
  const auto sentences =
      verdict(bench_of({contender("first", {run_of(1, 1, 10.5)}), contender("second", {run_of(0.5, 1, 40)}),
                        contender("third", {run_of(2, 1, 0)})}));
  EXPECT_TRUE(says(sentences, "second is the fastest, 20.0 img/s: 2.00 x first"));
  EXPECT_TRUE(says(sentences, "Slower than first: third (0.50 x)"));
  EXPECT_TRUE(says(sentences, "first: the limit is the bare model, 10.5 img/s; end to end takes 1.05 x as long: only"));
  EXPECT_TRUE(says(sentences, "second: the limit is the bare model, 40.0 img/s; end to end takes 2.00 x as long; "));
}

TEST(BenchVerdict, SaysWhatCannotBeToldApart) {
  const auto sentences = verdict(bench_of({contender("first", {run_of(1, 1, 0), run_of(2, 1, 0)}),
                                           contender("second", {run_of(0.9, 1, 0), run_of(1.5, 1, 0)})}));
  EXPECT_TRUE(says(sentences, "second is the fastest") && says(sentences, "as fast within the noise: first."));
}

TEST(BenchVerdict, OfNothing) {
  EXPECT_TRUE(says(verdict(bench_of({contender("it", {})})), "Nothing was measured"));
}

TEST(BenchRecord, SurvivesTheWayBetweenProcesses) {
  BenchRun run = run_of(1, 2, 3);
  run.session.placement = {{"CPUExecutionProvider", 7}};
  run.session.precision = runtime::Precision::bf16;
  run.warnings = {"careful"};
  const BenchRun back = run_from_json(Json::parse(dump_line(to_json(run))));
  EXPECT_EQ(to_json(back), to_json(run));
  EXPECT_EQ(back.session.precision, runtime::Precision::bf16);
  EXPECT_EQ(back.pictures.size(), 10U);
}

TEST(BenchRecord, APeerTellsLittle) {
  const BenchRun run = run_from_json(Json::parse(R"({"done": 4, "warm_s": 2, "memory_peak": 5})"));
  EXPECT_DOUBLE_EQ(run.rate(), 2);
  EXPECT_TRUE(run.session.backend.empty());
}

TEST(BenchJson, HasEveryContenderAndNullsForWhatWasNotMeasured) {
  ContenderResult failed = contender("cuda", {});
  failed.failure = "no driver";
  const Json json = Json::parse(bench_json(bench_of({failed, contender("cpu", {run_of(1, 1, 0)})})));
  EXPECT_EQ(json["schema"], "pixmill-bench-1");
  EXPECT_EQ(json["contenders"][0]["state"], "failed");
  EXPECT_EQ(json["contenders"][0]["failure"], "no driver");
  EXPECT_TRUE(json["contenders"][0]["summary"]["rate"]["median"].is_null());
  EXPECT_TRUE(json["contenders"][1]["summary"]["bare_ratio"].is_null());
  EXPECT_DOUBLE_EQ(json["contenders"][1]["summary"]["first_ratio"], 1);
}

TEST(BenchCsv, OneRowAContenderWithAsManyFieldsAsTheHead) {
  ContenderResult failed = contender("a, b", {});
  failed.failure = "no \"driver\"";
  const std::string csv = bench_csv(bench_of({failed, contender("cpu", {run_of(1, 1, 2)})}));
  std::istringstream stream(csv);
  std::string head, first, second, more;
  std::getline(stream, head);
  std::getline(stream, first);
  std::getline(stream, second);
  EXPECT_FALSE(std::getline(stream, more));
  EXPECT_TRUE(first.starts_with("\"a, b\",\"no \"\"driver\"\"\","));
  EXPECT_EQ(std::count(head.begin(), head.end(), ','), std::count(second.begin(), second.end(), ','));
  EXPECT_EQ(std::count(head.begin(), head.end(), ',') + 1, std::count(first.begin(), first.end(), ','));
  EXPECT_SAYS(head, "rate_median");
  EXPECT_SAYS(head, "stages_ms_infer_p95");
}

// Contenders that are shells keep to the protocol as well as any.
Contender shell(const std::string& name, const std::string& script) {
  return {.name = name, .options = {}, .command = {"sh", "-c", script}};
}

TEST(BenchRounds, InTurnsAndRotated) {
  const TemporaryFolder folder;
  const std::string log = (folder / "log").string();
  const auto runs = [&](const std::string& name) {
    return shell(name, "printf %s " + name + " >> '" + log + R"('; echo '{"pass":"cold","ended":true}'; )" +
                           R"(test -d "$PIXMILL_BENCH_FOLDER" && echo '{"run":{"done":3,"warm_s":1}}')");
  };
  Bench bench = bench_of({});
  bench.options.runs = 3;
  run_bench(
      bench, {runs("a"), runs("b")}, folder / "scratch", [](const BenchStep&) {}, false);
  EXPECT_EQ(file_text(log), "abbaab");
  ASSERT_EQ(bench.contenders[1].runs.size(), 3U);
  EXPECT_DOUBLE_EQ(bench.contenders[1].runs[0].rate(), 3);
  EXPECT_GT(bench.contenders[1].runs[0].cold_s, 0);
}

TEST(BenchRounds, AContenderThatFailsIsAskedNoMoreAndTheOthersGoOn) {
  const TemporaryFolder folder;
  Bench bench = bench_of({});
  bench.options.runs = 2;
  int failures = 0;
  const auto count = [&](const BenchStep& step) { failures += step.failure != nullptr ? 1 : 0; };
  run_bench(bench,
            {shell("refuses", R"(echo '{"error":{"message":"no such device","hint":"look"}}')"),
             shell("dies", "echo trouble >&2; exit 3"), shell("babbles", R"(echo '{"run":{"done":"many"}}')"),
             shell("runs", R"(echo chatter; echo '{"run":{"done":1,"warm_s":1}}')")},
            folder / "scratch", count, false);
  EXPECT_EQ(failures, 3);
  EXPECT_EQ(bench.contenders[0].failure, "no such device");
  EXPECT_EQ(bench.contenders[0].hint, "look");
  EXPECT_SAYS(bench.contenders[1].failure, "exit code 3; trouble");
  EXPECT_SAYS(bench.contenders[2].failure, "protocol");
  EXPECT_EQ(bench.contenders[3].runs.size(), 2U);
}

TEST(BenchRounds, ARowIsNamedByThePrecisionThatRan) {
  const TemporaryFolder folder;
  Bench bench = bench_of({});
  bench.options.runs = 2;
  const auto asked = [](const std::string& precision) {
    Contender contender =
        shell(precision, R"(echo '{"run":{"done":1,"warm_s":1,"session":{"backend":"x","precision":"fp32"}}}')");
    contender.options = {{"precision", precision}};
    return contender;
  };
  run_bench(
      bench, {asked("bf16"), asked("fp32"), asked("auto")}, folder / "scratch", [](const BenchStep&) {}, false);
  EXPECT_EQ(bench.contenders[0].contender.name, "bf16 (ran in fp32)");
  EXPECT_EQ(bench.contenders[1].contender.name, "fp32");
  EXPECT_EQ(bench.contenders[2].contender.name, "auto");
}

TEST(BenchRounds, StopsWhenAsked) {
  const TemporaryFolder folder;
  Bench bench = bench_of({});
  std::atomic<bool> stop = false;
  run_bench(
      bench, {shell("a", R"(echo '{"run":{"done":1,"warm_s":1}}')"), shell("b", "sleep 60")}, folder / "scratch",
      [&](const BenchStep& step) { stop = step.ended != nullptr; }, stop);
  EXPECT_TRUE(bench.interrupted);
  EXPECT_EQ(bench.contenders[0].runs.size(), 1U);
  EXPECT_TRUE(bench.contenders[1].runs.empty());
}

TEST(Profile, SumsTheNodesOfAKind) {
  const TemporaryFolder folder;
  const auto trace = write_file(folder / "trace.json", R"([
    {"cat": "Session", "name": "model_run", "dur": 99},
    {"cat": "Node", "name": "conv1_kernel_time", "dur": 3000, "args": {"op_name": "Conv"}},
    {"cat": "Node", "name": "conv1_kernel_time", "dur": 3000, "args": {"op_name": "Conv"}},
    {"cat": "Node", "name": "conv2_kernel_time", "dur": 1000, "args": {"op_name": "Conv"}},
    {"cat": "Node", "name": "relu_kernel_time", "dur": 1000, "args": {"op_name": "Relu"}},
    {"cat": "Node", "name": "relu_fence_before", "dur": 5000, "args": {"op_name": "Relu"}}])");
  const auto operators = slowest_operators(trace, 2);
  ASSERT_EQ(operators.size(), 2U);
  EXPECT_EQ(operators[0].name, "Conv");
  EXPECT_DOUBLE_EQ(operators[0].ms, 3.5);
  EXPECT_EQ(operators[0].nodes, 2);
  EXPECT_DOUBLE_EQ(operators[0].share, 0.875);
  EXPECT_EQ(error_of(ErrorCode::corrupt, [&] { slowest_operators(folder / "none.json", 1); }).code(),
            ErrorCode::corrupt);
}

}  // namespace
}  // namespace pixmill::measure
