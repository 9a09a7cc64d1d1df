#include "cli/output/text.h"

#include <algorithm>

#include "pixmill/core/unicode.h"

namespace pixmill::cli {
namespace {

int columns_at(std::string_view text, std::size_t at) {
  return pixmill::columns_of(character_at(text, at).code);
}

}  // namespace

int columns_of(std::string_view text) {
  int columns = 0;
  for (std::size_t at = 0; at < text.size(); at += character_at(text, at).bytes) columns += columns_at(text, at);
  return columns;
}

std::string head_of(const std::string& text, int columns) {
  std::size_t at = 0;
  for (; at < text.size(); at += character_at(text, at).bytes) {
    columns -= columns_at(text, at);
    if (columns < 0) break;
  }
  return text.substr(0, at);
}

std::string tail_of(const std::string& text, int columns) {
  int left = columns_of(text);
  if (left <= columns) return text;
  std::size_t at = 0;
  for (; left > std::max(1, columns - 1); at += character_at(text, at).bytes) left -= columns_at(text, at);
  return "…" + text.substr(at);
}

std::string wrapped(std::string_view text, int indent, int width) {
  std::string lines;
  int column = indent;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    if (column > indent && column + 1 + columns_of(word) > width) {
      lines += "\n" + std::string(static_cast<std::size_t>(indent), ' ');
      column = indent;
    } else if (at > 0) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += columns_of(word);
    at = end + 1;
  }
  return lines;
}

std::string count_text(std::int64_t count, std::string_view thing) {
  return std::to_string(count) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

std::string utc_text(std::time_t moment, const char* pattern) {
  std::tm parts{};
  char text[64];
  const std::size_t length = std::strftime(text, sizeof text, pattern, ::gmtime_r(&moment, &parts));
  return {text, length};
}

std::string export_text(const pipeline::Exported& exported) {
  std::string text = exported.path.string() + ": " + exported.format + " of " +
                     count_text(exported.pictures, "picture") + ", " + count_text(exported.written, "file") +
                     " written";
  if (exported.unchanged > 0)
    text += ", " + std::to_string(exported.unchanged) + (exported.unchanged == 1 ? " as it was" : " as they were");
  if (!exported.failed.empty()) text += ", " + std::to_string(exported.failed.size()) + " failed";
  return text;
}

}  // namespace pixmill::cli
