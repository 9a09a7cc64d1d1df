#include "cli/commands/job.h"

#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <map>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/commands/duplicates.h"
#include "cli/commands/hits.h"
#include "cli/commands/indexing.h"
#include "cli/commands/last_run.h"
#include "cli/commands/printers.h"
#include "cli/commands/transfers.h"
#include "cli/model_advice.h"
#include "pixmill/platform/cores.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/devices.h"
#include "pixmill/tasks/job.h"

namespace pixmill::cli {
namespace {

void read_shard(const std::string& text, pipeline::InputSpec& inputs) {
  const std::size_t slash = text.find('/');
  const auto index = config::parse_integer(text.substr(0, slash));
  const auto count = slash == std::string::npos ? std::nullopt : config::parse_integer(text.substr(slash + 1));
  if (!index || !count || *count < 1 || *index < 1 || *index > *count || *count > 1'000'000) {
    throw Error(ErrorCode::usage, "--shard: '" + text + "' is not i/n", "the second of four parts is --shard 2/4");
  }
  inputs.shard_index = static_cast<int>(*index);
  inputs.shard_count = static_cast<int>(*count);
}

std::map<std::string, std::string> provider_options(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> options;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::usage, "--provider-option: '" + text + "' is not KEY=VALUE",
                  "--provider-option gpu_mem_limit=4294967296");
    }
    options[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return options;
}

bool is_named_like_a_picture(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  return extension.size() > 1 && codecs::format_from(extension.substr(1)).has_value();
}

// `pixmill cutout in.jpg out.png`: of two names the second is the output where it does not exist and ends like a
// picture. Of more names none is: one that is missing among a thousand is a failed input.
void take_last_as_output(pipeline::JobSpec& spec) {
  std::vector<std::string>& inputs = spec.inputs.inputs;
  if (inputs.size() != 2 || !spec.outputs.output.empty() || !spec.inputs.nul_list.empty()) return;
  const std::string last = inputs.back();
  if (!is_named_like_a_picture(last) || last.find_first_of("*?[") != std::string::npos || last.starts_with('@')) return;
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(last, ignored))) return;
  spec.outputs.output = last;
  spec.notes.push_back(last + " does not exist, so it is used as the output, as with -o " + last);
  inputs.pop_back();
}

// --threads limits the cores; --jobs N alone does so too, as each picture in work is on one.
void share_cores(const Values& values, pipeline::JobSpec& spec) {
  const int jobs = static_cast<int>(values.integer("jobs"));
  const int threads = static_cast<int>(values.integer("threads"));
  if (jobs == 0 && threads == 0) return;
  const int cores = std::min(threads > 0 ? threads : jobs, platform::usable_cores());
  spec.workers = jobs == 0 ? cores : threads == 0 ? jobs : std::min(jobs, cores);
  spec.session.streams = std::min(spec.workers, cores);
  spec.session.threads = cores / spec.session.streams;
}

// What the job makes of its own options.
void apply(tasks::JobOptions options, pipeline::JobSpec& spec) {
  spec.outputs.picture.format = options.format;
  if (spec.outputs.name_template.empty()) spec.outputs.name_template = std::move(options.name_template);
  spec.settings = std::move(options.files);
  spec.make_task = [make = std::move(options.make_task)](std::vector<models::ModelCard> cards) {
    return make(cards.empty() ? models::ModelCard() : std::move(cards.front()));
  };
}

void refuse_terminal(const pipeline::JobSpec& spec) {
  if (spec.exports.empty() && !spec.pick && spec.outputs.output == "-" && ::isatty(STDOUT_FILENO) != 0) {
    throw Error(ErrorCode::usage, "a terminal cannot show a picture", "-o FILE, or a pipe: pixmill ... -o - | viewer");
  }
}

}  // namespace

bool typed(const Values& values, std::string_view flag) {
  const auto found = values.all().find(flag);
  return found != values.all().end() && found->second.origin == Origin::flag;
}

