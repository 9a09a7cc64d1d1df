// pixmill run: several jobs one after the other, each picture decoded and encoded once.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/commands/flag_tables.h"
#include "cli/commands/job.h"
#include "pixmill/config/chain_file.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/text.h"
#include "pixmill/platform/home.h"
#include "pixmill/tasks/chain.h"
#include "pixmill/tasks/job.h"

namespace pixmill::cli {
namespace {

struct Step {
  const tasks::Job* job;
  std::string name;  // of the chain file
  Values values;     // of the job's command
};

std::vector<std::string> names_of_steps() {
  std::vector<std::string> names;
  for (const tasks::Job& job : tasks::jobs()) {
    if (can_be_step(job)) names.emplace_back(job.name);
  }
  return names;
}

const tasks::Job& job_of_step(const std::string& name, const std::string& where) {
  const tasks::Job* job = tasks::find_job(name);
  if (job == nullptr)
    throw Error(ErrorCode::usage, where + "there is no job '" + name + "'", suggestion(name, names_of_steps()));
  if (!can_be_step(*job)) {
    throw Error(ErrorCode::usage, where + name + " makes no picture that another step could take",
                "run it on its own: on the photographs, or on what the chain made");
  }
  return *job;
}

// The chain file of --chain, or the user's own of the name that is the first argument; of "denoise,cutout" its jobs.
// What the invocation keeps as arguments are pictures.
config::ChainFile take_chain(Invocation& invocation, const std::filesystem::path& settings) {
  if (invocation.values.has("chain")) return config::read_chain(invocation.values.text("chain"));
  std::vector<std::string>& arguments = invocation.arguments;
  const std::string hint = "pixmill run " + joined(names_of_steps(), ",") + " photos/ -o out/";
  if (arguments.empty()) throw Error(ErrorCode::usage, "no chain was named", hint);
  const std::string words = arguments.front();
  const std::filesystem::path folder = config::chain_folder(settings);
  const std::vector<std::string> own = config::chain_names(folder);
  arguments.erase(arguments.begin());
  if (std::find(own.begin(), own.end(), words) != own.end() && tasks::find_job(words) == nullptr)
    return config::find_chain(words, folder);
  config::ChainFile chain;
  for (std::size_t from = 0; from <= words.size();) {
    const std::size_t to = std::min(words.find(',', from), words.size());
    chain.steps.push_back({.job = words.substr(from, to - from), .name = {}, .options = {}, .line = 0});
    from = to + 1;
  }
  if (chain.steps.size() == 1 && tasks::find_job(words) == nullptr) {
    std::vector<std::string> known = names_of_steps();
    known.insert(known.end(), own.begin(), own.end());
    const auto near = nearest(words, known);
    throw Error(ErrorCode::usage, "there is no job and no chain '" + words + "'",
                near ? "did you mean " + *near + "?" : "the steps come first: " + hint);
  }
  return chain;
}

// What the chain file says of the whole run, where the command line says nothing.
void apply_file(const config::ChainFile& chain, Values& values) {
  for (const config::Setting& option : chain.options) {
    const std::string where = chain.file.string() + ":" + std::to_string(option.line);
    const Flag* flag = find_flag(values.command(), option.key);
    const bool fits = flag != nullptr && (flag->setting || option.key == "format") && !is_step_flag(*flag);
    if (!fits) {
      std::vector<std::string> known = {"format"};
      for (const Flag* one : values.command().flags) {
        if (one->setting && !is_step_flag(*one)) known.emplace_back(one->name);
      }
      const auto near = nearest(option.key, known);
      throw Error(ErrorCode::usage, where + ": there is no option '" + option.key + "' of a whole run",
                  near ? "did you mean " + *near + "?" : "options of a job stand under its step");
    }
    if (!typed(values, option.key)) values.set(*flag, option.values, Origin::flag, where);
  }
}

void apply_file(const config::ChainFile& chain, const config::ChainFileStep& from, Step& step) {
  for (const config::Setting& option : from.options) {
    const std::string where = chain.file.string() + ":" + std::to_string(option.line);
    const std::vector<const Flag*> flags = flags_of_step(*step.job);
    const auto found =
        std::find_if(flags.begin(), flags.end(), [&](const Flag* flag) { return flag->name == option.key; });
    if (found == flags.end()) {
      std::vector<std::string> known;
      for (const Flag* flag : flags) known.emplace_back(flag->name);
      const bool general = config::find_flag(step.values.command(), option.key) != nullptr;
      throw Error(
          ErrorCode::usage, where + ": there is no option '" + option.key + "' of " + std::string(step.job->name),
          general ? "it holds for the whole run: write it under `options` at the top" : suggestion(option.key, known));
    }
    step.values.set(**found, option.values, Origin::flag, where);
  }
}

// --cutout.background and its like: they hold for every step of that job.
void apply_typed(const Values& values, std::vector<Step>& steps) {
  for (const Flag* flag : values.command().flags) {
    if (!is_step_flag(*flag) || !typed(values, flag->name)) continue;
    const std::size_t point = flag->name.find('.');
    bool used = false;
    for (Step& step : steps) {
      if (step.job->name != flag->name.substr(0, point)) continue;
      const Flag& own = *find_flag(step.values.command(), flag->name.substr(point + 1));
      step.values.set(own, values.texts(flag->name), Origin::flag, "--" + std::string(flag->name));
      used = true;
    }
    if (used) continue;
    throw Error(ErrorCode::usage,
                "--" + std::string(flag->name) + ": the chain has no step " + std::string(flag->name.substr(0, point)),
                "leave it out");
  }
}

// Only the last step writes files. What the others hand on could be written without loss, so that is their format.
void settle_formats(const Values& values, std::vector<Step>& steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    Values& own = steps[i].values;
    const Flag* flag = find_flag(own.command(), "format");
    const bool last = i + 1 == steps.size();
    if (last && values.has("format")) {
      if (flag == nullptr)
        throw Error(ErrorCode::usage, std::string(steps[i].job->name) + " has no choice of formats",
                    "leave --format out");
      own.set(*flag, values.texts("format"), Origin::flag, "--format");
    }
    if (last || flag == nullptr) continue;
    if (typed(own, "format")) {
      throw Error(ErrorCode::usage,
                  tasks::step_text(i, steps[i].job->name, steps[i].name) + " writes no file, so it has no format",
                  "--format is that of the last step");
    }
    own.set(*flag, {"png"}, Origin::fallback, {});
  }
}

std::vector<Step> steps_of(const config::ChainFile& chain, const Values& values,
                           const std::filesystem::path& settings) {
  std::vector<std::string> presets;
  if (typed(values, "preset")) {
    for (const std::string& name : values.texts("preset")) presets.insert(presets.end(), {"--preset", name});
  }
  std::vector<Step> steps;
  for (const config::ChainFileStep& from : chain.steps) {
    const std::string where = chain.file.empty() ? "" : chain.file.string() + ":" + std::to_string(from.line) + ": ";
    const tasks::Job& job = job_of_step(from.job, where);
    steps.push_back({&job, from.name, parse(*find_command(job.name), presets, settings).values});
    apply_file(chain, from, steps.back());
  }
  apply_typed(values, steps);
  settle_formats(values, steps);
  return steps;
}

// Runs `act` for a step; what it throws names the step.
template <typename Act>
auto for_step(const std::vector<Step>& steps, std::size_t i, Act act) {
  try {
    return act();
  } catch (const Error& error) {
    throw Error(error.code(), tasks::step_text(i, steps[i].job->name, steps[i].name) + ": " + error.message(),
                error.hint());
  }
}

// The task of a step, of the card of its model.
struct StepTask {
  std::function<std::unique_ptr<tasks::Task>(models::ModelCard)> make;
  bool runs_model;
  std::string name;
};

void add_model(pipeline::FurtherModel model, pipeline::JobSpec& spec) {
  if (!spec.model.empty()) return spec.further_models.push_back(std::move(model));
  spec.model = std::move(model.name);
  spec.model_tasks = std::move(model.tasks);
  spec.input_size = model.input_size;
}

pipeline::JobSpec spec_of(const Invocation& invocation, const config::ChainFile& chain,
                          const std::vector<Step>& steps) {
  pipeline::JobSpec spec = general_spec(invocation);
  spec.job = chain.name.empty() ? "run" : chain.name;
  spec.settings = config::result_key(invocation.values);
  std::vector<StepTask> tasks;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    const bool last = i + 1 == steps.size();
    tasks::JobOptions options = for_step(steps, i, [&] {
      if (step.job->runs_model) {
        pipeline::FurtherModel model = model_of(step.values, *step.job);
        if (model.tasks.empty()) model.tasks = {std::string(step.job->name)};
        add_model(std::move(model), spec);
      } else {
        (void)model_of(step.values, *step.job);
      }
      return step.job->read(step.values, last ? spec.outputs.output : "", spec.decode);
    });
    spec.settings += "step " + std::string(step.job->name) + "\n" + config::result_key(step.values) + options.files;
    if (last) {
      spec.outputs.picture.format = options.format;
      if (spec.outputs.name_template.empty()) spec.outputs.name_template = options.name_template;
    }
    tasks.push_back({std::move(options.make_task), step.job->runs_model, step.name});
  }
  spec.make_task = [tasks = std::move(tasks)](std::vector<models::ModelCard> cards) {
    auto card = std::make_move_iterator(cards.begin());
    std::vector<tasks::ChainStep> made;
    for (const StepTask& task : tasks)
      made.push_back({task.make(task.runs_model ? models::ModelCard(*card++) : models::ModelCard()), task.name});
    return tasks::make_chain(std::move(made));
  };
  return spec;
}

}  // namespace

int run_chain(const Invocation& given) {
  Invocation invocation = given;
  const std::filesystem::path settings = platform::find_home().settings;
  const config::ChainFile chain = take_chain(invocation, settings);
  apply_file(chain, invocation.values);
  const std::vector<Step> steps = steps_of(chain, invocation.values, settings);
  const Outcome outcome = run_spec(spec_of(invocation, chain, steps), invocation.values);
  const int code = exit_code(outcome.ended);
  return code == kAllGood && !outcome.good ? kSomeFailed : code;
}

}  // namespace pixmill::cli
