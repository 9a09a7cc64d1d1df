#include "imports/xml_file.h"

#include <algorithm>
#include <cmath>

#include "imports/lines.h"
#include "pixmill/core/text.h"

namespace pixmill::imports {

XmlFile::XmlFile(LabelFile& file, const char* expected) : file_(file), expected_(expected), text_(file.whole()) {
  const pugi::xml_parse_result result = document_.load_buffer(text_.data(), text_.size());
  file_.line =
      1 + std::count(text_.begin(),
                     text_.begin() + std::min<std::ptrdiff_t>(result.offset, static_cast<std::ptrdiff_t>(text_.size())),
                     '\n');
  if (!result) fail(std::string("it is no XML: ") + result.description());
  file_.line = 0;
}

void XmlFile::at(pugi::xml_node node) {
  const std::ptrdiff_t where = node.offset_debug();
  if (where < 0 || static_cast<std::size_t>(where) > text_.size()) return;
  const auto to = static_cast<std::size_t>(where);
  if (to < offset_) {
    offset_ = 0;
    line_ = 1;
  }
  line_ += std::count(text_.begin() + static_cast<std::ptrdiff_t>(offset_), text_.begin() + where, '\n');
  offset_ = to;
  file_.line = line_;
}

void XmlFile::fail(const std::string& what) const {
  file_.fail(what, expected_);
}

double XmlFile::finite(std::string_view text, const char* of) const {
  const std::string word = trimmed(text);
  const auto value = number_in(word);
  if (!value || !std::isfinite(*value) || std::abs(*value) > 1e9)
    fail(in_quotes(of) + " is " + in_quotes(word) + " where a number is expected");
  return *value;
}

double XmlFile::number(pugi::xml_node node, const char* child) const {
  const pugi::xml_node found = node.child(child);
  if (!found) fail(in_quotes(node.name()) + " has no " + in_quotes(child));
  return finite(found.child_value(), child);
}

double XmlFile::attribute(pugi::xml_node node, const char* name) const {
  const pugi::xml_attribute found = node.attribute(name);
  if (!found) fail(in_quotes(node.name()) + " has no " + in_quotes(name));
  return finite(found.value(), name);
}

double XmlFile::attribute_or(pugi::xml_node node, const char* name, double otherwise) const {
  return node.attribute(name) ? attribute(node, name) : otherwise;
}

Size XmlFile::size_of(double width, double height) const {
  if (width == 0 && height == 0) return {};  // some tools do not know it
  const auto is_side = [](double side) { return side >= 1 && side <= 1 << 24 && side == std::floor(side); };
  if (!is_side(width) || !is_side(height)) fail("a width or height that no picture has");
  return {static_cast<int>(width), static_cast<int>(height)};
}

std::string first_element(std::string_view head) {
  for (std::size_t at = head.find('<'); at != std::string_view::npos; at = head.find('<', at + 1)) {
    head.remove_prefix(at + 1);
    at = 0;
    if (head.starts_with("!--")) {
      head.remove_prefix(std::min(head.find("-->"), head.size()));
      continue;
    }
    if (head.starts_with('?') || head.starts_with('!')) continue;
    return std::string(head.substr(0, head.find_first_of(" \t\r\n/>")));
  }
  return {};
}

}  // namespace pixmill::imports
