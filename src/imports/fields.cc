#include "imports/fields.h"

#include <cmath>
#include <utility>

#include "imports/lines.h"

namespace pixmill::imports {
namespace {

constexpr double kLargestSide = 1 << 24;  // of a record's picture

}  // namespace

using nlohmann::json;

Fields::Fields(const LabelFile& file, const json& value, std::string called, const char* expected)
    : file_(file), value_(value), called_(std::move(called)), expected_(expected) {
  if (!value.is_object()) fail("is no object");
}

const json* Fields::find(const char* key) const {
  const auto found = value_.find(key);
  return found == value_.end() || found->is_null() ? nullptr : &*found;
}

void Fields::fail(const std::string& what) const {
  file_.fail(called_ + " " + what, expected_);
}

void Fields::fail_key(const char* key, const char* kind) const {
  fail(find(key) == nullptr ? "has no " + in_quotes(key) : "has a " + in_quotes(key) + " that is no " + kind);
}

std::string Fields::text(const char* key) const {
  const json* found = find(key);
  if (found == nullptr || !found->is_string()) fail_key(key, "text");
  return found->get<std::string>();
}

std::string Fields::text_or(const char* key, std::string otherwise) const {
  return find(key) == nullptr ? std::move(otherwise) : text(key);
}

double Fields::number_of(const json& value) const {
  if (!value.is_number()) fail(std::string("has ") + value.type_name() + " where a number is expected");
  const auto number = value.get<double>();
  if (!std::isfinite(number) || std::abs(number) > 1e9) fail("has a number that is no coordinate");
  return number;
}

double Fields::number(const char* key) const {
  const json* found = find(key);
  if (found == nullptr || !found->is_number()) fail_key(key, "number");
  return number_of(*found);
}

double Fields::number_or(const char* key, double otherwise) const {
  return find(key) == nullptr ? otherwise : number(key);
}

std::int64_t Fields::whole(const char* key) const {
  const json* found = find(key);
  const bool is_float = found != nullptr && found->is_number_float();
  if (is_float && std::floor(found->get<double>()) == found->get<double>() && std::abs(found->get<double>()) < 9e15)
    return static_cast<std::int64_t>(found->get<double>());
  if (found == nullptr || !found->is_number_integer()) fail_key(key, "whole number");
  return found->get<std::int64_t>();
}

Size Fields::size(const char* width_key, const char* height_key) const {
  if (find(width_key) == nullptr && find(height_key) == nullptr) return {};
  const double width = number(width_key), height = number(height_key);
  const auto is_side = [](double side) { return side >= 1 && side <= kLargestSide && side == std::floor(side); };
  if (!is_side(width) || !is_side(height)) fail("has a width or height that no picture has");
  return {static_cast<int>(width), static_cast<int>(height)};
}

Fields Fields::object(const char* key) const {
  const json* found = find(key);
  if (found == nullptr || !found->is_object()) fail_key(key, "object");
  return {file_, *found, in_quotes(key) + " of " + called_, expected_};
}

const json& Fields::list(const char* key) const {
  const json* found = find(key);
  if (found == nullptr || !found->is_array()) fail_key(key, "list");
  return *found;
}

tasks::Polygon Fields::flat_polygon(const json& list) const {
  if (!list.is_array() || list.size() % 2 != 0) fail("has a polygon that is no list of x, y, x, y, ...");
  if (list.size() < 6) fail("has a polygon of " + std::to_string(list.size() / 2) + " points, and three are the least");
  tasks::Polygon polygon;
  polygon.reserve(list.size() / 2);
  for (std::size_t i = 0; i < list.size(); i += 2)
    polygon.push_back({static_cast<float>(number_of(list[i])), static_cast<float>(number_of(list[i + 1]))});
  return polygon;
}

std::vector<tasks::Point> Fields::points(const json& list) const {
  if (!list.is_array()) fail("has points that are no list of [x, y]");
  std::vector<tasks::Point> points;
  for (const json& one : list) {
    if (!one.is_array() || one.size() < 2) fail("has a point that is not [x, y]");
    points.push_back({static_cast<float>(number_of(one[0])), static_cast<float>(number_of(one[1]))});
  }
  return points;
}

}  // namespace pixmill::imports
