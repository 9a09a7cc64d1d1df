#include "exports/text.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>

namespace pixmill::exports {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Bytes of the character at the beginning of `text`, which is not empty; 0 where it is not UTF-8: too long a form, a
// surrogate, above U+10FFFF, cut short.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return length;
}

bool is_control(char letter) {
  return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
}

std::string xml_letter(char letter) {
  switch (letter) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\t': return "&#9;";
    case '\n': return "&#10;";
    case '\r': return "&#13;";
    default: return is_control(letter) ? std::string(kReplacement) : std::string(1, letter);
  }
}

}  // namespace

std::string fixed(double value, int digits) {
  char text[512];  // the largest double has 309 digits
  const auto [end, error] =
      std::to_chars(text, text + sizeof text, std::isfinite(value) ? value : 0.0, std::chars_format::fixed, digits);
  return error == std::errc() ? std::string(text, end) : "0";
}

std::string number(double value, int digits) {
  std::string text = fixed(value, digits);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    valid += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return valid;
}

std::string json_text(std::string_view text) {
  return nlohmann::json(valid_utf8(text)).dump();
}

std::string xml_text(std::string_view text) {
  std::string escaped;
  for (const char letter : valid_utf8(text)) escaped += xml_letter(letter);
  for (const std::string_view none : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {  // U+FFFE, U+FFFF
    for (std::size_t at = 0; (at = escaped.find(none, at)) != std::string::npos;)
      escaped.replace(at, none.size(), kReplacement);
  }
  return escaped;
}

std::string csv_text(std::string_view text) {
  std::string field = valid_utf8(text);
  for (char& letter : field) letter = letter == '\0' ? ' ' : letter;
  if (!field.empty() && std::string_view("=+-@\t\r").find(field.front()) != std::string_view::npos)
    field.insert(field.begin(), '\'');
  const bool spaces = !field.empty() && (field.front() == ' ' || field.back() == ' ');
  if (!spaces && field.find_first_of(",\"\r\n") == std::string::npos) return field;
  std::string quoted = "\"";
  for (const char letter : field) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + "\"";
}

std::string one_line(std::string_view text) {
  std::string line = valid_utf8(text);
  for (char& letter : line) letter = is_control(letter) ? ' ' : letter;
  return line;
}

std::string without_extension(std::string_view picture) {
  const std::size_t name = picture.rfind('/') == std::string_view::npos ? 0 : picture.rfind('/') + 1;
  const std::size_t dot = picture.rfind('.');
  return std::string(dot == std::string_view::npos || dot <= name ? picture : picture.substr(0, dot));
}

}  // namespace pixmill::exports
