#include "pixmill/config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ctime>

#include "config/css_colours.h"
#include "pixmill/core/error.h"

namespace pixmill::config {
namespace {

template <typename Number>
std::optional<Number> parse_number(std::string_view text, auto... base) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base...);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

std::string_view default_of(const Flag& flag) {
  return flag.kind == Kind::toggle ? "false" : flag.fallback;
}

}  // namespace

std::optional<bool> parse_toggle(std::string_view text) {
  if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "0" || text == "no" || text == "off") return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return parse_number<std::int64_t>(text);
}

std::optional<double> parse_real(std::string_view text) {
  const auto number = parse_number<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  int shift = 0;
  if (!text.empty()) {
    constexpr std::string_view kUnits = "KMGT";
    const std::size_t unit = kUnits.find(static_cast<char>(std::toupper(static_cast<unsigned char>(text.back()))));
    if (unit != std::string_view::npos) {
      shift = 10 * (static_cast<int>(unit) + 1);
      text.remove_suffix(1);
    }
  }
  const auto number = parse_real(text);
  if (!number || *number < 0) return std::nullopt;
  const double bytes = std::ldexp(*number, shift);
  if (bytes > 9e18) return std::nullopt;
  return static_cast<std::int64_t>(bytes);
}

std::optional<double> parse_percent(std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const auto number = parse_real(text);
  if (!number || *number < 0) return std::nullopt;
  return percent ? *number / 100.0 : *number;
}

std::optional<Size> parse_size(std::string_view text) {
  constexpr int kLargest = 32768;
  const std::size_t cross = text.find_first_of("xX");
  if (cross == std::string_view::npos) return std::nullopt;
  const auto width = parse_number<int>(text.substr(0, cross));
  const auto height = parse_number<int>(text.substr(cross + 1));
  const auto sane = [](const std::optional<int>& extent) { return extent && *extent >= 1 && *extent <= kLargest; };
  if (!sane(width) || !sane(height)) return std::nullopt;
  return Size{*width, *height};
}

std::optional<std::array<std::uint8_t, 4>> parse_colour(std::string_view text) {
  std::array<std::uint8_t, 4> colour = {0, 0, 0, 255};
  if (text.starts_with('#') && (text.size() == 4 || text.size() == 7 || text.size() == 9)) {
    const std::size_t digits = text.size() == 4 ? 1 : 2;
    for (std::size_t i = 0; 1 + i * digits < text.size(); ++i) {
      const auto value = parse_number<unsigned>(text.substr(1 + i * digits, digits), 16);
      if (!value) return std::nullopt;
      colour[i] = static_cast<std::uint8_t>(digits == 1 ? *value * 17 : *value);
    }
    return colour;
  }
  if (text.find(',') == std::string_view::npos) return css_colour(text);
  std::size_t count = 0;
  for (std::size_t from = 0; from <= text.size(); ++count) {
    const std::size_t to = std::min(text.find(',', from), text.size());
    std::string_view part = text.substr(from, to - from);
    while (part.starts_with(' ')) part.remove_prefix(1);
    const auto value = parse_number<int>(part);
    if (!value || *value < 0 || *value > 255 || count == colour.size()) return std::nullopt;
    colour[count] = static_cast<std::uint8_t>(*value);
    from = to + 1;
  }
  return count < 3 ? std::nullopt : std::optional(colour);
}

std::string parse_devices(std::string_view text) {
  std::string names;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(',', from), text.size());
    const std::string_view name = text.substr(from, to - from);
    if (from > 0) names += ',';
    if (!name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos) names += "cuda:";
    names += name;
    from = to + 1;
  }
  return names;
}

std::optional<std::int64_t> parse_when(std::string_view text, std::int64_t now) {
  if (text.size() >= 2) {
    constexpr std::string_view kUnits = "smhd";
    constexpr std::array<std::int64_t, 4> kSeconds = {1, 60, 3600, 86400};
    const std::size_t unit = kUnits.find(text.back());
    const auto number = parse_integer(text.substr(0, text.size() - 1));
    if (unit != std::string_view::npos && number && *number >= 0 && *number < 1'000'000'000)
      return now - *number * kSeconds[unit];
  }
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"}) {
    std::tm parts{};
    parts.tm_isdst = -1;
    const std::string copy(text);
    const char* end = strptime(copy.c_str(), format, &parts);
    if (end != nullptr && *end == '\0') return std::mktime(&parts);
  }
  return std::nullopt;
}

std::string_view name_of(Origin origin) {
  switch (origin) {
    case Origin::fallback: return "default";
    case Origin::file: return "file";
    case Origin::preset: return "preset";
    case Origin::environment: return "environment";
    case Origin::flag: return "flag";
  }
  return "";
}

Values::Values(const Command& command) : command_(&command) {
  for (const Flag* flag : command.flags) {
    if (!flag->fallback.empty()) values_[flag->name] = {{std::string(flag->fallback)}, Origin::fallback, {}};
  }
}

void Values::set(const Flag& flag, std::vector<std::string> texts, Origin origin, std::string where) {
  for (const std::string& text : texts) {
    const std::string reason = refuse_value(flag, text);
    if (!reason.empty()) {
      throw Error(ErrorCode::usage,
                  (origin == Origin::preset ? "preset " : "") + where + ": '" + text + "' does not fit: --" +
                      std::string(flag.name) + " " + reason,
                  "pixmill " + std::string(command_->name) + " --help");
    }
  }
  values_[flag.name] = {std::move(texts), origin, std::move(where)};
}

bool Values::has(std::string_view name) const {
  return values_.contains(name);
}

bool Values::on(std::string_view name) const {
  return has(name) && parse_toggle(text(name)).value_or(false);
}

const std::string& Values::text(std::string_view name) const {
  static const std::string none;
  const auto& all = texts(name);
  return all.empty() ? none : all.back();
}

const std::vector<std::string>& Values::texts(std::string_view name) const {
  static const std::vector<std::string> none;
  const auto found = values_.find(name);
  return found == values_.end() ? none : found->second.texts;
}

std::int64_t Values::integer(std::string_view name, std::int64_t otherwise) const {
  return parse_integer(text(name)).value_or(otherwise);
}

double Values::real(std::string_view name, double otherwise) const {
  return parse_real(text(name)).value_or(otherwise);
}

std::int64_t Values::bytes(std::string_view name, std::int64_t otherwise) const {
  return parse_bytes(text(name)).value_or(otherwise);
}

double Values::share(std::string_view name) const {
  return parse_percent(text(name)).value_or(0.0);
}

std::string result_key(const Values& values) {
  std::string key;
  for (const Flag* flag : values.command().flags) {
    if (!flag->changes_result) continue;
    const std::vector<std::string>& texts = values.texts(flag->name);
    if (texts.empty() || (texts.size() == 1 && texts.front() == default_of(*flag))) continue;
    key.append(flag->name).append("=");
    for (const std::string& text : texts) key.append(text).append("\n");
  }
  return key;
}

}  // namespace pixmill::config
