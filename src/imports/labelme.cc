// LabelMe's JSON, and that of AnyLabeling and X-AnyLabeling: a file for each picture. Shapes of one label that share a
// group are one thing of several parts.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "imports/base64.h"
#include "imports/fields.h"
#include "imports/formats.h"
#include "imports/json_elements.h"
#include "imports/lines.h"
#include "imports/outlines.h"
#include "pixmill/codecs/codec.h"

namespace pixmill::imports {
namespace {

using nlohmann::json;
using tasks::Point;

constexpr const char* kExpected =
    "a shape is {\"label\": \"dog\", \"shape_type\": \"rectangle\" or \"polygon\", \"points\": [[x, y], [x, y], ...]}, "
    "in "
    "pixels";
constexpr std::int64_t kMostPixels = 268'435'456;

// The box around points.
Thing box_around(const std::vector<Point>& points) {
  Thing thing;
  thing.boxed = true;
  tasks::Box& box = thing.what.box;
  box.left = box.right = points.front().x;
  box.top = box.bottom = points.front().y;
  for (const Point& point : points) {
    box.left = std::min(box.left, point.x);
    box.top = std::min(box.top, point.y);
    box.right = std::max(box.right, point.x);
    box.bottom = std::max(box.bottom, point.y);
  }
  return thing;
}

// Whether four corners are those of an upright rectangle.
bool is_upright(const std::vector<Point>& corners) {
  const tasks::Box box = box_around(corners).what.box;
  return std::all_of(corners.begin(), corners.end(), [&](const Point& corner) {
    return (corner.x == box.left || corner.x == box.right) && (corner.y == box.top || corner.y == box.bottom);
  });
}

class LabelMe {
 public:
  LabelMe(LabelFile& file, LabelSet& set) : file_(file), set_(set) {}

  void take(std::string_view key, const json& element) {
    if (key == "shapes") {
      shape({file_, element, "a shape", kExpected});
    } else if (key == "imagePath" && element.is_string()) {
      path_ = element.get<std::string>();
    } else if (key == "imageWidth" || key == "imageHeight") {
      size_[std::string(key)] = element;
    }
  }

  // Masks need the size of the picture, which stands behind them.
  void finish() {
    file_.line = 0;
    const int picture = set_.add_picture(picture_beside(file_, path_.empty() ? file_.name() : path_));
    try {
      if (failure_) throw Error(*failure_);
      const Size size = Fields(file_, size_, "the file", kExpected).size("imageWidth", "imageHeight");
      set_.describe(picture, set_.name_of(picture), size);
      for (auto& [mask, left, top, thing] : masks_) place_mask(mask, left, top, size, thing);
      for (const Thing& thing : things_) set_.add(picture, thing);
    } catch (const Error& error) {
      set_.fail(picture, with_place(error, file_));
    }
  }

 private:
  void shape(const Fields& fields) {
    try {
      read_shape(fields);
    } catch (const Error& error) {
      if (!failure_) failure_ = with_place(error, file_);
    }
  }

  void read_shape(const Fields& fields) {
    const std::string type = fields.text_or("shape_type", "polygon");
    if (type == "point" || type == "points" || type == "line" || type == "linestrip")
      return set_.warn("shapes of the type '" + type + "' were left out");
    const std::vector<Point> points = fields.points(fields.list("points"));
    Thing thing = type == "mask" ? Thing() : outlined(fields, type, points);
    thing.line = file_.line;
    thing.what.box.label = set_.class_named(fields.text("label"));
    thing.what.box.score = static_cast<float>(fields.number_or("score", 1));
    if (type == "mask") {
      if (points.size() != 2) fields.fail("is a mask without two corners");
      masks_.push_back({mask_in(fields), points[0].x, points[0].y, std::move(thing)});
    } else {
      add(fields, std::move(thing));
    }
  }

