// A file of XML: its elements, or an error that says what is expected in their place.
#pragma once

#include <optional>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/imports/label_file.h"

namespace pixmill::imports {

// Entities that a document defines stay as they stand there, so nothing grows. Throws Error{corrupt}: no XML.
class XmlFile {
 public:
  XmlFile(LabelFile& file, const char* expected);

  pugi::xml_node root() const { return document_.document_element(); }

  // For messages. Quick where nodes come in the order of the file.
  void at(pugi::xml_node node);

  // Throw Error{corrupt} about the line of the last at().
  [[noreturn]] void fail(const std::string& what) const;
  double number(pugi::xml_node node, const char* child) const;    // of <child>
  double attribute(pugi::xml_node node, const char* name) const;  // of name=""
  double attribute_or(pugi::xml_node node, const char* name, double otherwise) const;
  Size size_of(double width, double height) const;
  double finite(std::string_view text, const char* of) const;

 private:
  LabelFile& file_;
  const char* expected_;
  std::string text_;
  pugi::xml_document document_;
  std::size_t offset_ = 0;
  std::int64_t line_ = 1;  // at `offset_`
};

// The name of the first element; empty where this is no XML.
std::string first_element(std::string_view head);

}  // namespace pixmill::imports
