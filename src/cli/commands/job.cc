#include "cli/commands/job.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>

#include "cli/commands/commands.h"
#include "cli/commands/last_run.h"
#include "cli/output/event_json.h"
#include "cli/output/report.h"
#include "cli/output/terminal.h"
#include "pixmill/tasks/job.h"
#include "pixmill/platform/home.h"

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

pipeline::InputSpec input_spec(const Invocation& invocation) {
  const Values& values = invocation.values;
  pipeline::InputSpec inputs;
  inputs.inputs = invocation.arguments;
  inputs.include = values.texts("include");
  inputs.exclude = values.texts("exclude");
  inputs.recursive = !values.on("no-recursive");
  inputs.follow_links = values.on("follow");
  inputs.limit = values.integer("limit");
  if (values.has("newer-than")) {
    inputs.newer_than = config::parse_when(values.text("newer-than"), std::time(nullptr));
    if (!inputs.newer_than) {
      throw Error(ErrorCode::usage, "--newer-than: '" + values.text("newer-than") + "' is no time",
                  "write 2026-11-21, 2026-11-21T08:00 or 12h");
    }
  }
  if (values.has("shard")) read_shard(values.text("shard"), inputs);
  return inputs;
}

// A slip like `--report photo.jpg` must not cost a photograph.
void refuse_picture(const char* flag, const std::filesystem::path& file) {
  std::error_code error;
  if (file.empty() || !std::filesystem::exists(file, error)) return;
  std::array<char, 64> head{};
  std::ifstream stream;
  if (std::filesystem::is_regular_file(file, error)) stream.open(file, std::ios::binary);
  stream.read(head.data(), head.size());
  const auto bytes =
      std::as_bytes(std::span(head.data(), static_cast<std::size_t>(std::max<std::streamsize>(0, stream.gcount()))));
  if (codecs::sniff(bytes)) {
    throw Error(ErrorCode::usage, "--" + std::string(flag) + ": " + file.string() + " is a picture",
                "name another file");
  }
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

using Printer = std::function<void(const pipeline::Event&)>;

// The log file as a printer of its own: everything but progress, with the time before each line.
class LogFile {
 public:
  explicit LogFile(const std::string& file) : logger_("pixmill", open(file)) {
    logger_.set_pattern("%Y-%m-%dT%H:%M:%S%z %v");
    logger_.flush_on(spdlog::level::info);
  }

  void operator()(const pipeline::Event& event) {
    if (!std::holds_alternative<pipeline::Progress>(event)) logger_.info("{}", dump(to_json(event)));
  }

 private:
  static spdlog::sink_ptr open(const std::string& file) {
    try {
      return std::make_shared<spdlog::sinks::basic_file_sink_st>(file);
    } catch (const spdlog::spdlog_ex& error) {
      throw Error(ErrorCode::unwritable, std::string("--log-file: ") + error.what(), "choose another place");
    }
  }

  spdlog::logger logger_;
};

std::vector<Printer> printers(const Values& values) {
  std::vector<Printer> list;
  if (values.on("json")) {
    list.emplace_back([](const pipeline::Event& event) {
      std::fprintf(stdout, "%s\n", dump(to_json(event)).c_str());
      std::fflush(stdout);
    });
  } else {
    TerminalPrinter::Options options;
    options.quiet = values.on("quiet");
    options.verbose = values.on("verbose");
    const char* terminal = std::getenv("TERM");
    const bool capable = terminal != nullptr && std::string_view(terminal) != "dumb" && ::isatty(STDERR_FILENO) != 0;
    options.live = capable && !values.on("no-progress") && !values.on("dry-run");
    list.emplace_back(
        [printer = std::make_shared<TerminalPrinter>(options)](const pipeline::Event& event) { (*printer)(event); });
  }
  if (values.has("report")) {
    list.emplace_back(
        [report = std::make_shared<Report>(values.text("report"))](const pipeline::Event& event) { (*report)(event); });
  }
  if (values.has("log-file")) {
    list.emplace_back(
        [log = std::make_shared<LogFile>(values.text("log-file"))](const pipeline::Event& event) { (*log)(event); });
  }
  return list;
}

// What the job makes of its own options.
void apply(tasks::JobOptions options, pipeline::JobSpec& spec) {
  spec.outputs.picture.format = options.format;
  spec.outputs.picture_wanted = options.picture;
  spec.outputs.mask_wanted = options.mask;
  if (spec.outputs.name_template.empty()) spec.outputs.name_template = std::move(options.name_template);
  spec.result_pixels = options.result_pixels;
  spec.settings = std::move(options.files);
  spec.make_task = std::move(options.make_task);
}

}  // namespace

