// pixmill bench: contenders measured side by side on the user's pictures.
#include "pixmill/measure/bench.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "cli/commands/bench_contenders.h"
#include "cli/commands/commands.h"
#include "cli/commands/job.h"
#include "cli/output/bench_report.h"
#include "cli/output/bench_tables.h"
#include "cli/output/live_line.h"
#include "cli/output/machine_text.h"
#include "cli/output/report_page.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/text.h"
#include "pixmill/pipeline/sources.h"
#include "pixmill/pipeline/speeds.h"
#include "pixmill/platform/files.h"
#include "pixmill/platform/home.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

// Progress on standard error: one live line on a terminal, and a line for every run that has ended.
class Progress {
 public:
  Progress(const measure::Bench& bench, std::size_t contenders, bool quiet)
      : bench_(bench), count_(static_cast<int>(contenders)), quiet_(quiet), line_(!quiet) {}

  void operator()(const measure::BenchStep& step) {
    if (quiet_) return;
    if (step.ended == nullptr && step.failure == nullptr) return draw(step);
    line_.clear();
    if (step.failure != nullptr && count_ == 1) return;  // it is the error that the program ends with
    std::fprintf(stderr, "%s\n", ended_line(step).c_str());
  }

  void clear() { line_.clear(); }

 private:
  void draw(const measure::BenchStep& step) {
    std::string text = "run " + std::to_string(step.run) + "/" + std::to_string(bench_.options.runs) + "  " +
                       step.contender.name + ": " + words_for(step.pass);
    if (step.total > 0) text += " " + std::to_string(step.done) + "/" + std::to_string(step.total);
    line_.show(text);
  }

  std::string words_for(const std::string& pass) const {
    if (pass == "cold") return bench_.options.warm_up ? "warming up" : "measuring";
    if (pass == "warm") return "measuring";
    return pass == "bare" ? "the model alone" : "profiling";
  }

  std::string ended_line(const measure::BenchStep& step) const {
    const std::string name = printable(step.contender.name);
    if (step.failure != nullptr) return name + ": did not run: " + printable(*step.failure);
    if (bench_.pictures == 1 && !step.ended->pictures.empty()) {
      return (count_ > 1 ? name + ": " : "") + single_picture_line(*step.ended, step.run, bench_.options.runs);
    }
    char rate[64];
    std::snprintf(rate, sizeof rate, "%.1f img/s", step.ended->rate());
    return "run " + std::to_string(step.run) + "/" + std::to_string(bench_.options.runs) + "  " + name + ": " + rate;
  }

  const measure::Bench& bench_;
  int count_;
  bool quiet_;
  LiveLine line_;
};

int work(const JobWords& words, const measure::BenchOrders& orders) {
  const auto say = [](const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
  };
  std::vector<std::string> flags = words.with({"--cache=off"});
  measure::bench_worker(job_spec(parse(*words.job, flags, platform::find_home().settings)), orders, say, interrupted());
  return kAllGood;
}

// The pictures that the job will find. A missing input is reported at once, not by each contender.
std::vector<fs::path> find_pictures(const pipeline::InputSpec& inputs) {
  const pipeline::Sources sources = pipeline::find_sources(inputs, [] { return interrupted().load(); });
  if (!sources.failed.empty()) {
    const pipeline::Failed& failed = sources.failed.front();
    throw Error(failed.code, failed.message, failed.hint);
  }
  std::vector<fs::path> pictures;
  for (const pipeline::SourceItem& item : sources.items) pictures.push_back(item.path);
  return pictures;
}

void print(const measure::Bench& bench) {
  constexpr int kWidth = 100;
  std::printf("%s\n%s\n\n", printable(heading(bench)).c_str(),
              wrapped(printable(text_of(bench.machine)), 0, kWidth).c_str());
  for (const measure::ContenderResult& result : bench.contenders) {
    if (bench.pictures != 1 || result.runs.empty() || result.runs.front().pictures.empty()) continue;
    std::printf("%s: %s\n\n", printable(result.contender.name).c_str(),
                single_picture_summary(summarise(result, result)).c_str());
  }
  for (const Table& table : tables(bench)) std::printf("%s\n", aligned(table).c_str());
  for (const std::string& sentence : verdict(bench))
    std::printf("%s\n", wrapped(printable(sentence), 0, kWidth).c_str());
}

// Where nothing ran and all for one reason, that is the error.
void throw_common_failure(const measure::Bench& bench) {
  const measure::ContenderResult& first = bench.contenders.front();
  const bool same =
      std::all_of(bench.contenders.begin(), bench.contenders.end(), [&](const measure::ContenderResult& result) {
        return !result.failure.empty() && result.failure == first.failure;
      });
  if (same) throw Error(ErrorCode::usage, first.failure, first.hint);
}

// The head of a report.
measure::Bench begun(const Invocation& invocation, std::string job, std::size_t pictures) {
  const Values& values = invocation.values;
  measure::Bench bench;
  bench.job = std::move(job);
  bench.date = utc_text(std::time(nullptr), "%Y-%m-%dT%H:%M:%SZ");
  bench.command = command_line(invocation, {"report", "json", "quiet"});
  bench.pictures = static_cast<std::int64_t>(pictures);
  bench.options = {.runs = static_cast<int>(values.integer("runs")),
                   .warm_up = !values.on("no-warm-up"),
                   .profile = values.on("operators")};
  bench.machine = measure::describe_machine(platform::find_home());
  return bench;
}

