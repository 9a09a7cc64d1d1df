// pixmill verify: whether every way to run a model here gives correct results.
#include "pixmill/measure/verify.h"

#include <cstdio>
#include <string>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/output/event_json.h"
#include "cli/output/live_line.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/measure/masks.h"
#include "pixmill/measure/subject.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/home.h"
#include "pixmill/tasks/job.h"

namespace pixmill::cli {
namespace {

using Json = nlohmann::ordered_json;
using measure::Check;
using measure::Findings;
using measure::Verdict;

// "0.9987", "56.5", "0" for zero.
std::string number(double value, const std::string& unit = {}) {
  if (value == 0.0) return "0";
  char text[32];
  std::snprintf(text, sizeof text, unit.empty() ? (value >= 0.001 ? "%.4f" : "%.1e") : "%.1f", value);
  return text;
}

// A tolerance as text: "0.99", "50 dB".
std::string limit(double value, const std::string& unit = {}) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return unit.empty() ? text : std::string(text) + " " + unit;
}

std::string wanted(const Findings& findings) {
  std::string text = findings.metric + " of at least " + limit(findings.mean_score_wanted, findings.unit) +
                     " on average and " + limit(findings.worst_score_wanted, findings.unit) + " for each picture";
  if (findings.mean_error_wanted > 0) text += ", a mean error of at most " + limit(findings.mean_error_wanted);
  return text;
}

Json to_json(const Check& check) {
  Json json = {{"device", check.device},
               {"backend", check.backend},
               {"precision", runtime::name_of(check.precision)},
               {"batch", check.batch},
               {"streams", check.streams},
               {"pictures", check.pictures},
               {"max_error", check.max_error},
               {"mean_error", check.mean_error},
               {"mean_score", check.mean_score},
               {"worst_score", check.worst_score},
               {"verdict", measure::name_of(check.verdict)},
               {"why", check.why},
               {"chosen", check.chosen}};
  if (check.truth) json["truth_iou"] = *check.truth;
  return json;
}

Json to_json(const models::RuntimeSpec& runtime) {
  return {{"batch", runtime.batch == 0 ? Json("dynamic") : Json(runtime.batch)},
          {"deny", runtime.deny},
          {"precision", runtime.precision}};
}

Json to_json(const Findings& findings) {
  Json json = {{"model", findings.model},
               {"task", findings.task},
               {"metric", findings.metric},
               {"unit", findings.unit},
               {"wanted",
                {{"mean_score", findings.mean_score_wanted},
                 {"worst_score", findings.worst_score_wanted},
                 {"mean_error", findings.mean_error_wanted}}},
               {"drawn", findings.drawn},
               {"good", findings.good()},
               {"notes", findings.notes},
               {"advised", to_json(findings.advised)},
               {"checks", Json::array()}};
  for (const Check& check : findings.checks) json["checks"].push_back(to_json(check));
  return json;
}

std::string place_of(const Check& check) {
  const bool says_all = check.device == check.backend;
  return says_all ? check.backend : check.backend + " " + check.device;
}

void print_table(const Findings& findings, std::size_t pictures, bool drawn, bool with_truth) {
  std::printf("%s%s%s, %s\n\n", printable(findings.model).c_str(), findings.task.empty() ? "" : ", ",
              printable(findings.task).c_str(),
              count_text(static_cast<std::int64_t>(pictures), drawn ? "generated picture" : "picture").c_str());
  std::printf("  %-22s %-9s %5s %7s %9s %10s %11s %8s%s  %s\n", "BACKEND", "PRECISION", "BATCH", "STREAMS", "MAX ERROR",
              "MEAN ERROR", (findings.metric + " MEAN").c_str(), "WORST", with_truth ? "    TRUTH" : "", "VERDICT");
  for (const Check& check : findings.checks) {
    std::printf("%s %-22s %-9s %5d %7d", check.chosen ? "*" : " ", printable(place_of(check)).c_str(),
                std::string(runtime::name_of(check.precision)).c_str(), check.batch, check.streams);
    if (check.pictures > 0) {
      std::printf(" %9s %10s %11s %8s", number(check.max_error).c_str(), number(check.mean_error).c_str(),
                  number(check.mean_score, findings.unit).c_str(), number(check.worst_score, findings.unit).c_str());
    } else {
      std::printf(" %9s %10s %11s %8s", "-", "-", "-", "-");
    }
    if (with_truth) std::printf(" %8s", check.truth ? number(*check.truth).c_str() : "");
    std::printf("  %s\n", std::string(measure::name_of(check.verdict)).c_str());
    if (!check.why.empty()) std::printf("      %s\n", printable(check.why).c_str());
  }
  std::printf("\n* what auto may take. Baseline: onnxruntime cpu in fp32, one picture at a time.\n");
  std::printf("Required: %s.\n", wanted(findings).c_str());
  for (const std::string& note : findings.notes) std::printf("Note: %s.\n", printable(note).c_str());
}

void print_advice(const Findings& findings, const models::RuntimeSpec& card) {
  if (findings.advised == card) {
    std::printf("The card agrees with this.\n\n");
    return;
  }
  const std::string lines = models::to_yaml(findings.advised);
  std::printf("According to this, the card should %s\n\n",
              lines.empty() ? "have no `runtime`." : ("say:\n\n" + lines).c_str());
}

class VerifyCommand {
 public:
  explicit VerifyCommand(const Invocation& invocation)
      : values_(invocation.values), pictures_(invocation.arguments), home_(platform::find_home()) {}