pipeline::InputSpec input_spec(const Invocation& invocation) {
  const Values& values = invocation.values;
  pipeline::InputSpec inputs;
  inputs.inputs = invocation.arguments;
  inputs.nul_list = values.text("files0-from");
  inputs.include = values.texts("include");
  inputs.exclude = values.texts("exclude");
  inputs.recursive = !values.on("no-recursive");
  inputs.follow_links = values.on("follow");
  inputs.limit = values.integer("limit");
  if (values.has("newer-than")) {
    inputs.newer_than = config::parse_when(values.text("newer-than"), std::time(nullptr));
    if (!inputs.newer_than) {
      throw Error(ErrorCode::usage, "--newer-than: '" + values.text("newer-than") + "' is not a date or a duration",
                  "write 2026-11-21, 2026-11-21T08:00 or 12h");
    }
  }
  if (values.has("shard")) read_shard(values.text("shard"), inputs);
  return inputs;
}

int exit_code(const pipeline::Ended& ended) {
  if (ended.interrupted) return kInterrupted;
  if (ended.total == 0) return kNoPicture;
  if (ended.device_lost && ended.done + ended.skipped == 0) return kWrongUsage;  // nothing could run
  return ended.failed > 0 || ended.exports_failed > 0 || !ended.stopped_because.empty() ? kSomeFailed : kAllGood;
}

std::int64_t cache_bytes(const Values& values, const char* flag) {
  return values.text(flag) == "off" ? 0 : values.bytes(flag, -1);
}

pipeline::FurtherModel model_of(const Values& values, const tasks::Job& job) {
  if (!job.runs_model && !job.may_run_model && typed(values, "model"))
    throw Error(ErrorCode::usage, std::string(job.name) + " runs no model", "leave --model out");
  if (!job.runs_model && !typed(values, "model")) return {};
  pipeline::FurtherModel model{values.has("model") ? values.text("model") : std::string(job.default_model),
                               {job.model_tasks.begin(), job.model_tasks.end()},
                               static_cast<int>(values.integer("imgsz"))};
  if (model.name.empty()) {
    throw Error(ErrorCode::usage, "no model is built in for " + std::string(job.name),
                "name one with --model: an .onnx file, or an id of `pixmill models list`");
  }
  return model;
}

pipeline::JobSpec general_spec(const Invocation& invocation) {
  const Values& values = invocation.values;
  if (invocation.arguments.empty() && !values.has("files0-from")) {
    throw Error(ErrorCode::usage, "no input was named",
                values.command().is_job ? "pixmill " + std::string(values.command().name) + " photos/ -o out/"
                                        : std::string(values.command().example));
  }
  pipeline::JobSpec spec;
  spec.inputs = input_spec(invocation);
  spec.outputs.output = values.text("output");
  take_last_as_output(spec);
  spec.outputs.name_template = values.text("name");
  spec.outputs.keep_metadata = values.text("metadata") == "keep";
  spec.outputs.overwrite = values.on("overwrite");
  spec.outputs.force = values.on("force");
  spec.checksum = values.on("checksum");
  spec.outputs.skip_existing = values.on("skip-existing");
  for (const char* other : {"overwrite", "force"}) {
    if (!typed(values, "skip-existing") || !typed(values, other)) continue;
    throw Error(ErrorCode::usage, "--skip-existing and --" + std::string(other) + " contradict each other",
                "leave one of them out");
  }
  spec.outputs.picture.quality = static_cast<int>(values.integer("quality"));
  spec.outputs.picture.effort = codecs::effort_from(values.text("effort")).value();
  spec.session.backend = values.text("backend");
  spec.session.device = config::parse_devices(values.text("device"));
  spec.session.precision = runtime::precision_from(values.text("precision")).value();
  spec.session.require_device = values.on("require-device");
  spec.session.provider_options = provider_options(values.texts("provider-option"));
  share_cores(values, spec);
  spec.batch = static_cast<int>(values.integer("batch"));
  spec.memory_bytes = static_cast<std::size_t>(values.bytes("memory"));
  spec.cache_bytes = cache_bytes(values);
  spec.session_cache_bytes = cache_bytes(values, "session-cache");
  spec.decode.max_pixels = values.bytes("max-pixels");
  spec.decode.metadata = spec.outputs.keep_metadata;
  spec.fail_fast = values.on("fail-fast");
  spec.dry_run = values.on("dry-run");
  spec.home = platform::find_home();
  if (values.on("json") && spec.outputs.output == "-") {
    throw Error(ErrorCode::usage, "--json and -o - both want standard output", "write the result to a file");
  }
  if (values.has("compare") && spec.outputs.output == "-")
    throw Error(ErrorCode::usage, "--compare wants the result as a file, not on standard output", "name it with -o");
  return spec;
}

