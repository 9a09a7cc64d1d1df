#include "cli/output/report.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "cli/output/event_json.h"
#include "cli/output/terminal.h"
#include "cli/output_file.h"
#include "pixmill/core/error.h"
#include "pixmill/core/text.h"

namespace pixmill::cli {
namespace {

std::string paths_text(const std::vector<std::filesystem::path>& paths) {
  return joined({paths.begin(), paths.end()}, " ");
}

// One result as a row of plain fields, whatever it came to.
struct Row {
  std::string input, state, outputs, code, message, hint;
  Size size;
  double ms = 0.0;
};

std::optional<Row> row_of(const pipeline::Event& event) {
  if (const auto* done = std::get_if<pipeline::Done>(&event)) {
    Row row{done->input.string(), "done", paths_text(done->outputs), {}, {}, {}, done->size};
    for (const double ms : done->times) row.ms += ms;
    return row;
  }
  if (const auto* skipped = std::get_if<pipeline::Skipped>(&event))
    return Row{skipped->input.string(), "skipped", paths_text(skipped->outputs), {}, {}, {}, {}};
  if (const auto* failed = std::get_if<pipeline::Failed>(&event)) {
    return Row{failed->input.string(), "failed",     {}, std::string(pixmill::name_of(failed->code)),
               failed->message,        failed->hint, {}};
  }
  return std::nullopt;
}

}  // namespace

struct Report::Format {
  virtual ~Format() = default;
  virtual void open(std::ostream& out) = 0;
  virtual void write(std::ostream& out, const pipeline::Event& event) = 0;
};

// They come a few times a second: of a long job every second, fourth, ... is kept, so that memory stays bounded.
constexpr std::size_t kMostBatches = 4096;

struct Report::Json : Format {
  bool first = true;
  nlohmann::ordered_json batches = nlohmann::ordered_json::array();
  nlohmann::ordered_json changes = nlohmann::ordered_json::array();
  std::size_t told = 0;
  std::size_t stride = 1;

  void keep(const pipeline::BatchEnded& batch) {
    if (told++ % stride != 0) return;
    batches.push_back(to_json(batch));
    if (batches.size() < kMostBatches) return;
    auto thinned = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < batches.size(); i += 2) thinned.push_back(std::move(batches[i]));
    batches = std::move(thinned);
    stride *= 2;
  }
  void open(std::ostream& out) override { out << "{" << kJsonMark << " \"" << PIXMILL_VERSION << "\", \"results\": ["; }
  void write(std::ostream& out, const pipeline::Event& event) override {
    if (const auto* batch = std::get_if<pipeline::BatchEnded>(&event)) {
      keep(*batch);
    } else if (std::holds_alternative<pipeline::BatchChanged>(event)) {
      changes.push_back(to_json(event));
    } else if (std::holds_alternative<pipeline::Ended>(event)) {
      out << "\n], \"batches\": " << dump(batches) << ", \"batch_changes\": " << dump(changes)
          << ", \"summary\": " << dump(to_json(event)) << "}\n";
    } else if (row_of(event)) {
      out << (std::exchange(first, false) ? "\n" : ",\n") << dump(to_json(event));
    }
  }
};

struct Report::Csv : Format {
  void open(std::ostream& out) override { out << kReportColumns << "\r\n"; }
  void write(std::ostream& out, const pipeline::Event& event) override {
    const std::optional<Row> row = row_of(event);
    if (!row) return;
    out << csv_field(row->input) << ',' << row->state << ',' << csv_field(row->outputs) << ',';
    if (row->size.width > 0)
      out << row->size.width << ',' << row->size.height << ',' << row->ms;
    else
      out << ",,";
    out << ',' << row->code << ',' << csv_field(row->message) << ',' << csv_field(row->hint) << "\r\n";
  }
};

