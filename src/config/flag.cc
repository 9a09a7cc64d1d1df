#include "pixmill/config/flag.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <optional>

#include "pixmill/config/values.h"
#include "pixmill/core/nearest.h"

namespace pixmill::config {

std::vector<const Flag*> pointers(const std::vector<Flag>& flags, const std::vector<std::string_view>& of_jobs) {
  std::vector<const Flag*> all;
  for (const Flag& flag : flags) all.push_back(&flag);
  for (const std::string_view name : of_jobs) all.push_back(job_flag(name));
  return all;
}

const Flag* find_flag(const Command& command, std::string_view name) {
  for (const Flag* flag : command.flags) {
    if (flag->name == name) return flag;
  }
  return nullptr;
}

std::string environment_name(std::string_view flag) {
  std::string name = "PIXMILL_";
  for (const char c : flag) name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string refuse_value(const Flag& flag, std::string_view value) {
  const auto in_range = [&](double number) {
    return flag.maximum <= flag.minimum || (flag.minimum <= number && number <= flag.maximum);
  };
  const auto range = [&] {
    if (flag.maximum <= flag.minimum) return std::string();
    char text[64];
    std::snprintf(text, sizeof text, " from %g to %g", flag.minimum, flag.maximum);
    return std::string(text);
  };
  const auto is_choice = [&](std::string_view text) {
    return std::find(flag.choices.begin(), flag.choices.end(), text) != flag.choices.end();
  };
  const auto choices = [&] {
    std::string known;
    for (const std::string_view choice : flag.choices) known += " " + std::string(choice);
    return known;
  };
  switch (flag.kind) {
    case Kind::toggle: return parse_toggle(value) ? "" : "takes true or false";
    case Kind::text:
    case Kind::path: return value.empty() ? "takes a value" : value.find('\0') == value.npos ? "" : "holds a NUL byte";
    case Kind::integer: {
      const auto number = parse_integer(value);
      return number && in_range(static_cast<double>(*number)) ? "" : "takes a whole number" + range();
    }
    case Kind::real: {
      const auto number = parse_real(value);
      return number && in_range(*number) ? "" : "takes a number" + range();
    }
    case Kind::choice: {
      if (is_choice(value)) return "";
      const auto near = nearest(value, {flag.choices.begin(), flag.choices.end()});
      return "takes one of" + choices() + (near ? "; did you mean " + *near + "?" : "");
    }
    case Kind::automatic: {
      const auto number = parse_integer(value);
      return value == "auto" || (number && *number >= 1 && in_range(static_cast<double>(*number)))
                 ? ""
                 : "takes auto or a whole number from 1" +
                       (flag.maximum > 0 ? " to " + std::to_string(static_cast<long>(flag.maximum)) : "");
    }
    case Kind::bytes: {
      if (value == "auto" || parse_bytes(value) || is_choice(value)) return "";
      return "takes" + choices() + (flag.choices.empty() ? "" : " or") + " a number with K, M, G or T, for example 2G";
    }
    case Kind::percent: {
      const auto number = parse_percent(value);
      return number && in_range(*number)
                 ? ""
                 : "takes a share, for example 8%, up to " + std::to_string(static_cast<int>(flag.maximum * 100)) + "%";
    }
    case Kind::size: return parse_size(value) ? "" : "takes WIDTHxHEIGHT, for example 2000x2000";
  }
  return "";
}

}  // namespace pixmill::config
