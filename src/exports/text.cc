#include "exports/text.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "pixmill/core/unicode.h"

namespace pixmill::exports {
namespace {

constexpr std::string_view kReplaced = "\xEF\xBF\xBD";  // kReplacement

bool is_ascii_control(char letter) {
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
    default: return is_ascii_control(letter) ? std::string(kReplaced) : std::string(1, letter);
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

std::string json_text(std::string_view text) {
  return nlohmann::json(valid_utf8(text)).dump();
}

std::string xml_text(std::string_view text) {
  std::string escaped;
  for (const char letter : valid_utf8(text)) escaped += xml_letter(letter);
  for (const std::string_view none : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {  // U+FFFE, U+FFFF
    for (std::size_t at = 0; (at = escaped.find(none, at)) != std::string::npos;)
      escaped.replace(at, none.size(), kReplaced);
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
  for (char& letter : line) letter = is_ascii_control(letter) ? ' ' : letter;
  return line;
}

std::string without_extension(std::string_view picture) {
  const std::size_t name = picture.rfind('/') == std::string_view::npos ? 0 : picture.rfind('/') + 1;
  const std::size_t dot = picture.rfind('.');
  return std::string(dot == std::string_view::npos || dot <= name ? picture : picture.substr(0, dot));
}

}  // namespace pixmill::exports
