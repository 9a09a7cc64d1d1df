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

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string quote("'");
  quote += text.substr(0, kLongest);
  quote += text.size() > kLongest ? "...'" : "'";
  return quote;
}

}  // namespace pixmill::imports
