// Prompts as they are typed, and what they mean in a picture.
#include "pixmill/tasks/prompts.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/text.h"

namespace pixmill::tasks {
namespace {

[[noreturn]] void refuse(std::string_view flag, std::string_view text, const std::string& hint) {
  throw Error(ErrorCode::usage, "--" + std::string(flag) + ": '" + std::string(text) + "' is not right", hint);
}

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

// Empty where it is no number of 0 or more, or more than 100 %.
std::optional<Coordinate> coordinate(std::string_view text) {
  Coordinate made;
  if (text.ends_with('%')) {
    made.percent = true;
    text.remove_suffix(1);
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), made.value);
  const bool whole = error == std::errc() && end == text.data() + text.size() && std::isfinite(made.value);
  if (!whole || made.value < 0 || (made.percent && made.value > 100)) return std::nullopt;
  return made;
}

float pixels(const Coordinate& coordinate, int side) {
  return static_cast<float>(coordinate.percent ? coordinate.value / 100.0 * side : coordinate.value);
}

std::string text_of(Size size) {
  return std::to_string(size.width) + " x " + std::to_string(size.height) + " pixels";
}

std::string text_of(float x, float y) {
  const auto number = [](float value) {
    char digits[32];
    return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  };
  return number(x) + "," + number(y);
}

// The groups of one picture as things.
class Resolver {
 public:
  Resolver(Size size, std::string_view picture) : size_(size), picture_(picture) {}

  void add(const PromptGroup& group) {
    std::vector<Point> points;
    for (const PromptPoint& point : group.points) points.push_back(inside(point.x, point.y));
    std::vector<PromptedThing> things;
    for (const PromptBox& box : group.boxes) things.push_back({{}, {}, resolved(box), group.label});
    if (group.boxes.empty()) things.push_back({{}, {}, {}, group.label});
    for (std::size_t i = 0; i < points.size(); ++i) give(points[i], group.points[i].foreground, things);
    for (PromptedThing& thing : things) {
      require(
          thing.points.size() <= kMostPoints,
          "a thing has " + std::to_string(thing.points.size()) + " points, more than " + std::to_string(kMostPoints),
          "a few points say as much");
      things_.push_back(std::move(thing));
    }
  }

  std::vector<PromptedThing> take() {
    require(things_.size() <= kMostThings,
            std::to_string(things_.size()) + " things are prompted for, more than " + std::to_string(kMostThings),
            "prompt for them in several runs");
    return std::move(things_);
  }

 private:
  void require(bool good, const std::string& message, const std::string& hint) const {
    if (!good) throw Error(ErrorCode::usage, std::string(picture_) + ": " + message, hint);
  }

  Point inside(const Coordinate& x, const Coordinate& y) const {
    const Point point{pixels(x, size_.width), pixels(y, size_.height)};
    require(point.x <= static_cast<float>(size_.width) && point.y <= static_cast<float>(size_.height),
            "the prompt " + text_of(point.x, point.y) + " lies outside the picture of " + text_of(size_),
            "prompts are pixels of the upright picture, or percent: 50%,50%");
    return point;
  }

  Box resolved(const PromptBox& box) const {
    const Point a = inside(box.left, box.top), b = inside(box.right, box.bottom);
    const Box made{std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y)};
    require(made.left < made.right && made.top < made.bottom,
            "the box " + text_of(a.x, a.y) + "," + text_of(b.x, b.y) + " has no area",
            "a box is x0,y0,x1,y1: two opposite corners");
    return made;
  }

  void give(Point point, bool foreground, std::vector<PromptedThing>& things) const {
    bool taken = false;
    for (PromptedThing& thing : things) {
      const bool within = !thing.box || things.size() == 1 ||
                          (point.x >= thing.box->left && point.x <= thing.box->right && point.y >= thing.box->top &&
                           point.y <= thing.box->bottom);
      if (!within) continue;
      thing.points.push_back(point);
      thing.foreground.push_back(foreground);
      taken = true;
    }
    require(taken, "the point " + text_of(point.x, point.y) + " lies in none of the boxes",
            "a point refines the boxes that it lies in; a thing of its own needs a group of its own in --prompts");
  }

  const Size size_;
  const std::string_view picture_;
  std::vector<PromptedThing> things_;
};

}  // namespace

PromptPoint parse_point(std::string_view text) {
  constexpr const char* kHint = "x,y or x,y,label, label 1 in the thing, 0 outside: --point 120,80 or --point 50%,50%";
  const std::vector<std::string> parts = parts_of(text);
  if (parts.size() != 2 && parts.size() != 3) refuse("point", text, kHint);
  const std::optional<Coordinate> x = coordinate(parts[0]), y = coordinate(parts[1]);
  if (!x || !y || (parts.size() == 3 && parts[2] != "0" && parts[2] != "1")) refuse("point", text, kHint);
  return {*x, *y, parts.size() == 2 || parts[2] == "1"};
}

PromptBox parse_box(std::string_view text) {
  constexpr const char* kHint = "two opposite corners: --box 10,20,300,400 or --box 10%,10%,90%,90%";
  const std::vector<std::string> parts = parts_of(text);
  if (parts.size() != 4) refuse("box", text, kHint);
  std::vector<Coordinate> sides;
  for (const std::string& part : parts) {
    const std::optional<Coordinate> side = coordinate(part);
    if (!side) refuse("box", text, kHint);
    sides.push_back(*side);
  }
  for (const std::size_t i : {0U, 1U}) {
    if (sides[i].percent == sides[i + 2].percent && sides[i].value == sides[i + 2].value)
      refuse("box", text, std::string("it has no area; a box is ") + kHint);
  }
  return {sides[0], sides[1], sides[2], sides[3]};
}

std::vector<PromptedThing> things_of(const std::vector<PromptGroup>& groups, Size size, std::string_view picture) {
  Resolver resolver(size, picture);
  for (const PromptGroup& group : groups) resolver.add(group);
  return resolver.take();
}

}  // namespace pixmill::tasks
