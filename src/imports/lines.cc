#include "imports/lines.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace pixmill::imports {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  const std::size_t mark = text.substr(end).starts_with("\r\n") ? 2 : 1;
  text.remove_prefix(std::min(text.size(), end + mark));
  return line;
}

void each_line(LabelFile& file, const std::function<void(std::string_view line)>& take) {
  constexpr std::size_t kLongest = std::size_t{64} << 20;
  std::string held;
  const auto ended = [&](std::string_view line) {
    ++file.line;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (file.line == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
    if (file.line == 1 && (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")))
      file.fail("it is UTF-16", "save it as UTF-8");
    if (line.find_first_not_of(" \t") != std::string_view::npos) take(line);
  };
  file.line = 0;
  for (std::string_view piece = file.next(); !piece.empty(); piece = file.next()) {
    held += piece;
    std::string_view rest = held;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      ended(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    held.erase(0, held.size() - rest.size());
    if (held.size() > kLongest) file.fail("a line of more than 64 MB", "is it a file of labels?");
  }
  if (!held.empty()) ended(held);
}

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

std::optional<double> number_in(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<double>::infinity();
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string quote("'");
  quote += text.substr(0, kLongest);
  quote += text.size() > kLongest ? "...'" : "'";
  return quote;
}

}  // namespace pixmill::imports
