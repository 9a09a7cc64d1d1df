#include "pixmill/measure/bench.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "measure/bench/record.h"
#include "pixmill/core/text.h"
#include "pixmill/platform/child.h"

namespace pixmill::measure {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

// What a process said until it ended.
struct Said {
  double cold_s = 0.0;  // until it said that its cold pass had ended
  std::optional<BenchRun> run;
  std::optional<std::vector<OperatorTime>> operators;
  std::string failure, hint;
};

// Lines that are not of the protocol (output of libraries) are ignored.
void handle_line(std::string_view line, Clock::time_point start, Said& said,
                 const std::function<void(BenchStep)>& on_step, BenchStep step) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return;
  try {
    if (json.contains("run")) said.run = run_from_json(json["run"]);
    if (json.contains("operators")) said.operators = operators_from_json(json["operators"]);
    if (json.contains("error")) {
      said.failure = json["error"].value("message", "it failed without a message");
      said.hint = json["error"].value("hint", "");
    }
    if (!json.contains("pass")) return;
    step.pass = json["pass"].get<std::string>();
    step.done = json.value("done", std::int64_t{0});
    step.total = json.value("total", std::int64_t{0});
    if (step.pass == "cold" && json.value("ended", false))
      said.cold_s = std::chrono::duration<double>(Clock::now() - start).count();
    on_step(step);
  } catch (const Json::exception&) {
    said.failure = "it broke the protocol: " + std::string(line.substr(0, 200));
  }
}

class Rounds {
 public:
  Rounds(Bench& bench, const fs::path& scratch, const std::function<void(const BenchStep&)>& on_step,
         const std::atomic<bool>& stop)
      : bench_(bench), scratch_(scratch), on_step_(on_step), stop_(stop) {}

  void run() {
    const std::size_t count = bench_.contenders.size();
    for (int round = 0; round < bench_.options.runs; ++round) {
      for (std::size_t i = 0; i < count && !stop_; ++i) {
        ContenderResult& result = bench_.contenders[(i + static_cast<std::size_t>(round)) % count];
        if (result.failure.empty()) measure(result, round + 1);
      }
    }
    for (ContenderResult& result : bench_.contenders) {
      if (bench_.options.profile && !result.runs.empty() && !stop_) profile(result);
    }
    bench_.interrupted = stop_;
  }

 private:
  // A row must not carry the name of a precision that did not run.
  static void name_what_ran(Contender& contender, const runtime::SessionInfo& session) {
    for (const auto& [option, value] : contender.options) {
      const std::string ran(runtime::name_of(session.precision));
      if (option == "precision" && value != "auto" && value != ran && !session.backend.empty())
        contender.name += " (ran in " + ran + ")";
    }
  }

  void measure(ContenderResult& result, int number) {
    BenchStep step{.contender = result.contender, .run = number};
    Said said = ask(result, step, false);
    if (stop_) return;
    if (said.run) {
      said.run->cold_s = said.cold_s;
      if (result.runs.empty()) name_what_ran(result.contender, said.run->session);
      result.runs.push_back(std::move(*said.run));
      step.ended = &result.runs.back();
    } else {
      result.failure = said.failure;
      result.hint = said.hint;
      step.failure = &result.failure;
    }
    on_step_(step);
  }

  void profile(ContenderResult& result) {
    Said said = ask(result, {.contender = result.contender, .run = bench_.options.runs}, true);
    if (said.operators)
      result.operators = std::move(*said.operators);
    else
      result.profile_note = said.failure;
  }

  Said ask(const ContenderResult& result, const BenchStep& step, bool profile) {
    const fs::path folder = scratch_ / std::to_string(++processes_);
    fs::create_directories(folder);
    fs::create_directories(scratch_ / "cache");
    platform::ChildOptions options;
    options.stop = &stop_;
    options.folder = result.contender.folder;
    options.environment = {{"PIXMILL_BENCH_FOLDER", folder.string()},
                           {"PIXMILL_BENCH_CACHE", (scratch_ / "cache").string()},
                           {"PIXMILL_BENCH_PASSES", profile                  ? "profile"
                                                    : bench_.options.warm_up ? "cold,warm"
                                                                             : "cold"}};
    Said said;
    const auto start = Clock::now();
    options.on_line = [&](std::string_view line) { handle_line(line, start, said, on_step_, step); };
    const platform::ChildResult ended = platform::run_child(result.contender.command, options);
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    if (!said.run && !said.operators && said.failure.empty()) {
      const std::string words = last_line(ended.errors);
      said.failure =
          "it ended without a result: " + platform::ending_of(ended, options) + (words.empty() ? "" : "; " + words);
    }
    return said;
  }

  Bench& bench_;
  const fs::path& scratch_;
  const std::function<void(const BenchStep&)>& on_step_;
  const std::atomic<bool>& stop_;
  int processes_ = 0;
};

}  // namespace

double BenchPicture::total_ms() const {
  return std::accumulate(times.begin(), times.end(), 0.0);
}

double BenchRun::rate() const {
  const double seconds = warm_s > 0 ? warm_s : cold_s;
  return seconds > 0 ? static_cast<double>(done) / seconds : 0.0;
}

bool Bench::anything() const {
  return !parts.empty() ||
         std::any_of(contenders.begin(), contenders.end(), [](const auto& result) { return !result.runs.empty(); });
}

void run_bench(Bench& bench, const std::vector<Contender>& contenders, const fs::path& scratch,
               const std::function<void(const BenchStep&)>& on_step, const std::atomic<bool>& stop) {
  bench.contenders.clear();
  for (const Contender& contender : contenders) bench.contenders.push_back({.contender = contender});
  Rounds(bench, scratch, on_step, stop).run();
}

}  // namespace pixmill::measure