pipeline::JobSpec job_spec(const Invocation& invocation) {
  const Values& values = invocation.values;
  pipeline::JobSpec spec = general_spec(invocation);
  const tasks::Job& job = *tasks::find_job(values.command().name);
  spec.job = job.name;
  tasks::JobOptions options = job.read(values, spec.outputs.output, spec.decode);
  if (values.has("compare") && !job.record_kind.empty())
    throw Error(ErrorCode::usage, "--compare: " + spec.job + " makes no pictures to compare",
                "--draw and --sheet show what it found");
  if (!options.known_only) {
    pipeline::FurtherModel model = model_of(values, job);
    spec.model = std::move(model.name);
    spec.model_tasks = std::move(model.tasks);
    spec.input_size = model.input_size;
  }
  if (!job.record_kind.empty() && job.formats.empty()) spec.data_set = pipeline::read_data_set(values);
  if (!options.formats.empty()) spec.exports = pipeline::export_formats(options.formats, values, job.record_kind);
  for (pipeline::ExportFormat& format : spec.exports) {
    const auto own = options.own_files.find(std::string(format.row->name));
    if (own != options.own_files.end()) format.file = own->second;
    spec.inputs.exclude.insert(spec.inputs.exclude.end(), format.own_results.begin(), format.own_results.end());
  }
  if (options.rule) spec.pick = pipeline::Pick{options.rule, options.known_only, {}};
  apply(std::move(options), spec);
  spec.settings = config::result_key(values) + spec.settings;
  return spec;
}

Outcome run_spec(const pipeline::JobSpec& spec, const Values& values) {
  refuse_terminal(spec);
  Printers printers(values);
  const auto sink = [&](const pipeline::Event& event) { printers(event); };
  Outcome outcome;
  outcome.ended = [&] {
    const RunningJob running;
    return pipeline::run(spec, sink, interrupted());
  }();
  if (outcome.ended.done > 0) keep_last_run(outcome.ended.cache);
  if (outcome.ended.total == 0) {
    complain(Error(
        ErrorCode::not_found, "no picture was found",
        "pixmill takes " +
            std::string("JPEG, PNG, WebP, TIFF, AVIF, HEIC, JXL, BMP and GIF; see --include, --exclude, --follow")));
  }
  outcome.good = printers.all_written() && !printers.refused();
  return outcome;
}

int run_job(const Invocation& invocation) {
  if (invocation.values.all().contains("undo") && invocation.values.has("undo"))
    return undo_plan(invocation.values.text("undo") == "last" ? "" : invocation.values.text("undo"), invocation);
  pipeline::JobSpec spec = job_spec(invocation);
  std::optional<Hits> hits;
  if (spec.pick) {
    hits.emplace(invocation, spec);
    spec.pick->then = [&](const pipeline::Picked& picked) { (*hits)(picked); };
  }
  std::optional<Duplicates> duplicates;
  if (tasks::find_job(invocation.values.command().name)->groups_pictures) {
    duplicates.emplace(invocation, spec);
    spec.then = [&](const pipeline::Recorded& recorded) { (*duplicates)(recorded); };
    spec.outputs.output.clear();  // it is for the list
  }
  std::optional<Indexing> indexing;
  if (invocation.values.all().contains("index") && invocation.values.has("index")) {
    indexing.emplace(invocation, spec);
    spec.then = [&](const pipeline::Recorded& recorded) { (*indexing)(recorded); };
  }
  const Outcome outcome = run_spec(spec, invocation.values);
  advise_model(outcome.ended, invocation.values);
  const bool stopped = (hits && hits->stopped()) || (duplicates && duplicates->stopped());
  const int code = stopped ? kInterrupted : exit_code(outcome.ended);
  const bool good = outcome.good && (!hits || hits->all_good()) && (!duplicates || duplicates->all_good());
  return code == kAllGood && !good ? kSomeFailed : code;
}

}  // namespace pixmill::cli
