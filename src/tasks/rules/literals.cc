#include "tasks/rules/literals.h"

#include <cmath>
#include <ctime>
#include <optional>
#include <string>

#include "pixmill/config/values.h"

namespace pixmill::tasks::rules {
namespace {

struct UnitRow {
  std::string_view meaning;  // what a number beside it may be
  bool percent = false;
  bool whole = false;
  double most = 1e12;
  bool single = false;  // kept with single precision in records
};

UnitRow row_of(Unit unit) {
  switch (unit) {
    case Unit::count: return {"a whole number: 2, 1K", false, true};
    case Unit::area: return {"pixels (2000, 15K) or a part of the picture's area (5%)", true};
    case Unit::across: return {"pixels (200, 1K) or a part of the picture's width (5%)", true};
    case Unit::down: return {"pixels (200, 1K) or a part of the picture's height (5%)", true};
    case Unit::share: return {"0 to 1, or 0% to 100%", true, false, 1, true};
    case Unit::ratio: return {"width by height: 1.5"};
    case Unit::pixels: return {"pixels: 1920, 2M"};
    case Unit::sharpness: return {"a number: 80", false, false, 1e12, true};
    case Unit::brightness: return {"0 (black) to 255", false, false, 255, true};
  }
  return {};
}

double factor_of(char suffix) {
  return suffix == 'K' || suffix == 'k' ? 1e3 : suffix == 'M' || suffix == 'm' ? 1e6 : 1;
}

// The same day as its text says: the 31st of a month of 30 days is none.
bool is_that_day(std::string_view text, std::int64_t moment) {
  const std::time_t seconds = moment;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char day[32];
  std::strftime(day, sizeof day, "%Y-%m-%d", &parts);
  return text.starts_with(day);
}

std::int64_t next_day(std::int64_t moment) {
  const std::time_t seconds = moment;
  std::tm parts{};
  localtime_r(&seconds, &parts);
  ++parts.tm_mday;
  parts.tm_isdst = -1;
  return std::mktime(&parts);
}

}  // namespace

Limit read_limit(std::string_view rule, const Token& token, Unit unit, std::string_view of) {
  const UnitRow row = row_of(unit);
  const std::string advice = std::string(of) + " is " + std::string(row.meaning);
  std::string_view digits = token.text;
  const bool percent = digits.ends_with('%');
  if (percent) digits.remove_suffix(1);
  const double factor = percent || digits.empty() ? 1 : factor_of(digits.back());
  if (factor != 1) digits.remove_suffix(1);
  const std::optional<double> number = config::parse_real(digits);
  const std::string text = "'" + token.text + "'";
  if (!number) refuse(rule, token.place, text + " is no number", advice);
  if (percent && !row.percent) refuse(rule, token.place, "a percentage has no meaning for " + std::string(of), advice);
  const double value = *number * factor;
  if (percent && value > 100) refuse(rule, token.place, text + " is more than 100%", advice);
  if (!percent && value > row.most) refuse(rule, token.place, text + " is too large for " + std::string(of), advice);
  if (row.whole && value != std::floor(value)) refuse(rule, token.place, text + " is no whole number", advice);
  if (row.single) return {static_cast<float>(percent ? value / 100 : value)};
  return {value, percent};
}

Span read_date(std::string_view rule, const Token& token, std::int64_t now) {
  const std::optional<std::int64_t> moment = config::parse_when(token.text, now);
  const bool ago = !token.text.empty() && std::string_view("smhd").find(token.text.back()) != std::string_view::npos;
  if (!moment || (!ago && !is_that_day(token.text, *moment)))
    refuse(rule, token.place, "'" + token.text + "' is no date",
           "write 2026-01-31, 2026-01-31T08:00, or 7d for 7 days ago");
  constexpr std::size_t kDay = 10, kMinute = 16;  // letters
  if (ago) return {*moment, *moment};
  if (token.text.size() <= kDay) return {*moment, next_day(*moment)};
  return {*moment, *moment + (token.text.size() <= kMinute ? 60 : 1)};
}

}  // namespace pixmill::tasks::rules