struct Report::Html : Format {
  void open(std::ostream& out) override {
    out << "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">" << kHtmlMark
        << "<title>pixmill report</title><style>"
           "body{font:14px/1.5 system-ui,sans-serif;margin:2em auto;max-width:80em;padding:0 "
           "1em;color:#222;background:#fff}"
           "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3em .6em;border-bottom:1px solid "
           "#ddd;overflow-wrap:anywhere}"
           ".failed{background:#fdecea}.skipped{color:#777}dt{font-weight:600}dd{margin:0 0 .4em}"
           "@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}td,th{border-color:#333}.failed{"
           "background:#3a1512}}"
           "</style><h1>pixmill report</h1><table><tr><th>Input</th><th>State</th><th>Size</th><th>ms</th><th>Outputs, "
           "or what went wrong</th></tr>\n";
  }
  void write(std::ostream& out, const pipeline::Event& event) override {
    if (const auto* ended = std::get_if<pipeline::Ended>(&event)) return close(out, *ended);
    const std::optional<Row> row = row_of(event);
    if (!row) return;
    out << "<tr class=\"" << row->state << "\"><td>" << html_escaped(printable(row->input)) << "<td>" << row->state
        << "<td>";
    if (row->size.width > 0) out << row->size.width << "×" << row->size.height;
    out << "<td>";
    if (row->ms > 0) out << static_cast<int>(row->ms + 0.5);
    out << "<td>" << html_escaped(printable(row->outputs)) << html_escaped(printable(row->message));
    if (!row->hint.empty()) out << "<br><em>" << html_escaped(printable(row->hint)) << "</em>";
    out << "\n";
  }
  static void close(std::ostream& out, const pipeline::Ended& ended) {
    out << "</table><h2>Summary</h2><dl>";
    const auto entry = [&](const char* term, const std::string& text) {
      if (!text.empty()) out << "<dt>" << term << "<dd>" << html_escaped(printable(text)) << "\n";
    };
    entry("Pictures", std::to_string(ended.done) + " done, " + std::to_string(ended.skipped) + " skipped, " +
                          std::to_string(ended.failed) + " failed, " + std::to_string(ended.unfinished()) +
                          " unfinished of " + std::to_string(ended.total));
    entry("Stopped", ended.stopped_because);
    entry("Time", clock_text(ended.elapsed_s) + ", " + std::to_string(ended.rate) + " pictures a second, at most " +
                      std::to_string(ended.peak_rate));
    entry("Model", ended.model + " (sha256 " + ended.model_hash + ")");
    for (const pipeline::DeviceShare& share : ended.devices) {
      entry("Ran on", share.session.device + ", " + share.session.backend + " " + share.session.backend_version + ", " +
                          std::string(runtime::name_of(share.session.precision)) + ": " +
                          std::to_string(share.pictures) + " pictures, " + std::to_string(share.batch) + " at once");
    }
    entry("Batches", std::to_string(ended.batches) + (ended.batching.empty() ? "" : "; " + ended.batching));
    if (ended.done > 0) entry("From caches", cache_text(ended.cache));
    entry("Memory",
          bytes_text(ended.average_memory_bytes) + " on average, " + bytes_text(ended.peak_memory_bytes) + " at most");
    entry("Bottleneck", ended.bottleneck);
    for (const std::string& warning : ended.warnings) entry("Warning", warning);
    out << "</dl></html>\n";
  }
};

Report::Report(const std::filesystem::path& file, bool overwrite) : file_(file), overwrite_(overwrite), staged_(file) {
  staged_ += "." + std::to_string(::getpid()) + ".tmp";
  const std::string extension = file.extension().string();
  if (extension == ".json") format_ = std::make_unique<Json>();
  if (extension == ".csv") format_ = std::make_unique<Csv>();
  if (extension == ".html" || extension == ".htm") format_ = std::make_unique<Html>();
  if (!format_)
    throw Error(ErrorCode::usage, "--report: " + file.string() + " has an unknown ending",
                "name it .json, .csv or .html");
  check_output_file("--report", file, overwrite);
  stream_.open(staged_, std::ios::binary);
  if (!stream_)
    throw Error(ErrorCode::unwritable, "--report: " + file.string() + ": " + std::strerror(errno),
                "choose another place");
  format_->open(stream_);
}

Report::~Report() {
  std::error_code ignored;
  if (stream_.is_open()) std::filesystem::remove(staged_, ignored);  // the job never ended: no half report
}

void Report::operator()(const pipeline::Event& event) {
  if (failure_) return;
  errno = 0;
  format_->write(stream_, event);
  if (!stream_) return fail(std::strerror(errno));
  if (std::holds_alternative<pipeline::Ended>(event)) close();
}

void Report::close() {
  errno = 0;
  stream_.close();
  if (!stream_) return fail(std::strerror(errno));
  try {
    check_output_file("--report", file_, overwrite_);  // another program may have made it meanwhile
  } catch (const Error& error) {
    return fail(error.message());
  }
  std::error_code error;
  std::filesystem::rename(staged_, file_, error);
  if (error) fail(error.message());
}

void Report::fail(const std::string& reason) {
  std::error_code ignored;
  stream_.close();
  std::filesystem::remove(staged_, ignored);
  failure_.emplace(ErrorCode::unwritable, "--report: " + file_.string() + " could not be written whole: " + reason,
                   "free some space there, or choose another place; the same command writes it again");
}

}  // namespace pixmill::cli
