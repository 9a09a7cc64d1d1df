#include "models/card_section.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/core/unicode.h"

namespace pixmill::models {
namespace {

constexpr std::size_t kLongestText = 4096;

int line_of_node(const YAML::Node& node) {
  return node.Mark().line + 1;
}

// Well-formed UTF-8 without control characters other than the line feed: what may stand on a terminal.
bool is_plain_text(std::string_view text) {
  constexpr char32_t kByteOrderMark = U'\uFEFF';
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    const bool shown = !is_control(character.code) || character.code == U'\n';
    const bool no_character = (character.code & 0xFFFEU) == 0xFFFEU || character.code == kByteOrderMark;
    if (!character.valid || !shown || no_character) return false;
    at += character.bytes;
  }
  return true;
}

template <typename Number>
bool parse_number(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end;
}

std::string shortest(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc{} ? std::string(text, end) : std::string("?");
}

}  // namespace

void refuse_card(std::string_view origin, int line, const std::string& what, const std::string& hint) {
  std::string message(origin);
  if (line > 0) message += ":" + std::to_string(line);
  throw Error(ErrorCode::usage, message + ": " + what, hint);
}

CardSection::CardSection(const YAML::Node& node, CardPlace place)
    : place_(std::move(place)), line_(line_of_node(node)) {
  const std::string name = place_.path.empty() ? "a model card" : place_.path;
  if (!node.IsMap()) refuse_card(place_.origin, line_, name + " must be a mapping (key: value)");
  for (const auto& pair : node) {
    const int line = line_of_node(pair.first);
    if (!pair.first.IsScalar()) refuse_card(place_.origin, line, "a key of " + name + " is not plain text");
    const std::string& key = pair.first.Scalar();
    for (const Entry& entry : entries_) {
      if (entry.key == key) refuse_card(place_.origin, line, name_of(key.substr(0, 64)) + " is given twice");
    }
    if (entries_.size() >= 64) refuse_card(place_.origin, line, name + " has more keys than there are");
    entries_.push_back({key, pair.second, line, false});
  }
}

std::string CardSection::name_of(std::string_view key) const {
  return place_.path.empty() ? std::string(key) : place_.path + "." + std::string(key);
}

int CardSection::line_of(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.key == key) return entry.line;
  }
  return line_;
}

CardPlace CardSection::inside(std::string_view key) const {
  return {place_.origin, name_of(key)};
}

void CardSection::refuse(std::string_view key, const std::string& what, const std::string& hint) const {
  refuse_card(place_.origin, line_of(key), name_of(key) + " " + what, hint);
}

void CardSection::refuse_word(std::string_view key, const std::string& written,
                              const std::vector<std::string>& known) const {
  refuse(key, "is '" + written.substr(0, 64) + "', which is not known here", suggestion(written.substr(0, 64), known));
}

bool CardSection::is_text(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.key == key) return entry.value.IsScalar();
  }
  return false;
}

YAML::Node CardSection::take(std::string_view key, bool required) {
  asked_.emplace_back(key);
  for (Entry& entry : entries_) {
    if (entry.key != key) continue;
    entry.taken = true;
    return entry.value;
  }
  if (required) refuse(key, "is missing");
  return YAML::Node(YAML::NodeType::Undefined);
}

std::string CardSection::scalar(std::string_view key, const YAML::Node& node, std::string_view kind) const {
  if (!node.IsScalar()) refuse(key, "must be " + std::string(kind));
  const std::string& text = node.Scalar();
  if (text.size() > kLongestText) refuse(key, "is longer than " + std::to_string(kLongestText) + " bytes");
  if (!is_plain_text(text)) refuse(key, "holds characters that cannot be shown");
  return text;
}

void CardSection::text(std::string_view key, std::string& value, bool required) {
  const YAML::Node node = take(key, required);
  if (!node.IsDefined()) return;
  value = scalar(key, node, "text");
  if (value.empty()) refuse(key, "is empty");
}

void CardSection::integer(std::string_view key, std::int64_t low, std::int64_t high, std::int64_t& value) {
  const YAML::Node node = take(key);
  if (!node.IsDefined()) return;
  if (!parse_number(scalar(key, node, "a whole number"), value) || value < low || value > high) {
    refuse(key, "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
}

void CardSection::integer(std::string_view key, int low, int high, int& value) {
  std::int64_t wide = value;
  integer(key, std::int64_t{low}, std::int64_t{high}, wide);
  value = static_cast<int>(wide);
}

void CardSection::number(std::string_view key, double low, double high, double& value) {
  const YAML::Node node = take(key);
  if (!node.IsDefined()) return;
  const bool good = parse_number(scalar(key, node, "a number"), value) && std::isfinite(value);
  if (!good || value < low || value > high) {
    refuse(key, "must be a number from " + shortest(low) + " to " + shortest(high));
  }
}

void CardSection::texts(std::string_view key, std::vector<std::string>& values, std::size_t most) {
  const YAML::Node node = take(key);
  if (!node.IsDefined()) return;
  if (!node.IsSequence() || node.size() > most)
    refuse(key, "must be a list of at most " + std::to_string(most) + " words");
  values.clear();
  for (const YAML::Node& item : node) {
    values.push_back(scalar(key, item, "a list of words"));
    if (values.back().empty()) refuse(key, "holds an empty word");
  }
}

std::vector<double> CardSection::numbers(std::string_view key, std::size_t count, double low, double high) {
  std::vector<double> values;
  const YAML::Node node = take(key);
  if (!node.IsDefined()) return values;
  const std::string kind = std::to_string(count) + " numbers from " + shortest(low) + " to " + shortest(high);
  if (!node.IsSequence() || node.size() != count) refuse(key, "must be a list of " + kind);
  for (const YAML::Node& item : node) {
    double value = 0.0;
    const bool good = parse_number(scalar(key, item, "a list of " + kind), value);
    if (!good || !std::isfinite(value) || value < low || value > high) refuse(key, "must be a list of " + kind);
    values.push_back(value);
  }
  return values;
}

void CardSection::finish() const {
  for (const Entry& entry : entries_) {
    if (entry.taken) continue;
    const std::string key = entry.key.substr(0, 64);
    const std::string shown = is_plain_text(key) ? "'" + key + "'" : "in characters that cannot be shown";
    const std::string where = place_.path.empty() ? "a model card" : place_.path;
    refuse_card(place_.origin, entry.line, where + " has no key " + shown, suggestion(key, asked_));
  }
}

}  // namespace pixmill::models