void measure_contenders(measure::Bench& bench, const std::vector<measure::Contender>& all, const Values& values,
                        const fs::path& scratch) {
  (void)pipeline::known_speeds(platform::find_home());  // what auto takes shall not change from one run to the next
  Progress progress(bench, all.size(), values.on("quiet"));
  measure::run_bench(
      bench, all, scratch, [&](const measure::BenchStep& step) { progress(step); }, interrupted());
  progress.clear();
}

void measure_parts(measure::Bench& bench, const std::vector<const measure::Part*>& parts, const BenchPictures& found,
                   const Values& values, const fs::path& scratch) {
  for (const measure::Part* part : parts) {
    if (interrupted()) break;
    if (!values.on("quiet")) std::fprintf(stderr, "measuring %s\n", std::string(part->name).c_str());
    const fs::path folder = scratch / part->name;
    platform::make_folder(folder);
    bench.parts.push_back(measure::measure_part(
        *part, {.inputs = found.inputs, .pictures = found.pictures, .scratch = folder, .stop = interrupted()}));
  }
  bench.interrupted = bench.interrupted || interrupted();
}

// Prints, writes reports; the exit code.
int told(const measure::Bench& bench, const Values& values) {
  if (!bench.anything() && bench.interrupted) {
    complain(
        Error(ErrorCode::interrupted, "nothing was measured", "fewer pictures with --limit, fewer runs with --runs"));
    return kInterrupted;
  }
  if (bench.parts.empty()) throw_common_failure(bench);
  values.on("json") ? static_cast<void>(std::puts(measure::bench_json(bench).c_str())) : print(bench);
  for (const std::string& report : values.texts("report")) write_bench_report(bench, report, values.on("overwrite"));
  if (bench.interrupted) return kInterrupted;
  const bool all_ran = std::none_of(bench.contenders.begin(), bench.contenders.end(),
                                    [](const auto& result) { return !result.failure.empty(); });
  return all_ran ? kAllGood : bench.anything() ? kSomeFailed : kWrongUsage;
}

int no_picture() {
  complain(Error(ErrorCode::not_found, "no picture was found", "name files or folders; see --include, --exclude"));
  return kNoPicture;
}

int bench_job(const Invocation& invocation, const JobWords& words) {
  const pipeline::JobSpec spec = job_spec(parse(*words.job, words.with({}), platform::find_home().settings));
  if (!spec.outputs.output.empty())  // a job takes a last name that does not exist for its output
    throw Error(ErrorCode::not_found, spec.outputs.output + ": no such file",
                "check the spelling; bench writes no results");
  std::vector<measure::Contender> all = contenders(invocation, words);
  const std::vector<fs::path> pictures = find_pictures(spec.inputs);
  if (pictures.empty()) return no_picture();
  const platform::TemporaryFolder scratch("pixmill-bench");
  for (measure::Contender& peer : peers(invocation, spec, pictures, scratch.path())) all.push_back(std::move(peer));
  measure::Bench bench = begun(invocation, spec.job, pictures.size());
  measure_contenders(bench, all, invocation.values, scratch.path());
  return told(bench, invocation.values);
}

int bench_part(const Invocation& invocation, const measure::Part& part) {
  BenchPictures found = part_pictures(invocation, 1);
  if (part.reads_pictures && found.inputs.inputs.empty())
    throw Error(ErrorCode::usage, "no input was named", "pixmill bench " + std::string(part.name) + " photos/");
  if (!found.inputs.inputs.empty()) found.pictures = find_pictures(found.inputs);
  if (part.reads_pictures && found.pictures.empty()) return no_picture();
  measure::Bench bench = begun(invocation, std::string(part.name), found.pictures.size());
  const platform::TemporaryFolder scratch("pixmill-bench");
  measure_parts(bench, {&part}, found, invocation.values, scratch.path());
  return told(bench, invocation.values);
}

// Every part, and every job with its own model.
int bench_all(const Invocation& invocation) {
  BenchPictures found = part_pictures(invocation, 0);
  if (found.inputs.inputs.empty())
    throw Error(ErrorCode::usage, "no input was named", "pixmill bench --all photos/ --report bench.html");
  found.pictures = find_pictures(found.inputs);
  if (found.pictures.empty()) return no_picture();
  measure::Bench bench = begun(invocation, "everything", found.pictures.size());
  const platform::TemporaryFolder scratch("pixmill-bench");
  std::vector<const measure::Part*> parts;
  for (const measure::Part& part : measure::parts()) parts.push_back(&part);
  measure_parts(bench, parts, found, invocation.values, scratch.path());
  measure_contenders(bench, job_contenders(invocation), invocation.values, scratch.path());
  return told(bench, invocation.values);
}

}  // namespace

int run_bench(const Invocation& invocation) {
  const Values& values = invocation.values;
  if (const auto orders = measure::bench_orders()) return work(job_words(invocation), *orders);
  for (const std::string& report : values.texts("report")) check_page_report(report, values.on("overwrite"));
  if (values.on("all")) return bench_all(invocation);
  const measure::Part* part = invocation.arguments.empty() ? nullptr : measure::find_part(invocation.arguments.front());
  return part != nullptr ? bench_part(invocation, *part) : bench_job(invocation, job_words(invocation));
}

}  // namespace pixmill::cli
