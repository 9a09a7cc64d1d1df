#include "cli/commands/job.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "cli/commands/commands.h"
#include "cli/commands/hits.h"
#include "cli/commands/last_run.h"
#include "cli/commands/transfers.h"
#include "cli/model_advice.h"
#include "cli/output/compare_page.h"
#include "cli/output/event_json.h"
#include "cli/output/report.h"
#include "cli/output/terminal.h"
#include "cli/output_file.h"
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

// The log file as a printer of its own: everything but progress, with the time before each line.
class LogFile {
 public:
  LogFile(const std::string& file, bool overwrite) : file_(file), logger_("pixmill", open(file, overwrite)) {
    logger_.set_pattern("%Y-%m-%dT%H:%M:%S%z %v");
    logger_.flush_on(spdlog::level::info);
    logger_.set_error_handler([this](const std::string& reason) {
      if (!failure_)
        failure_.emplace(ErrorCode::unwritable, "--log-file: " + file_ + ": " + reason,
                         "check whether the disk is full");
    });
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  void operator()(const pipeline::Event& event) {
    if (!std::holds_alternative<pipeline::Progress>(event)) logger_.info("{}", dump(to_json(event)));
  }

  const std::optional<Error>& failure() const { return failure_; }

 private:
  static spdlog::sink_ptr open(const std::string& file, bool overwrite) {
    check_output_file("--log-file", file, overwrite, Writing::appended);
    try {
      return std::make_shared<spdlog::sinks::basic_file_sink_st>(file);
    } catch (const spdlog::spdlog_ex& error) {
      throw Error(ErrorCode::unwritable, std::string("--log-file: ") + error.what(), "choose another place");
    }
  }

  std::string file_;
  spdlog::logger logger_;
  std::optional<Error> failure_;
};

void print_json(const pipeline::Event& event) {
  std::fprintf(stdout, "%s\n", dump(to_json(event)).c_str());
  std::fflush(stdout);
}

TerminalPrinter::Options terminal_options(const Values& values) {
  TerminalPrinter::Options options;
  options.quiet = values.on("quiet");
  options.verbose = values.on("verbose");
  const char* terminal = std::getenv("TERM");
  const bool capable = terminal != nullptr && std::string_view(terminal) != "dumb" && ::isatty(STDERR_FILENO) != 0;
  options.live = capable && !values.on("no-progress") && !values.on("dry-run");
  return options;
}

// All printers of a job's events: the terminal or --json, reports, logs.
class Printers {
 public:
  explicit Printers(const Values& values)
      : json_(values.on("json")), quiet_(values.on("quiet")), terminal_(terminal_options(values)) {
    refuse_twins(values);
    const bool overwrite = values.on("overwrite");
    for (const std::string& file : values.texts("report")) reports_.emplace_back(file, overwrite);
    for (const std::string& file : values.texts("log-file")) logs_.emplace_back(file, overwrite);
    if (values.has("compare") && !values.on("dry-run")) compare_.emplace(values.text("compare"), overwrite);
  }

  void operator()(const pipeline::Event& event) {
    json_ ? print_json(event) : terminal_(event);
    for (Report& report : reports_) report(event);
    for (LogFile& log : logs_) log(event);
    if (compare_) (*compare_)(event);
    const auto* planned = std::get_if<pipeline::Planned>(&event);
    if (planned != nullptr && planned->action == "refuse") refused_ = true;
  }

  // Whether a dry run met a picture that a run would not make.
  bool refused() const { return refused_; }

  // Says which reports, logs and pages could not be written whole. True where all are.
  bool all_written() {
    bool whole = compared();
    const auto look_at = [&](const auto& files) {
      for (const auto& file : files) {
        if (!file.failure()) continue;
        complain(*file.failure());
        whole = false;
      }
    };
    look_at(reports_);
    look_at(logs_);
    return whole;
  }

 private:
  // Writes the page of --compare, which wants the results on disk.
  bool compared() {
    try {
      if (compare_) compare_->write(quiet_, interrupted());
      return true;
    } catch (const Error& error) {
      complain(error);
      return false;
    }
  }

