#include "cli/output/bench_tables.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/bytes_text.h"
#include "pixmill/core/format_text.h"

namespace pixmill::cli {
namespace {

using measure::Bench;
using measure::BenchRun;
using measure::BenchSummary;
using measure::ContenderResult;
using pipeline::Stage;

// 0.12, 1.23, 12.3, 1234; "-" for what was not measured.
std::string number(double value) {
  if (value <= 0) return "-";
  return format_text(value < 10 ? "%.2f" : value < 1000 ? "%.1f" : "%.0f", value);
}

std::string precise(double ms) {
  return ms > 0 && ms < 1 ? format_text("%.4f", ms) : number(ms);
}

std::string memory(std::int64_t bytes) {
  return bytes > 0 ? format_text("%.0f", static_cast<double>(bytes) / (1 << 20)) : "-";
}

struct Ran {
  const ContenderResult* result;
  BenchSummary summary;

  const std::string& name() const { return result->contender.name; }
};

std::vector<Ran> ran(const Bench& bench) {
  std::vector<Ran> all;
  const ContenderResult* first = nullptr;
  for (const ContenderResult& result : bench.contenders) {
    if (result.runs.empty()) continue;
    if (first == nullptr) first = &result;
    all.push_back({&result, summarise(result, *first)});
  }
  return all;
}

Table speed(const std::vector<Ran>& all) {
  Table table{
      .title = "Speed",
      .note =
          "Medians over the runs; +- is their standard deviation; bare is the bare model, and x slower is bare "
          "divided by end to end. A picture's time is that of all its stages.",
      .head = {"contender", "img/s", "+-", "x first", "bare img/s", "x slower", "ms a picture", "p95 ms", "cold s"},
      .rows = {},
      .bars = 1};
  for (const Ran& ran : all) {
    const BenchSummary& summary = ran.summary;
    table.rows.push_back({ran.name(), number(summary.rate.median), number(summary.rate.deviation),
                          number(summary.first_ratio), number(summary.bare_rate.median), number(summary.bare_ratio),
                          number(summary.latency_ms.median), number(summary.latency_ms.p95),
                          number(summary.cold_s.median)});
  }
  return table;
}

Table stages(const std::vector<Ran>& all) {
  Table table{.title = "Milliseconds a picture, by stage",
              .note = "Means over all pictures and runs.",
              .head = {"contender"},
              .rows = {}};
  for (std::size_t i = 0; i < pipeline::kStages; ++i) table.head.emplace_back(name_of(static_cast<Stage>(i)));
  table.head.insert(table.head.end(), {"all", "min", "+-", "max"});
  for (const Ran& ran : all) {
    const measure::Statistics& whole = ran.summary.latency_ms;
    if (whole.count == 0) continue;
    std::vector<std::string> row = {ran.name()};
    for (const measure::Statistics& stage : ran.summary.stages_ms) row.push_back(number(stage.mean));
    for (const double value : {whole.mean, whole.min, whole.deviation, whole.max}) row.push_back(number(value));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table memory_table(const std::vector<Ran>& all) {
  Table table{.title = "Memory, MiB",
              .note =
                  "Resident memory: at the start of the process, after its last picture, and its peak. Every run has "
                  "its own process.",
              .head = {"contender", "before", "after", "more", "peak"},
              .rows = {},
              .bars = 4};
  for (const Ran& ran : all) {
    const BenchSummary& summary = ran.summary;
    table.rows.push_back({ran.name(), memory(summary.memory_before), memory(summary.memory_after),
                          "+" + memory(summary.memory_after - summary.memory_before), memory(summary.memory_peak)});
  }
  return table;
}

Table places(const std::vector<Ran>& all) {
  Table table{
      .title = "Where it ran",
      .note = "Streams, threads and batch as requested; the precision is read back where the runtime reports it.",
      .head = {"contender", "model", "device", "backend", "precision", "streams", "batch", "load s"},
      .rows = {}};
  for (const Ran& ran : all) {
    const BenchRun& run = ran.result->runs.front();
    const runtime::SessionInfo& session = run.session;
    if (session.backend.empty()) continue;
    table.rows.push_back({ran.name(), std::filesystem::path(run.model).filename().string(), session.device,
                          session.backend + " " + session.backend_version,
                          std::string(runtime::name_of(session.precision)),
                          format_text("%d x %d", session.streams, session.threads), std::to_string(run.batch),
                          number(session.load_seconds)});
  }
  return table;
}

Table failures(const Bench& bench) {
  Table table{.title = "Did not run", .note = {}, .head = {"contender", "reason"}, .rows = {}};
  for (const ContenderResult& result : bench.contenders) {
    if (result.failure.empty()) continue;
    table.rows.push_back(
        {result.contender.name, result.failure + (result.hint.empty() ? "" : " (" + result.hint + ")")});
  }
  return table;
}

Table operators(const ContenderResult& result) {
  Table table{.title = "Slowest operators: " + result.contender.name,
              .note = result.profile_note.empty() ? "Milliseconds of one inference, summed over the nodes of a kind."
                                                  : "No profile: " + result.profile_note + ".",
              .head = {"operator", "ms", "share", "nodes"},
              .rows = {},
              .bars = 1};
  for (const measure::OperatorTime& time : result.operators)
    table.rows.push_back(
        {time.name, number(time.ms), format_text("%.1f %%", 100 * time.share), std::to_string(time.nodes)});
  return table;
}

Table part_table(const measure::PartResult& part) {
  Table table{.title = "Part " + part.name + ": " + part.summary,
              .note = "Medians of one run over all of it; x faster: than the row named beside it.",
              .head = {"what", "ms", "min", "p95", "a second", "of", "x faster", "than"},
              .rows = {},
              .bars = 0};
  for (const measure::PartRow& row : part.rows) {
    table.rows.push_back({row.name, precise(row.ms.median), precise(row.ms.min), precise(row.ms.p95),
                          number(row.rate()), row.item, row.beside.empty() ? "-" : number(row.times_faster),
                          row.beside.empty() ? "-" : row.beside});
  }
  return table;
}

double before(const pipeline::StageTimes& times, Stage end) {
  double sum = 0.0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(end); ++i) sum += times[i];
  return sum;
}

double of_stage(const pipeline::StageTimes& times, Stage stage) {
  return times[static_cast<std::size_t>(stage)];
}

}  // namespace

std::vector<Table> tables(const Bench& bench) {
  const std::vector<Ran> all = ran(bench);
  std::vector<Table> list = {speed(all), stages(all), memory_table(all), places(all), failures(bench)};
  for (const ContenderResult& result : bench.contenders) {
    if (!result.operators.empty() || !result.profile_note.empty()) list.push_back(operators(result));
  }
  for (const measure::PartResult& part : bench.parts) list.push_back(part_table(part));
  std::erase_if(list, [](const Table& table) { return table.rows.empty() && !table.title.starts_with("Slowest"); });
  return list;
}

Table runs_table(const Bench& bench) {
  Table table{.title = "Every run",
              .note = {},
              .head = {"contender", "run", "img/s", "warm s", "cold s", "bare img/s", "pictures", "failed", "peak MiB"},
              .rows = {}};
  for (const ContenderResult& result : bench.contenders) {
    for (std::size_t i = 0; i < result.runs.size(); ++i) {
      const BenchRun& run = result.runs[i];
      table.rows.push_back({result.contender.name, std::to_string(i + 1), number(run.rate()), number(run.warm_s),
                            number(run.cold_s), number(run.bare_rate), std::to_string(run.done),
                            std::to_string(run.failed), memory(run.memory_peak)});
    }
  }
  return table;
}

std::string single_picture_line(const BenchRun& run, int number_of_run, int runs) {
  const measure::BenchPicture& picture = run.pictures.front();
  const double all = picture.total_ms(), pre = before(picture.times, Stage::infer);
  const double infer = of_stage(picture.times, Stage::infer);
  return format_text("Run %d/%d: ", number_of_run, runs) +
         printable(std::filesystem::path(picture.name).filename().string()) +
         format_text(" | %dx%d | %s | Pre: %.1fms | Inf: %.1fms | Post: %.1fms | Total: %.1fms (%.2f FPS)",
                     picture.size.width, picture.size.height, run.session.device.c_str(), pre, infer, all - pre - infer,
                     all, all > 0 ? 1000.0 / all : 0.0);
}

std::string single_picture_summary(const BenchSummary& summary) {
  const measure::Statistics& all = summary.latency_ms;
  return format_text("Average total %.1fms (%.2f FPS)   average inference %.1fms   min %.1fms   max %.1fms   +- %.1fms",
                     all.mean, 1000.0 / all.mean, summary.stages_ms[static_cast<std::size_t>(Stage::infer)].mean,
                     all.min, all.max, all.deviation);
}

std::string heading(const Bench& bench) {
  if (bench.contenders.empty())
    return bench.job + (bench.pictures > 0 ? " of " + count_text(bench.pictures, "picture") : "");
  return bench.job + " of " + count_text(bench.pictures, "picture") + ", " + count_text(bench.options.runs, "run") +
         (bench.contenders.size() > 1 ? " each, in turns" : "") +
         (bench.options.warm_up ? ", after a warm-up" : ", without warm-up");
}

}  // namespace pixmill::cli
