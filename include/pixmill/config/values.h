// Values as users write them, and where each came from: default < file < preset < environment < flag.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/core/image.h"

namespace pixmill::config {

std::optional<bool> parse_toggle(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_real(std::string_view text);
std::optional<std::int64_t> parse_bytes(std::string_view text);  // "2G", "512M", "1000"
std::optional<double> parse_percent(std::string_view text);      // "8%" and "0.08" are 0.08
std::optional<Size> parse_size(std::string_view text);           // "2000x1500"; 1..32768 each
// R, G, B, alpha: "#rrggbb", "#rgb", "#rrggbbaa", "r,g,b" and "r,g,b,a" of 0..255, or a name of CSS in any case.
std::optional<std::array<std::uint8_t, 4>> parse_colour(std::string_view text);
// The names of devices, comma between; a number is one of CUDA's: "0,1" is "cuda:0,cuda:1".
std::string parse_devices(std::string_view text);
// Seconds since 1970: a date, a date and time (local), or so long before `now`: 90s, 15m, 12h, 7d.
std::optional<std::int64_t> parse_when(std::string_view text, std::int64_t now);

enum class Origin { fallback, file, preset, environment, flag };
std::string_view name_of(Origin origin);

// One command's flags with their values, all checked. Getters take a flag's name; asking for a flag that the command
// does not have, or as another kind, is a bug.
class Values {
 public:
  struct Value {
    std::vector<std::string> texts;
    Origin origin = Origin::fallback;
    std::string where;  // "settings.yaml:3", "low-memory", "PIXMILL_DEVICE"
  };

  explicit Values(const Command& command);

  // Throws Error{usage} where the value does not fit the flag; `where` stands in the message.
  void set(const Flag& flag, std::vector<std::string> texts, Origin origin, std::string where);

  const Command& command() const { return *command_; }
  const std::map<std::string_view, Value>& all() const { return values_; }
  bool has(std::string_view name) const;  // set, or with a default
  bool on(std::string_view name) const;
  const std::string& text(std::string_view name) const;  // "" when not set
  const std::vector<std::string>& texts(std::string_view name) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise = 0) const;  // "auto" and unset: otherwise
  double real(std::string_view name, double otherwise = 0) const;
  std::int64_t bytes(std::string_view name, std::int64_t otherwise = 0) const;
  double share(std::string_view name) const;

 private:
  const Command* command_;
  std::map<std::string_view, Value> values_;
};

// Every option that changes a result and has another value than its default, a line each, in the order of the command's
// flags. Two runs with the same text make the same results of the same picture, task, model and files that options
// name; so a new flag leaves what was made before as it is, and a new default wants a new version of the task's
// arithmetic.
std::string result_key(const Values& values);

}  // namespace pixmill::config