  static void refuse_twins(const Values& values) {
    std::set<std::filesystem::path> files;
    for (const char* flag : {"report", "log-file", "compare"}) {
      for (const std::string& file : values.texts(flag)) {
        if (files.insert(std::filesystem::absolute(file).lexically_normal()).second) continue;
        throw Error(ErrorCode::usage, "--" + std::string(flag) + ": " + file + " is named twice", "name another file");
      }
    }
  }

  bool json_;
  bool quiet_;
  TerminalPrinter terminal_;
  std::deque<Report> reports_;
  std::deque<LogFile> logs_;
  std::optional<ComparePage> compare_;
  bool refused_ = false;
};

// The model that is named, or the job's own.
void take_model(const Values& values, const tasks::Job& job, pipeline::JobSpec& spec) {
  const bool named = values.has("model");
  if (!job.runs_model && typed(values, "model"))
    throw Error(ErrorCode::usage, spec.job + " runs no model", "leave --model out");
  if (!job.runs_model) return;
  spec.model = named ? values.text("model") : std::string(job.default_model);
  spec.model_tasks.assign(job.model_tasks.begin(), job.model_tasks.end());
  if (spec.model.empty()) {
    throw Error(ErrorCode::usage, "no model is built in for " + spec.job,
                "name one with --model: an .onnx file, or an id of `pixmill models list`");
  }
}

// --compare wants pictures beside one another.
void refuse_comparison(const Values& values, const tasks::Job& job, const pipeline::JobSpec& spec) {
  if (!values.has("compare")) return;
  if (!job.record_kind.empty())
    throw Error(ErrorCode::usage, "--compare: " + spec.job + " makes no pictures to compare",
                "--draw and --sheet show what it found");
  if (spec.outputs.output == "-")
    throw Error(ErrorCode::usage, "--compare wants the result as a file, not on standard output", "name it with -o");
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

pipeline::JobSpec job_spec(const Invocation& invocation) {
  const Values& values = invocation.values;
  if (invocation.arguments.empty() && !values.has("files0-from")) {
    throw Error(ErrorCode::usage, "no input was named",
                "pixmill " + std::string(values.command().name) + " photos/ -o out/");
  }
  pipeline::JobSpec spec;
  const tasks::Job& job = *tasks::find_job(values.command().name);
  spec.job = job.name;
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
  spec.input_size = static_cast<int>(values.integer("imgsz"));
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
  tasks::JobOptions options = job.read(values, spec.outputs.output, spec.decode);
  refuse_comparison(values, job, spec);
  if (!options.known_only) take_model(values, job, spec);
  if (!job.record_kind.empty() && job.formats.empty()) spec.data_set = pipeline::read_data_set(values);
  if (!options.formats.empty()) spec.exports = pipeline::export_formats(options.formats, values, job.record_kind);
  for (pipeline::ExportFormat& format : spec.exports) {
    const auto own = options.own_files.find(std::string(format.row->name));
    if (own != options.own_files.end()) format.file = own->second;
    spec.inputs.exclude.insert(spec.inputs.exclude.end(), format.own_results.begin(), format.own_results.end());
  }
  if (options.rule) spec.pick = pipeline::Pick{options.rule, options.known_only, {}};
  if (spec.exports.empty() && !spec.pick && spec.outputs.output == "-" && ::isatty(STDOUT_FILENO) != 0) {
    throw Error(ErrorCode::usage, "a terminal cannot show a picture", "-o FILE, or a pipe: pixmill ... -o - | viewer");
  }
  apply(std::move(options), spec);
  spec.settings = config::result_key(values) + spec.settings;
  return spec;
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
  Printers printers(invocation.values);
  const auto sink = [&](const pipeline::Event& event) { printers(event); };
  const pipeline::Ended ended = [&] {
    const RunningJob running;
    return pipeline::run(spec, sink, interrupted());
  }();
  if (ended.done > 0) keep_last_run(ended.cache);
  advise_model(ended, invocation.values);
  if (ended.total == 0) {
    complain(Error(
        ErrorCode::not_found, "no picture was found",
        "pixmill takes " +
            std::string("JPEG, PNG, WebP, TIFF, AVIF, HEIC, JXL, BMP and GIF; see --include, --exclude, --follow")));
  }
  const int code = hits && hits->stopped() ? kInterrupted : exit_code(ended);
  const bool good = printers.all_written() && !printers.refused() && (!hits || hits->all_good());
  return code == kAllGood && !good ? kSomeFailed : code;
}

}  // namespace pixmill::cli