int exit_code(const pipeline::Ended& ended) {
  if (ended.interrupted) return kInterrupted;
  if (ended.total == 0) return kNoPicture;
  if (ended.device_lost && ended.done + ended.skipped == 0) return kWrongUsage;  // nothing could run
  return ended.failed > 0 || !ended.stopped_because.empty() ? kSomeFailed : kAllGood;
}

std::int64_t cache_bytes(const Values& values, const char* flag) {
  return values.text(flag) == "off" ? 0 : values.bytes(flag, -1);
}

pipeline::JobSpec job_spec(const Invocation& invocation) {
  const Values& values = invocation.values;
  if (invocation.arguments.empty()) {
    throw Error(ErrorCode::usage, "no input was named",
                "pixmill " + std::string(values.command().name) + " photos/ -o out/");
  }
  pipeline::JobSpec spec;
  const tasks::Job& job = *tasks::find_job(values.command().name);
  spec.job = job.name;
  spec.inputs = input_spec(invocation);
  spec.outputs.output = values.text("output");
  spec.outputs.name_template = values.text("name");
  spec.outputs.keep_metadata = values.text("metadata") == "keep";
  spec.outputs.overwrite = values.on("overwrite");
  spec.outputs.force = values.on("force");
  spec.outputs.picture.quality = static_cast<int>(values.integer("quality"));
  spec.model = values.has("model") ? values.text("model") : std::string(job.default_model);
  if (spec.model.empty()) {
    throw Error(ErrorCode::usage, "no model is built in for " + spec.job, "name one with --model");
  }
  spec.session.backend = values.text("backend");
  spec.session.device = values.text("device");
  spec.session.precision = runtime::precision_from(values.text("precision")).value();
  spec.session.require_device = values.on("require-device");
  spec.session.provider_options = provider_options(values.texts("provider-option"));
  spec.session.streams = static_cast<int>(values.integer("threads"));
  spec.workers = static_cast<int>(values.integer("threads"));
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
  if (spec.outputs.output == "-" && ::isatty(STDOUT_FILENO) != 0) {
    throw Error(ErrorCode::usage, "a picture is not for a terminal's eyes",
                "-o FILE, or a pipe: pixmill ... -o - | viewer");
  }
  for (const char* name : {"report", "log-file"}) refuse_picture(name, values.text(name));
  apply(job.read(values, spec.decode), spec);
  spec.settings = config::result_key(values) + spec.settings;
  return spec;
}

int run_job(const Invocation& invocation) {
  const pipeline::JobSpec spec = job_spec(invocation);
  const std::vector<Printer> all = printers(invocation.values);
  const auto sink = [&](const pipeline::Event& event) {
    for (const Printer& printer : all) printer(event);
  };
  const pipeline::Ended ended = pipeline::run(spec, sink, interrupted());
  if (ended.done > 0) keep_last_run(ended.cache);
  if (ended.total == 0) {
    complain(Error(
        ErrorCode::not_found, "no picture was found",
        "pixmill takes " +
            std::string("JPEG, PNG, WebP, TIFF, AVIF, HEIC, JXL, BMP and GIF; see --include, --exclude, --follow")));
  }
  return exit_code(ended);
}

}  // namespace pixmill::cli
