// pixmill tune: measures and stores the fastest way to run a model here.
#include "pixmill/measure/tune.h"

#include <algorithm>
#include <cstdio>

#include "cli/commands/commands.h"
#include "cli/commands/flag_tables.h"
#include "cli/output/event_json.h"
#include "cli/output/live_line.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/tuning.h"
#include "pixmill/platform/home.h"
#include "pixmill/tasks/job.h"

namespace pixmill::cli {
namespace {

using Json = nlohmann::ordered_json;
using measure::TuneResult;
using measure::TuneTrial;

constexpr std::size_t kMostPictures = 32;

// "60", "60s", "2m".
double seconds_from(const std::string& asked) {
  std::string text = asked;
  const double unit = text.ends_with('m') ? 60.0 : 1.0;
  if (text.ends_with('m') || text.ends_with('s')) text.pop_back();
  const auto number = config::parse_real(text);
  if (!number || *number * unit < 1.0 || *number * unit > 86400.0)
    throw Error(ErrorCode::usage, "--budget: '" + asked + "' is not a time from 1s to 1440m", "--budget 60s");
  return *number * unit;
}

const char* role_of(const TuneResult& result, std::size_t i) {
  if (i == result.chosen) return i == result.by_rule ? "chosen; auto takes it" : "chosen";
  return i == result.by_rule ? "auto" : "";
}

void print_table(const TuneResult& result) {
  std::printf("  pictures/s  of best     load  setup\n");
  const TuneTrial& best = result.trials.front();
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    const TuneTrial& trial = result.trials[i];
    const std::string setup = text_of(trial.setup);
    if (trial.rates.empty()) {
      std::printf("  %10s  %7s  %7s  %s: %s\n", "-", "-", "-", setup.c_str(), printable(trial.fault).c_str());
      continue;
    }
    const std::string role = trial.choosable ? role_of(result, i) : "not marked as good in the card";
    std::printf("  %10s  %7.2f  %5.2f s  %s%s%s\n", measure::rate_text(result.rate_of(trial)).c_str(),
                speed_against(trial, best), trial.load_seconds, setup.c_str(), role.empty() ? "" : "  <- ",
                role.c_str());
  }
}

std::string verdict(const TuneResult& result) {
  char text[160];
  std::snprintf(text, sizeof text, "%d rounds in %.1f s; %s", result.rounds, result.elapsed_s,
                result.clear ? "a clear winner" : "the time ran out before there was a clear winner");
  return text;
}

std::string gain_text(const TuneResult& result) {
  const double gain = result.gain();
  char text[160];
  if (gain <= 1.03) return "auto is as fast without tuning";
  std::snprintf(text, sizeof text, "%.2f times as fast as auto without tuning", gain);
  return text;
}

Json to_json(const measure::Setup& setup) {
  return {{"device", setup.device},   {"backend", setup.backend}, {"precision", runtime::name_of(setup.precision)},
          {"streams", setup.streams}, {"threads", setup.threads}, {"batch", setup.batch}};
}

Json to_json(const TuneResult& result, const measure::Subject& subject) {
  Json trials = Json::array();
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    const TuneTrial& trial = result.trials[i];
    Json json = to_json(trial.setup);
    json["choosable"] = trial.choosable;
    if (trial.rates.empty()) {
      json["fault"] = trial.fault;
    } else {
      json["pictures_per_second"] = result.rate_of(trial);
      json["of_best"] = speed_against(trial, result.trials.front());
      json["load_s"] = trial.load_seconds;
      json["rounds"] = trial.rates.size();
    }
    trials.push_back(std::move(json));
  }
  return {{"model", subject.model.name},
          {"model_sha256", subject.model.content_hash},
          {"machine", pipeline::machine_key()},
          {"chosen", to_json(result.winner().setup)},
          {"by_rule", to_json(result.trials[result.by_rule].setup)},
          {"gain", result.gain()},
          {"clear", result.clear},
          {"rounds", result.rounds},
          {"elapsed_s", result.elapsed_s},
          {"findings", result.findings},
          {"trials", trials}};
}

class TuneCommand {
 public:
  explicit TuneCommand(const Invocation& invocation)
      : values_(invocation.values), pictures_(invocation.arguments), home_(platform::find_home()) {
    options_.home = home_;
    options_.all_precisions = values_.on("all-precisions");
    budget_ = seconds_from(values_.text("budget"));
  }

  int run() {
    std::vector<std::string> models = values_.texts("model");
    if (values_.on("forget")) return forget(models);
    if (models.empty()) models.emplace_back(tasks::default_model());
    if (values_.on("compare-auto"))
      std::printf("| model | auto | pictures/s | best | pictures/s | auto / best |\n|---|---|---|---|---|---|\n");
    int code = kAllGood;
    for (std::size_t i = 0; i < models.size() && !interrupted(); ++i) {
      options_.budget_seconds = (budget_ - spent_) / static_cast<double>(models.size() - i);
      try {
        tune(models[i]);
      } catch (const Error& error) {
        if (models.size() == 1) throw;
        complain(error);
        code = kSomeFailed;
      }
    }
    if (interrupted()) throw Error(ErrorCode::interrupted, "interrupted; what was in work is not written", {});
    return code;
  }

