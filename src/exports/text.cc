#include "exports/text.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "pixmill/core/unicode.h"

namespace pixmill::exports {
namespace {

bool is_ascii_control(char32_t code) {
  return code < 0x20 || code == 0x7F;
}

void append_xml(char32_t code, std::string& text) {
  const bool no_character = code == 0xFFFE || code == 0xFFFF;
  switch (code) {
    case '&': text += "&amp;"; break;
    case '<': text += "&lt;"; break;
    case '>': text += "&gt;"; break;
    case '"': text += "&quot;"; break;
    case '\t': text += "&#9;"; break;
    case '\n': text += "&#10;"; break;
    case '\r': text += "&#13;"; break;
    default: append_utf8(is_ascii_control(code) || no_character ? kReplacement : code, text);
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
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    append_xml(character.code, escaped);
    at += character.bytes;
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
  for (char& letter : line) letter = is_ascii_control(static_cast<unsigned char>(letter)) ? ' ' : letter;
  return line;
}

std::string without_extension(std::string_view picture) {
  const std::size_t name = picture.rfind('/') == std::string_view::npos ? 0 : picture.rfind('/') + 1;
  const std::size_t dot = picture.rfind('.');
  return std::string(dot == std::string_view::npos || dot <= name ? picture : picture.substr(0, dot));
}

}  // namespace pixmill::exports
