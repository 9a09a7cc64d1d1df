// The part of a card that measurements write: changed as text, so that the rest stays as its author wrote it.
#include <string>

#include "pixmill/core/error.h"
#include "pixmill/models/model_card.h"

namespace pixmill::models {
namespace {

std::string sequence(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return "[" + text + "]";
}

// Where the line after `at` begins.
std::size_t next_line(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

// The lines of a key of the whole card: its own and those that are indented under it. Empty at the end without it.
struct Lines {
  std::size_t begin = 0, end = 0;
};
Lines lines_of(std::string_view yaml, std::string_view key) {
  for (std::size_t at = 0; at < yaml.size(); at = next_line(yaml, at)) {
    if (!yaml.substr(at).starts_with(key)) continue;
    std::size_t end = next_line(yaml, at);
    while (end < yaml.size() && (yaml[end] == ' ' || yaml[end] == '\n' || yaml[end] == '\r'))
      end = next_line(yaml, end);
    return {at, end};
  }
  return {yaml.size(), yaml.size()};
}

// False for a card whose keys are not lines ({...} around all): it is put in order as a whole.
bool reads_back(const std::string& yaml, const RuntimeSpec& runtime) {
  try {
    return parse_card(yaml, {}).runtime == runtime;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::string to_yaml(const RuntimeSpec& runtime) {
  std::string lines;
  if (runtime.batch > 0) lines += "  batch: " + std::to_string(runtime.batch) + "\n";
  if (!runtime.deny.empty()) lines += "  deny: " + sequence(runtime.deny) + "\n";
  if (!runtime.precision.empty()) lines += "  precision: " + sequence(runtime.precision) + "\n";
  return lines.empty() ? lines : "runtime:\n" + lines;
}

std::string with_runtime(std::string_view yaml, std::string_view origin, const RuntimeSpec& runtime) {
  const Lines lines = lines_of(yaml, "runtime:");
  std::string text(yaml.substr(0, lines.begin));
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += to_yaml(runtime);
  text += yaml.substr(lines.end);
  if (reads_back(text, runtime)) return text;
  ModelCard card = parse_card(yaml, origin);
  card.runtime = runtime;
  return to_yaml(card);
}

}  // namespace pixmill::models
