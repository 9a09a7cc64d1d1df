// From what a label file says to what a record holds.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_set>
#include <utility>

#include "imports/thing_bytes.h"
#include "pixmill/core/error.h"
#include "pixmill/imports/import.h"

namespace pixmill::imports {
namespace {

using tasks::Box;
using tasks::Point;

constexpr float kRounding = 1.0F;  // pixels that a coordinate may be outside

std::string text_of(Size size) {
  return std::to_string(size.width) + " x " + std::to_string(size.height);
}

std::string text_of(float value) {
  std::string text = std::to_string(value);  // six digits behind the point
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

class Resolver {
 public:
  Resolver(const LabelledPicture& labels, Size size) : labels_(labels), size_(size) {}

  // Sets the box, and puts all on the picture.
  void place(Thing& thing) {
    line_ = thing.line;
    cut_ = thing.cut;
    tasks::Detection& what = thing.what;
    for (tasks::Polygon& polygon : what.polygons) place(polygon);
    for (Point& point : what.points) point = scaled(point);
    if (!what.mask.empty() && what.mask.size != size_)
      fail("a mask of " + text_of(what.mask.size) + " pixels, and the picture has " + text_of(size_),
           "the labels are of another version of the picture");
    thing.boxed ? place(what.box) : surround(what);
  }

  [[noreturn]] void fail(const std::string& what, const std::string& hint) const {
    throw Error(ErrorCode::corrupt, labels_.file + (line_ > 0 ? ":" + std::to_string(line_) : "") + ": " + what, hint);
  }

 private:
  Point scaled(Point point) const {
    if (!labels_.shares) return point;
    return {point.x * static_cast<float>(size_.width), point.y * static_cast<float>(size_.height)};
  }

  float on_side(float value, int side, const char* axis) const {
    const auto whole = static_cast<float>(side);
    if (!(value >= -kRounding && value <= whole + kRounding) && !(cut_ && std::isfinite(value))) {
      if (labels_.shares)
        fail(std::string(axis) + " reaches to " + text_of(value / whole) + " of the picture, and 0 to 1 is in it",
             "shares of the picture's width and height are expected");
      fail(std::string(axis) + " = " + text_of(value) + " is outside of the picture of " + text_of(size_) + " pixels",
           "are the labels of another picture?");
    }
    return std::clamp(value, 0.0F, whole);
  }

  Point on_picture(Point point) const {
    return {on_side(point.x, size_.width, "x"), on_side(point.y, size_.height, "y")};
  }

  void place(tasks::Polygon& polygon) const {
    for (Point& point : polygon) point = on_picture(scaled(point));
  }

  void place(Box& box) const {
    if (box.right < box.left || box.bottom < box.top)
      fail("a box whose right or lower side comes before the other one", "left, top, right and bottom are expected");
    const Point first = on_picture(scaled({box.left, box.top})), last = on_picture(scaled({box.right, box.bottom}));
    box = {first.x, first.y, last.x, last.y, box.score, box.label};
  }

  static void surround(tasks::Detection& what) {
    Box& box = what.box;
    if (what.polygons.empty()) {
      const Rect rect = bounds(what.mask);
      box.left = static_cast<float>(rect.x);
      box.top = static_cast<float>(rect.y);
      box.right = static_cast<float>(rect.x + rect.width);
      box.bottom = static_cast<float>(rect.y + rect.height);
      return;
    }
    constexpr float kFar = std::numeric_limits<float>::max();
    box.left = box.top = kFar;
    box.right = box.bottom = -kFar;
    for (const tasks::Polygon& polygon : what.polygons) {
      for (const Point& point : polygon) {
        box.left = std::min(box.left, point.x);
        box.top = std::min(box.top, point.y);
        box.right = std::max(box.right, point.x);
        box.bottom = std::max(box.bottom, point.y);
      }
    }
  }

  const LabelledPicture& labels_;
  const Size size_;
  std::int64_t line_ = 0;
  bool cut_ = false;
};

void require_size(const LabelledPicture& labels, Size size, const std::string& picture, const Resolver& resolver) {
  if (labels.size == Size{} || labels.size == size) return;
  const bool turned = labels.size.width == size.height && labels.size.height == size.width;
  resolver.fail(
      "it says that " + picture + " has " + text_of(labels.size) + " pixels, and the picture has " + text_of(size),
      turned ? "the picture was turned after it was labelled; label it upright"
             : "the labels are of another version of the picture; name its folder with --pictures");
}

}  // namespace

tasks::Detections resolved(const LabelledPicture& labels, const LabelSet& set, const Classes& classes, Size size,
                           const std::string& picture, LeftOut& left_out) {
  Resolver resolver(labels, size);
  require_size(labels, size, picture, resolver);
  tasks::Detections found{.picture = size, .classes = classes.names, .found = {}};
  std::unordered_set<std::string> seen;
  for (Thing thing : labels.things) {
    resolver.place(thing);
    Box& box = thing.what.box;
    const int label = classes.of[static_cast<std::size_t>(box.label)];
    if (label < 0)
      resolver.fail("it has no name for " + set.shown_class(box.label), "list it, or name it with --names");
    box.label = label;
    if (!(box.score >= 0.0F && box.score <= 1.0F))
      resolver.fail("a confidence of " + text_of(box.score), "0 to 1 is expected");
    if (box.right <= box.left || box.bottom <= box.top) {
      ++left_out.without_area;
      continue;
    }
    thing.line = 0;
    if (!seen.insert(linked(0, thing)).second) {
      ++left_out.twice;
      continue;
    }
    found.found.push_back(std::move(thing.what));
  }
  std::stable_sort(found.found.begin(), found.found.end(),
                   [](const tasks::Detection& a, const tasks::Detection& b) { return a.box.score > b.box.score; });
  return found;
}

}  // namespace pixmill::imports
