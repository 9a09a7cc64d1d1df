#include "cli/commands/printers.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "cli/commands/commands.h"
#include "cli/output/event_json.h"
#include "cli/output_file.h"

namespace pixmill::cli {

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

namespace {

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

void refuse_twins(const Values& values) {
  std::set<std::filesystem::path> files;
  for (const char* flag : {"report", "log-file", "compare"}) {
    for (const std::string& file : values.texts(flag)) {
      if (files.insert(std::filesystem::absolute(file).lexically_normal()).second) continue;
      throw Error(ErrorCode::usage, "--" + std::string(flag) + ": " + file + " is named twice", "name another file");
    }
  }
}

}  // namespace

Printers::Printers(const Values& values)
    : json_(values.on("json")), quiet_(values.on("quiet")), terminal_(terminal_options(values)) {
  refuse_twins(values);
  const bool overwrite = values.on("overwrite");
  for (const std::string& file : values.texts("report")) reports_.emplace_back(file, overwrite);
  for (const std::string& file : values.texts("log-file")) logs_.emplace_back(file, overwrite);
  if (values.has("compare") && !values.on("dry-run")) compare_.emplace(values.text("compare"), overwrite);
}

Printers::~Printers() = default;

void Printers::operator()(const pipeline::Event& event) {
  json_ ? print_json(event) : terminal_(event);
  for (Report& report : reports_) report(event);
  for (LogFile& log : logs_) log(event);
  if (compare_) (*compare_)(event);
  const auto* planned = std::get_if<pipeline::Planned>(&event);
  if (planned != nullptr && planned->action == "refuse") refused_ = true;
}

// Writes the page of --compare, which wants the results on disk.
bool Printers::compared() {
  try {
    if (compare_) compare_->write(quiet_, interrupted());
    return true;
  } catch (const Error& error) {
    complain(error);
    return false;
  }
}

bool Printers::all_written() {
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

}  // namespace pixmill::cli