  Thing outlined(const Fields& fields, const std::string& type, const std::vector<Point>& points) const {
    const auto need = [&](bool good, const char* what) {
      if (!good) fields.fail("is a " + type + " without " + what);
    };
    if (type == "rectangle") {
      need(points.size() == 2 || points.size() == 4, "two or four corners");
      if (points.size() == 2 || is_upright(points)) return box_around(points);
    } else if (type == "circle") {
      need(points.size() == 2, "a middle and a point on its line");
      const float radius = std::hypot(points[1].x - points[0].x, points[1].y - points[0].y);
      return ellipse(points[0], radius, radius);
    } else if (type == "polygon" || type == "rotation" || type == "oriented_rectangle") {
      if (points.size() < 3)
        fields.fail("is a polygon of " + std::to_string(points.size()) + " points, and three are the least");
    } else {
      fields.fail("has the type " + in_quotes(type) + ", which is not known");
    }
    Thing thing;
    thing.what.polygons.push_back(points);
    thing.cut = type != "polygon";
    return thing;
  }

  static Image mask_in(const Fields& fields) {
    const auto bytes = from_base64(fields.text("mask"));
    if (!bytes) fields.fail("has a mask that is no base64");
    return codecs::decode(*bytes, "the mask of a shape", {.max_pixels = kMostPixels, .metadata = false}).image;
  }

  void add(const Fields& fields, Thing thing) {
    const json* group = fields.find("group_id");
    if (group != nullptr && !thing.what.polygons.empty() && !thing.boxed) {
      const auto key = std::pair(thing.what.box.label, group->dump());
      const auto [known, fresh] = groups_.try_emplace(key, things_.size());
      if (!fresh) {
        things_[known->second].what.polygons.push_back(std::move(thing.what.polygons.front()));
        return;
      }
    }
    things_.push_back(std::move(thing));
  }

  // `bitmap`: what is not 0 is inside.
  void place_mask(const Image& bitmap, float x, float y, Size size, Thing thing) {
    if (size == Size{}) file_.fail("a mask, and no imageWidth and imageHeight", kExpected);
    const int left = static_cast<int>(std::lround(x)), top = static_cast<int>(std::lround(y));
    if (left < 0 || top < 0 || bitmap.width() > size.width - left || bitmap.height() > size.height - top)
      file_.fail("a mask that reaches out of the picture", kExpected);
    Image inside({bitmap.width(), bitmap.height()}, 1);
    const auto channels = static_cast<std::size_t>(bitmap.channels());
    for (int row = 0; row < bitmap.height(); ++row) {
      for (int column = 0; column < bitmap.width(); ++column) {
        const std::size_t at = static_cast<std::size_t>(column) * channels;
        const bool set = bitmap.type() == PixelType::u16 ? bitmap.row<std::uint16_t>(row)[at] != 0
                                                         : bitmap.row<std::uint8_t>(row)[at] != 0;
        inside.row<std::uint8_t>(row)[column] = set ? 255 : 0;
      }
    }
    thing.what.mask = mask_of_bitmap(inside, size, left, top);
    things_.push_back(std::move(thing));
  }

  struct Mask {
    Image bitmap;
    float left = 0, top = 0;
    Thing thing;
  };

  LabelFile& file_;
  LabelSet& set_;
  std::string path_;
  json size_ = json::object();
  std::vector<Thing> things_;
  std::vector<Mask> masks_;
  std::map<std::pair<int, std::string>, std::size_t> groups_;
  std::optional<Error> failure_;
};

}  // namespace

void read_labelme(LabelFile& file, LabelSet& set) {
  LabelMe labels(file, set);
  each_element(file, [&](std::string_view key, const json& element) { labels.take(key, element); });
  labels.finish();
}

bool is_labelme(std::string_view head) {
  const FirstKeys keys = first_keys(head);
  return !keys.of_list && (keys.has("shapes") || keys.has("imagePath"));
}

}  // namespace pixmill::imports
