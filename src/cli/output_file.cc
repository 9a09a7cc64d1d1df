#include "cli/output_file.h"

#include <array>
#include <cctype>
#include <span>
#include <string>
#include <system_error>

#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"
#include "pixmill/measure/stats.h"
#include "pixmill/platform/files.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kHeadBytes = 4096;

std::string head_of_file(const fs::path& file) {
  const platform::Descriptor handle = platform::open_to_read(file);
  std::array<std::byte, kHeadBytes> head{};
  std::size_t filled = 0;
  while (const std::size_t count = platform::read_some(handle, std::span(head).subspan(filled), file)) filled += count;
  return {reinterpret_cast<const char*>(head.data()), filled};
}

// "2026-11-21T08:00:00+0000 {"event":..."
bool is_log(std::string_view first_line) {
  const std::size_t space = first_line.find(' ');
  return space != std::string_view::npos && space >= 19 && std::isdigit(static_cast<unsigned char>(first_line[0])) &&
         first_line[10] == 'T' && first_line.substr(space + 1).starts_with("{\"event\":\"");
}

}  // namespace

bool made_by_pixmill(std::string_view head) {
  const std::string_view first_line = head.substr(0, head.find_first_of("\r\n"));
  if (head.starts_with('{')) return head.find(kJsonMark) != std::string_view::npos;
  if (head.starts_with("<!doctype html>")) return head.find(kHtmlMark) != std::string_view::npos;
  return first_line == kReportColumns || first_line.starts_with(kBenchColumns) ||
         first_line == measure::kStatsColumns || first_line.starts_with(kDoctorMark) ||
         first_line.starts_with(kPresetMark) || is_log(first_line);
}

void check_output_file(std::string_view what, const fs::path& file, bool overwrite, Writing writing) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (!fs::exists(status)) return;
  const std::string begin = std::string(what) + ": " + file.string();
  const std::string hint = "name another file; --overwrite replaces it";
  if (fs::is_directory(status)) throw Error(ErrorCode::usage, begin + " is a folder", "name a file in it");
  if (!fs::is_regular_file(status)) {
    if (writing == Writing::appended) return;
    throw Error(ErrorCode::usage, begin + " is a device or a pipe, and not a file to replace", "name a file");
  }
  std::string head;
  try {
    head = head_of_file(file);
  } catch (const Error& unreadable) {
    if (overwrite) return;
    throw Error(ErrorCode::usage, begin + " cannot be read, so nothing says that pixmill made it", hint);
  }
  // It may be an input, or the only copy of somebody's work: no flag makes a report or a log of it.
  if (codecs::sniff(std::as_bytes(std::span(head))))
    throw Error(ErrorCode::usage, begin + " is a picture", "name another file");
  if (overwrite || head.empty() || made_by_pixmill(head)) return;
  throw Error(ErrorCode::usage, begin + " exists and was not made by pixmill",
              writing == Writing::whole ? hint : "name another file; --overwrite appends to it all the same");
}

void check_output_page(std::string_view what, const fs::path& file, bool overwrite) {
  const std::string ending = file.extension().string();
  if (ending != ".html" && ending != ".htm")
    throw Error(ErrorCode::usage, std::string(what) + ": " + file.string() + " does not end in .html",
                "it is a page for a browser");
  check_output_file(what, file, overwrite);
}

void write_output_file(std::string_view what, const fs::path& file, std::string_view text, bool overwrite) {
  check_output_file(what, file, overwrite);
  platform::write_whole(file, text);
}

}  // namespace pixmill::cli