 private:
  void tune(const std::string& name) {
    const measure::Subject subject = measure::load_subject(name, pictures_, kMostPictures, home_);
    if (values_.on("dry-run")) return show_plan(subject);
    LiveLine line(!values_.on("json"));
    const TuneResult result = measure::tune(subject, options_, interrupted(), progress(line));
    line.clear();
    spent_ += result.elapsed_s;
    if (result.interrupted) return;
    if (values_.on("compare-auto")) return print_comparison(result, subject);
    values_.on("json") ? (void)std::puts(dump(to_json(result, subject)).c_str()) : print(result, subject);
    std::fflush(stdout);  // the result is printed even where it cannot be stored
    pipeline::keep_tuning(home_, measure::tuning_of(result, subject));
    if (!values_.on("json"))
      std::printf("jobs use it from now on where their options leave the choice; it is saved in %s\n",
                  printable(pipeline::tuning_file(home_).string()).c_str());
  }

  measure::TuneProgress progress(LiveLine& line) const {
    return [&line, budget = options_.budget_seconds](const measure::Setup& setup, double elapsed_s) {
      char time[64];
      std::snprintf(time, sizeof time, "%3.0f of at most %.0f s  ", elapsed_s, budget);
      line.show(time + text_of(setup));
    };
  }

  void print(const TuneResult& result, const measure::Subject& subject) const {
    std::printf("%s on %s\n", printable(subject.model.name).c_str(), pipeline::machine_key().c_str());
    print_table(result);
    std::printf("%s; %s\n", verdict(result).c_str(), gain_text(result).c_str());
    for (const std::string& finding : result.findings) std::printf("- %s\n", finding.c_str());
  }

  void show_plan(const measure::Subject& subject) const {
    const std::vector<measure::Setup> setups = measure::first_contenders(subject, options_);
    if (values_.on("json")) {
      Json json = {{"model", subject.model.name}, {"machine", pipeline::machine_key()}, {"setups", Json::array()}};
      for (const measure::Setup& setup : setups) json["setups"].push_back(to_json(setup));
      std::puts(dump(json).c_str());
      return;
    }
    std::printf("%s on %s\nwould measure, for at most %.0f s:\n", printable(subject.model.name).c_str(),
                pipeline::machine_key().c_str(), options_.budget_seconds);
    for (std::size_t i = 0; i < setups.size(); ++i)
      std::printf("  %s%s\n", text_of(setups[i]).c_str(), i == 0 ? "  <- auto" : "");
    std::printf("and around the fastest of them other streams and threads%s\n",
                subject.takes_batches() ? ", and batches" : "; the model takes no batches");
  }

  void print_comparison(const TuneResult& result, const measure::Subject& subject) const {
    const TuneTrial& rule = result.trials[result.by_rule];
    const TuneTrial& best = result.winner();
    const std::string name = std::filesystem::path(subject.model.name).stem().string();
    std::printf("| %s | %s | %s | %s | %s | %.2f |\n", printable(name).c_str(), text_of(rule.setup).c_str(),
                measure::rate_text(result.rate_of(rule)).c_str(), text_of(best.setup).c_str(),
                measure::rate_text(result.rate_of(rule) * result.gain()).c_str(), 1.0 / result.gain());
    std::fflush(stdout);
  }

  std::string hash_of(const std::string& name) const {
    return models::ModelStore(home_.models).resolve(name, "", runtime::signature_of).content_hash;
  }

  int forget(const std::vector<std::string>& models) const {
    int forgotten = 0;
    if (models.empty()) forgotten = pipeline::forget_tunings(home_, "");
    for (const std::string& model : models) forgotten += pipeline::forget_tunings(home_, hash_of(model));
    values_.on("json") ? (void)std::puts(dump({{"forgotten", forgotten}}).c_str())
                       : (void)std::printf("%s forgotten\n", count_text(forgotten, "tuning").c_str());
    return kAllGood;
  }

  const Values& values_;
  const std::vector<std::string>& pictures_;
  const platform::Home home_;
  measure::TuneOptions options_;
  double budget_ = 60.0;
  double spent_ = 0.0;
};

}  // namespace

const std::vector<Flag>& tune_flags() {
  static const std::vector<Flag> flags = {
      {.name = "model",
       .letter = 'm',
       .kind = Kind::text,
       .value = "ID|FILE",
       .group = kEngine,
       .help = "the model to tune for; may be repeated",
       .repeatable = true,
       .basic = true,
       .setting = false,
       .completes = "models"},
      {.name = "budget",
       .kind = Kind::text,
       .value = "TIME",
       .fallback = "60s",
       .group = kRun,
       .help = "time limit, such as 60s or 5m",
       .basic = true,
       .setting = false},
      {.name = "all-precisions",
       .group = kEngine,
       .help = "also show setups that the model's card does not mark as good",
       .basic = true,
       .setting = false},
      {.name = "compare-auto",
       .group = kRun,
       .help = "one line per model: what auto takes without tuning, and the best; saves nothing",
       .setting = false},
      {.name = "dry-run",
       .group = kRun,
       .help = "show what would be measured; measure and save nothing",
       .basic = true,
       .setting = false},
      {.name = "forget",
       .group = kRun,
       .help = "forget the tuning of --model, or of all models",
       .basic = true,
       .setting = false},
  };
  return flags;
}

int run_tune(const Invocation& invocation) {
  return TuneCommand(invocation).run();
}

}  // namespace pixmill::cli
