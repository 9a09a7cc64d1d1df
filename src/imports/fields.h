// What JSON holds, or an error that says what is expected in its place.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "pixmill/imports/label_file.h"
#include "pixmill/imports/label_set.h"

namespace pixmill::imports {

// An object with its name in messages: "annotation 17". Borrows all three. Every function throws Error{corrupt} where
// the value is another thing than asked for.
class Fields {
 public:
  // Throws where `value` is no object.
  Fields(const LabelFile& file, const nlohmann::json& value, std::string called, const char* expected);

  // Null where it is missing or null.
  const nlohmann::json* find(const char* key) const;

  std::string text(const char* key) const;
  double number(const char* key) const;  // finite
  double number_or(const char* key, double otherwise) const;
  std::int64_t whole(const char* key) const;
  std::string text_or(const char* key, std::string otherwise) const;
  // Of `width_key` and `height_key`; nothing where both are missing.
  Size size(const char* width_key, const char* height_key) const;
  Fields object(const char* key) const;
  const nlohmann::json& list(const char* key) const;

  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void fail_key(const char* key, const char* kind) const;

  const LabelFile& file() const { return file_; }
  const nlohmann::json& value() const { return value_; }

  // A finite number, wherever it stands.
  double number_of(const nlohmann::json& value) const;
  // [x, y, x, y, ...]: three points at least, finite.
  tasks::Polygon flat_polygon(const nlohmann::json& list) const;
  // [[x, y], [x, y], ...]: any number of points.
  std::vector<tasks::Point> points(const nlohmann::json& list) const;

 private:
  const LabelFile& file_;
  const nlohmann::json& value_;
  std::string called_;
  const char* expected_;
};

}  // namespace pixmill::imports
