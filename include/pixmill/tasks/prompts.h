// Prompts: where in a picture the things are that a model shall segment, as users say it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/tasks/boxes.h"
#include "pixmill/tasks/detections.h"

namespace pixmill::tasks {

// Of the upright picture: pixels from its left or upper edge, or percent of its width or height.
struct Coordinate {
  double value = 0;
  bool percent = false;
};

struct PromptPoint {
  Coordinate x, y;
  bool foreground = true;  // in the thing; else outside it
};

struct PromptBox {
  Coordinate left, top, right, bottom;
};

// Points and boxes that belong together. Each box is a thing; without one the points are one thing. A point belongs to
// the boxes that it lies in, to the only box wherever it lies.
struct PromptGroup {
  std::vector<PromptPoint> points;
  std::vector<PromptBox> boxes;
  int label = 0;  // of the things: index of the class
};

// What a model is asked for one thing, in pixels of the picture.
struct PromptedThing {
  std::vector<Point> points;
  std::vector<bool> foreground;  // of each point
  std::optional<Box> box;
  int label = 0;
};

inline constexpr std::size_t kMostPoints = 1000;  // of a thing
inline constexpr std::size_t kMostThings = 1000;  // of a picture

// "x,y", "x,y,label" with the labels 1 (foreground) and 0; "50%,50%" too. Throws Error{usage}.
PromptPoint parse_point(std::string_view text);

// "x0,y0,x1,y1": two opposite corners of any order. Throws Error{usage}.
PromptBox parse_box(std::string_view text);

// Throws Error{usage} for a point or box that is not in a picture of that size, a point in none of several boxes, a box
// without area, and too many of them; `picture` names it in messages.
std::vector<PromptedThing> things_of(const std::vector<PromptGroup>& groups, Size size, std::string_view picture);

// The prompts of many pictures, by the path of each below its folder.
struct PromptFile {
  std::map<std::string, std::vector<PromptGroup>, std::less<>> pictures;
  std::vector<std::string> classes;  // in the order in which they come
};

// A JSON object with the pictures' paths for keys. Each value is a group, or a list of groups:
//
//     {"points": [[x, y], ...], "labels": [1, 0, ...], "boxes": [[x0, y0, x1, y1], ...], "class": "dog"}
//
// Numbers are pixels, strings like "50%" percent. Without labels all points are foreground; without a class it is
// `otherwise`. Throws Error{usage} that names `origin` and the place in it.
PromptFile parse_prompts(std::string_view json, std::string_view origin, const std::string& otherwise);

}  // namespace pixmill::tasks
