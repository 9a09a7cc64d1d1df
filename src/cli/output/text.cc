#include "cli/output/text.h"

#include <algorithm>

namespace pixmill::cli {
namespace {

// The second and later bytes of a character.
bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Where the character after `columns` others begins.
std::size_t byte_at(std::string_view text, int columns) {
  std::size_t at = 0;
  for (; columns > 0 && at < text.size(); --columns) {
    do ++at;
    while (at < text.size() && continues(text[at]));
  }
  return at;
}

}  // namespace

int columns_of(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string head_of(const std::string& text, int columns) {
  return text.substr(0, byte_at(text, columns));
}

std::string tail_of(const std::string& text, int columns) {
  const int count = columns_of(text);
  return count <= columns ? text : "…" + text.substr(byte_at(text, count - std::max(1, columns - 1)));
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
