// The report of a bench as JSON, and the same figures as CSV. docs/bench.md has the schema.
#include <algorithm>
#include <cmath>

#include "measure/bench/record.h"
#include "pixmill/core/text.h"
#include "pixmill/platform/cores.h"

namespace pixmill::measure {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value) {
  return std::round(value * 1e4) / 1e4;
}

Json statistics_json(const Statistics& values) {
  if (values.count == 0)
    return {{"count", 0},     {"min", nullptr}, {"mean", nullptr},     {"median", nullptr},
            {"p95", nullptr}, {"max", nullptr}, {"deviation", nullptr}};
  return {{"count", values.count},
          {"min", rounded(values.min)},
          {"mean", rounded(values.mean)},
          {"median", rounded(values.median)},
          {"p95", rounded(values.p95)},
          {"max", rounded(values.max)},
          {"deviation", rounded(values.deviation)}};
}

Json number_or_null(double value) {
  return value > 0 ? Json(rounded(value)) : Json(nullptr);
}

Json summary_json(const BenchSummary& summary) {
  Json stages;
  for (std::size_t i = 0; i < pipeline::kStages; ++i)
    stages[std::string(name_of(static_cast<pipeline::Stage>(i)))] = statistics_json(summary.stages_ms[i]);
  return {{"rate", statistics_json(summary.rate)},
          {"cold_s", statistics_json(summary.cold_s)},
          {"bare_rate", statistics_json(summary.bare_rate)},
          {"bare_ratio", number_or_null(summary.bare_ratio)},
          {"first_ratio", number_or_null(summary.first_ratio)},
          {"latency_ms", statistics_json(summary.latency_ms)},
          {"stages_ms", stages},
          {"memory_bytes",
           {{"before", summary.memory_before}, {"after", summary.memory_after}, {"peak", summary.memory_peak}}}};
}

Json machine_json(const Machine& machine) {
  Json backends = Json::object();
  for (const runtime::BackendStatus& backend : machine.backends) {
    if (!backend.version.empty()) backends[backend.name] = backend.version;
  }
  return {{"processor", machine.processor.name},
          {"cores", machine.processor.usable_cores},
          {"features", machine.processor.features},
          {"memory_bytes", machine.memory.usable_bytes()},
          {"gpus", machine.gpus},
          {"operating_system", machine.operating_system},
          {"kernel", machine.kernel},
          {"container", machine.container},
          {"backends", backends},
          {"libvips", machine.libvips_version}};
}

const ContenderResult& first_that_ran(const Bench& bench) {
  const auto found = std::find_if(bench.contenders.begin(), bench.contenders.end(),
                                  [](const ContenderResult& result) { return !result.runs.empty(); });
  return found == bench.contenders.end() ? bench.contenders.front() : *found;
}

Json contender_json(const ContenderResult& result, const ContenderResult& first) {
  Json options = Json::object();
  for (const auto& [name, value] : result.contender.options) options[name] = value;
  Json runs = Json::array();
  for (const BenchRun& run : result.runs) runs.push_back(to_json(run));
  const BenchSummary summary = summarise(result, first);
  Json quantiles = Json::array();
  for (const double ms : summary.quantiles_ms) quantiles.push_back(rounded(ms));
  return {{"name", result.contender.name},
          {"options", options},
          {"state", result.runs.empty() ? "failed" : "ran"},
          {"failure", result.failure},
          {"hint", result.hint},
          {"summary", summary_json(summary)},
          {"latency_quantiles_ms", quantiles},
          {"operators", to_json(result.operators)},
          {"profile_note", result.profile_note},
          {"runs", runs}};
}

Json part_json(const PartResult& part) {
  Json rows = Json::array();
  for (const PartRow& row : part.rows) {
    Json one = {{"name", row.name},
                {"ms", statistics_json(row.ms)},
                {"items", row.items},
                {"item", row.item},
                {"rate", rounded(row.rate())}};
    if (!row.beside.empty()) one.update({{"beside", row.beside}, {"times_faster", rounded(row.times_faster)}});
    rows.push_back(std::move(one));
  }
  return {{"name", part.name}, {"summary", part.summary}, {"rows", rows}};
}

Json to_json(const Bench& bench) {
  Json contenders = Json::array();
  for (const ContenderResult& result : bench.contenders)
    contenders.push_back(contender_json(result, first_that_ran(bench)));
  Json parts = Json::array();
  for (const PartResult& part : bench.parts) parts.push_back(part_json(part));
  return {{"schema", "pixmill-bench-1"},
          {"job", bench.job},
          {"date", bench.date},
          {"command", bench.command},
          {"pixmill", bench.machine.pixmill_version},
          {"pictures", bench.pictures},
          {"runs", bench.options.runs},
          {"warm_up", bench.options.warm_up},
          {"interrupted", bench.interrupted},
          {"machine", machine_json(bench.machine)},
          {"contenders", contenders},
          {"parts", parts},
          {"verdict", verdict(bench)}};
}

std::string csv_field(const Json& value) {
  if (value.is_null()) return {};
  if (!value.is_string()) return value.dump();
  const std::string& text = value.get_ref<const std::string&>();
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string bench_json(const Bench& bench) {
  return dump_line(to_json(bench));
}

namespace {

std::string parts_csv(const std::vector<PartResult>& parts) {
  std::string text = "part,what,ms,ms_min,ms_p95,rate,item,times_faster,beside\r\n";
  for (const PartResult& part : parts) {
    for (const PartRow& row : part.rows) {
      const Json cells[] = {
          part.name,           row.name, rounded(row.ms.median),           rounded(row.ms.min), rounded(row.ms.p95),
          rounded(row.rate()), row.item, number_or_null(row.times_faster), row.beside};
      std::string line;
      for (const Json& cell : cells) line += (&cell == cells ? "" : ",") + csv_field(cell);
      text += line + "\r\n";
    }
  }
  return text;
}

}  // namespace

// The columns are the keys of the JSON: summary.rate.median is rate_median.
std::string bench_csv(const Bench& bench) {
  if (bench.contenders.empty()) return parts_csv(bench.parts);
  std::string head, rows;
  for (const ContenderResult& result : bench.contenders) {
    const BenchRun run = result.runs.empty() ? BenchRun() : result.runs.front();
    Json row = {{"name", result.contender.name},
                {"failure", result.failure},
                {"model", run.model},
                {"device", run.session.device},
                {"backend", run.session.backend},
                {"precision", run.session.backend.empty() ? "" : runtime::name_of(run.session.precision)},
                {"streams", run.session.streams},
                {"threads", run.session.threads},
                {"batch", run.batch}};
    row.update(summary_json(summarise(result, first_that_ran(bench))));
    head.clear();
    std::string line;
    const Json flat = row.flatten();
    for (const auto& [key, value] : flat.items()) {
      std::string name = key.substr(1);
      std::replace(name.begin(), name.end(), '/', '_');
      head += (head.empty() ? "" : ",") + name;
      line += (line.empty() && name == "name" ? "" : ",") + csv_field(value);
    }
    rows += line + "\r\n";
  }
  return head + "\r\n" + rows;
}

}  // namespace pixmill::measure
