#include "cli/commands/bench_contenders.h"

#include <algorithm>
#include <sstream>

#include "cli/commands/commands.h"
#include "cli/commands/job.h"
#include "pixmill/core/nearest.h"
#include "pixmill/platform/child.h"
#include "pixmill/platform/cores.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/tasks/job.h"

namespace pixmill::cli {
namespace {

constexpr std::size_t kMostContenders = 64;

// An option that is compared, with its values.
struct Axis {
  const Flag* flag = nullptr;
  std::vector<std::string> values;
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

// "backend", "backends" and "batches" are words for options too.
const Flag* flag_named(const Command& job, const std::string& name) {
  for (const std::string_view plural : {"", "s", "es"}) {
    if (!name.ends_with(plural)) continue;
    const Flag* flag = find_flag(job, name.substr(0, name.size() - plural.size()));
    if (flag != nullptr) return flag;
  }
  std::vector<std::string> known;
  for (const Flag* flag : job.flags) known.emplace_back(flag->name);
  throw Error(ErrorCode::usage, "--compare: '" + name + "' is not an option of " + std::string(job.name),
              suggestion(name, known));
}

// LibTorch runs only TorchScript, which no other backend runs: compared with the others, it or they would fail.
bool is_comparable(const std::string& backend) {
  return backend != "libtorch";
}

std::vector<std::string> devices_here() {
  std::vector<std::string> ids;
  for (const runtime::DeviceStatus& device : runtime::devices()) {
    if (device.available && is_comparable(device.backend)) ids.push_back(device.id);
  }
  std::reverse(ids.begin(), ids.end());  // the plain CPU first: what the others are compared with
  return ids;
}

std::vector<std::string> backends_here() {
  std::vector<std::string> names;
  for (const runtime::BackendStatus& backend : runtime::backends()) {
    if (!backend.version.empty() && is_comparable(backend.name)) names.push_back(backend.name);
  }
  return names;
}

// Those that a device here computes natively; int8 is a matter of the model's file.
std::vector<std::string> precisions_here() {
  std::vector<std::string> names = {"fp32"};
  for (const runtime::DeviceStatus& device : runtime::devices()) {
    for (const runtime::Precision precision : device.precisions) {
      const std::string name(runtime::name_of(precision));
      if (device.available && name != "int8" && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
    }
  }
  return names;
}

std::vector<std::string> powers_of_two(int highest) {
  std::vector<std::string> values;
  for (int value = 1; value < highest; value *= 2) values.push_back(std::to_string(value));
  values.push_back(std::to_string(highest));
  return values;
}

std::vector<std::string> sensible_values(const Flag& flag) {
  if (flag.name == "device") return devices_here();
  if (flag.name == "backend") return backends_here();
  if (flag.name == "precision") return precisions_here();
  if (flag.name == "batch") return powers_of_two(8);
  if (flag.name == "threads" || flag.name == "jobs") return powers_of_two(platform::usable_cores());
  if (flag.kind == Kind::toggle) return {"false", "true"};
  if (!flag.choices.empty()) return {flag.choices.begin(), flag.choices.end()};
  throw Error(ErrorCode::usage, "--compare " + std::string(flag.name) + " needs values",
              "--compare " + std::string(flag.name) + "=A,B");
}

Axis read_axis(const Command& job, const std::string& text) {
  const std::size_t equals = text.find('=');
  const Flag* flag = flag_named(job, text.substr(0, equals));
  Axis axis{flag, equals == std::string::npos ? sensible_values(*flag) : split(text.substr(equals + 1))};
  if (axis.values.empty())
    throw Error(ErrorCode::usage, "--compare " + text + " has no value", "--compare " + text + "A,B");
  for (const std::string& value : axis.values) {
    const std::string reason = refuse_value(*flag, value);
    if (!reason.empty()) {
      throw Error(ErrorCode::usage,
                  "--compare: '" + value + "' does not fit: --" + std::string(flag->name) + " " + reason);
    }
  }
  return axis;
}

// Its name in tables: only the value where that is clear enough.
std::string label(const Flag& flag, const std::string& value) {
  for (const std::string_view name : {"device", "backend", "precision", "format"}) {
    if (flag.name == name && value != "auto") return value;
  }
  if (flag.name == "model") return std::filesystem::path(value).stem().string();
  if (flag.kind == Kind::toggle) return (value == "true" ? "" : "no ") + std::string(flag.name);
  return std::string(flag.name) + " " + value;
}

std::string word_for(const Flag& flag, const std::string& value) {
  return "--" + std::string(flag.name) + "=" + value;
}

std::vector<std::string> changes_of(const measure::Contender& contender) {
  std::vector<std::string> changes;
  for (const auto& [name, value] : contender.options) changes.push_back("--" + name + "=" + value);
  return changes;
}

// Whether the options contradict one another: ONNX Runtime does not compute bf16 on the CPU. The user did not type
// these values, so no error is reported.
bool is_refused(const measure::Contender& contender, const JobWords& words) {
  try {
    const auto settings = platform::find_home().settings;
    (void)runtime::plan_session(job_spec(parse(*words.job, words.with(changes_of(contender)), settings)).session);
    return false;
  } catch (const Error& error) {
    return error.code() == ErrorCode::usage;
  }
}

void refuse_standard_input(const Invocation& invocation, const std::vector<std::string>& inputs) {
  const auto on_standard_input = [](const std::string& input) { return input == "-" || input == "@-"; };
  if (std::none_of(inputs.begin(), inputs.end(), on_standard_input) && invocation.values.text("files0-from") != "-")
    return;
  throw Error(ErrorCode::usage, "bench reads its pictures more than once, so it cannot read standard input",
              "name a file or a folder");
}

// What was typed of the flags that the job has.
void add_flags(const Invocation& invocation, JobWords& words) {
  for (const auto& [flag_name, value] : invocation.values.all()) {
    const Flag* flag = find_flag(*words.job, flag_name);
    if (flag == nullptr || value.origin != Origin::flag || find_flag(invocation.values.command(), flag_name) != flag)
      continue;
    for (const std::string& text : value.texts) words.flags.push_back(word_for(*flag, text));
  }
}

measure::Contender contender_for(const JobWords& words, const std::vector<std::string>& changes, std::string name) {
  measure::Contender contender{.name = std::move(name)};
  contender.command = {platform::own_program(), "bench", std::string(words.job->name)};
  for (std::string& word : words.with(changes)) contender.command.push_back(std::move(word));
  return contender;
}

}  // namespace

std::vector<std::string> JobWords::with(const std::vector<std::string>& more) const {
  std::vector<std::string> words = flags;
  words.insert(words.end(), more.begin(), more.end());
  words.emplace_back("--");
  words.insert(words.end(), inputs.begin(), inputs.end());
  return words;
}

JobWords job_words(const Invocation& invocation) {
  std::vector<std::string> jobs;
  for (const Command& command : commands()) {
    if (command.is_job) jobs.emplace_back(command.name);
  }
  for (const measure::Part& part : measure::parts()) jobs.emplace_back(part.name);
  if (invocation.arguments.empty())
    throw Error(ErrorCode::usage, "bench: no job was named", "pixmill bench " + jobs.front() + " photos/");
  const std::string& name = invocation.arguments.front();
  JobWords words{.job = find_command(name)};
  if (words.job == nullptr || !words.job->is_job)
    throw Error(ErrorCode::usage, "bench: there is no job or part '" + name + "'", suggestion(name, jobs));
  words.inputs.assign(invocation.arguments.begin() + 1, invocation.arguments.end());
  if (words.inputs.empty()) throw Error(ErrorCode::usage, "no input was named", "pixmill bench " + name + " photos/");
  refuse_standard_input(invocation, words.inputs);
  add_flags(invocation, words);
  return words;
}

std::vector<measure::Contender> contenders(const Invocation& invocation, const JobWords& words) {
  std::vector<measure::Contender> all = {{}};
  for (const std::string& text : invocation.values.texts("compare")) {
    const Axis axis = read_axis(*words.job, text);
    std::vector<measure::Contender> combined;
    for (const measure::Contender& contender : all) {
      for (const std::string& value : axis.values) {
        measure::Contender more = contender;
        more.name += (more.name.empty() ? "" : ", ") + label(*axis.flag, value);
        more.options.emplace_back(axis.flag->name, value);
        combined.push_back(std::move(more));
      }
    }
    all = std::move(combined);
    if (all.size() > kMostContenders) {
      throw Error(ErrorCode::usage, "--compare: more than " + std::to_string(kMostContenders) + " combinations",
                  "name fewer values: --compare batch=1,4");
    }
  }
  const std::vector<std::string>& asked = invocation.values.texts("compare");
  const bool typed =
      std::any_of(asked.begin(), asked.end(), [](const auto& text) { return text.find('=') != std::string::npos; });
  if (!typed) std::erase_if(all, [&](const measure::Contender& contender) { return is_refused(contender, words); });
  for (measure::Contender& contender : all) {
    if (contender.name.empty()) contender.name = "pixmill";
    contender.command = contender_for(words, changes_of(contender), "").command;
  }
  return all;
}

BenchPictures part_pictures(const Invocation& invocation, std::size_t first) {
  BenchPictures found{input_spec(invocation)};
  std::vector<std::string>& inputs = found.inputs.inputs;
  inputs.erase(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(std::min(first, inputs.size())));
  refuse_standard_input(invocation, inputs);
  return found;
}

std::vector<measure::Contender> job_contenders(const Invocation& invocation) {
  for (const char* flag : {"model", "compare", "against"}) {
    if (typed(invocation.values, flag))
      throw Error(ErrorCode::usage,
                  "--all measures each job with its own model, so --" + std::string(flag) + " has no place there",
                  "name one job: pixmill bench JOB photos/ --" + std::string(flag) + " ...");
  }
  std::vector<measure::Contender> all;
  for (const tasks::Job& job : tasks::jobs()) {
    if (!job.runs_model || job.default_model.empty()) continue;
    JobWords words{.job = find_command(job.name), .inputs = invocation.arguments};
    add_flags(invocation, words);
    all.push_back(contender_for(words, {}, std::string(job.name)));
  }
  return all;
}

}  // namespace pixmill::cli