  int run() {
    bool good = true, any = false;
    const std::vector<std::string> models = chosen_models();
    for (const std::string& model : models) {
      try {
        good = verify(model) && good;
        any = true;
      } catch (const Error& error) {
        if (models.size() == 1 || error.code() == ErrorCode::interrupted) throw;
        complain(error);  // an error of one model does not stop the others
        good = false;
      }
    }
    if (values_.on("json")) std::puts(dump(all_).c_str());
    if (!any) return kWrongUsage;
    return good ? kAllGood : kSomeFailed;
  }

 private:
  std::vector<std::string> chosen_models() const {
    std::vector<std::string> chosen = values_.texts("model");
    if (values_.on("all")) {
      if (!chosen.empty()) throw Error(ErrorCode::usage, "--all and --model exclude each other", "name one of them");
      for (const models::StoreEntry& entry : models::ModelStore(home_.models).list()) {
        if (entry.presence == models::Presence::built_in || entry.presence == models::Presence::present)
          chosen.push_back(entry.card.id);
      }
    }
    if (chosen.empty()) chosen.emplace_back(tasks::default_model());
    return chosen;
  }

  bool verify(const std::string& model) {
    const measure::Subject subject =
        measure::load_subject(model, pictures_, static_cast<std::size_t>(values_.integer("limit")), home_);
    measure::VerifyOptions options;
    options.device = config::parse_devices(values_.text("device"));
    options.backend = values_.text("backend");
    options.drawn = pictures_.empty();
    options.stop = &interrupted();
    if (values_.has("masks")) options.masks = measure::read_masks(subject, values_.text("masks"));
    LiveLine line(!values_.on("json"));
    options.progress = [&](const Check& next) {
      line.show(model + ": " + place_of(next) + " " + std::string(runtime::name_of(next.precision)) + ", batch " +
                std::to_string(next.batch) + ", " + std::to_string(next.streams) + " at once");
    };
    const Findings findings = measure::verify(subject, options);
    line.clear();
    show(findings, subject, !options.masks.empty());
    if (values_.on("write")) write(findings, subject.model);
    return findings.good();
  }

  void show(const Findings& findings, const measure::Subject& subject, bool with_truth) {
    if (values_.on("json")) {
      all_.push_back(to_json(findings));
      return;
    }
    if (!subject.model.note.empty()) std::fprintf(stderr, "%s\n", printable(subject.model.note).c_str());
    print_table(findings, subject.photos.size(), pictures_.empty(), with_truth);
    print_advice(findings, subject.model.card.runtime);
  }

  void write(const Findings& findings, const models::ResolvedModel& model) {
    if (findings.advised == model.card.runtime) return;
    const std::filesystem::path path = models::ModelStore(home_.models).write_runtime(model, findings.advised);
    if (path.empty()) {
      std::fprintf(stderr, "%s has no card of your own to write to; the lines above are for one\n",
                   printable(model.name).c_str());
    } else {
      std::fprintf(stderr, "written: %s\n", printable(path.string()).c_str());
    }
  }

  const Values& values_;
  const std::vector<std::string>& pictures_;
  const platform::Home home_;
  Json all_ = Json::array();
};

}  // namespace

int run_verify(const Invocation& invocation) {
  return VerifyCommand(invocation).run();
}

}  // namespace pixmill::cli
