#include "exports/drawing/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "exports/drawing/canvas.h"
#include "exports/drawing/label_places.h"
#include "exports/drawing/mask_marks.h"
#include "exports/drawing/palette.h"
#include "exports/drawing/text.h"
#include "exports/text.h"

namespace pixmill::exports {
namespace {

using tasks::Box;
using tasks::Detection;

constexpr double kHaloOpacity = 0.5;
constexpr int kScoreDigits = 2;

// The edge that keeps a line visible on a ground of its own colour: dark on light lines, light on dark ones.
int halo_of(int line) {
  return std::max(1, line / 3);
}

// Half a line inside the picture, so that a box that is as large as the picture shows.
Box inside(const Box& box, Size picture, double half) {
  const auto hold = [half](float value, int limit) {
    const double most = std::max(half, limit - half);
    return static_cast<float>(std::clamp<double>(value, std::min(half, most), most));
  };
  Box held = box;
  held.left = hold(box.left, picture.width), held.right = hold(box.right, picture.width);
  held.top = hold(box.top, picture.height), held.bottom = hold(box.bottom, picture.height);
  return held;
}

Rect around(const Box& box, double margin) {
  return rect_of(box.left - margin, box.top - margin, box.right + margin, box.bottom + margin);
}

// `halo`: the width of its edge.
Mark box_mark(const Box& found, Size picture, Colour colour, int line, int halo) {
  const Box box = inside(found, picture, line / 2.0);
  return {around(box, line + halo + 1), [box, colour, line, halo](cairo_t* cairo, const Rect&) {
            cairo_set_line_join(cairo, CAIRO_LINE_JOIN_MITER);
            cairo_rectangle(cairo, box.left, box.top, box.right - box.left, box.bottom - box.top);
            set_colour(cairo, text_colour(colour), kHaloOpacity);
            cairo_set_line_width(cairo, line + 2 * halo);
            cairo_stroke_preserve(cairo);
            set_colour(cairo, colour);
            cairo_set_line_width(cairo, line);
            cairo_stroke(cairo);
          }};
}

Mark point_mark(const tasks::Point& point, Colour colour, int line) {
  const double radius = line * 1.25, halo = halo_of(line);
  const Box box = {point.x, point.y, point.x, point.y};
  return {around(box, radius + halo + 1), [point, radius, halo, colour](cairo_t* cairo, const Rect&) {
            const auto disc = [&](double size) {
              cairo_arc(cairo, point.x, point.y, size, 0, 2 * std::numbers::pi);
              cairo_fill(cairo);
            };
            set_colour(cairo, text_colour(colour));
            disc(radius + halo);
            set_colour(cairo, colour);
            disc(radius);
          }};
}

// A line of text on a ground of the class's colour.
Mark label_mark(TextLine text, const Rect& place, Colour ground) {
  return {place, [text = std::move(text), place, ground](cairo_t* cairo, const Rect&) {
            cairo_rectangle(cairo, place.x, place.y, place.width, place.height);
            cairo_clip(cairo);
            set_colour(cairo, ground);
            cairo_paint(cairo);
            set_colour(cairo, text_colour(ground));
            const Size size = text.size();
            text.paint(cairo, place.x + (place.width - size.width) / 2.0, place.y + (place.height - size.height) / 2.0);
          }};
}

// Letters are smaller where most things are small, but no smaller than can be read.
Measures measures_among(const Chosen& chosen, Measures measures) {
  constexpr double kReadable = 11.0, kOfHeight = 0.5;
  std::vector<double> heights;
  for (const Detection* one : chosen.found) heights.push_back(one->box.bottom - one->box.top);
  if (heights.empty()) return measures;
  std::nth_element(heights.begin(), heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2), heights.end());
  const double fitting = kOfHeight * heights[heights.size() / 2];
  measures.letters = std::min(measures.letters, std::max(kReadable, fitting));
  return measures;
}

class Scene {
 public:
  Scene(const Chosen& chosen, const tasks::Drawing& drawing)
      : chosen_(chosen),
        drawing_(drawing),
        picture_(chosen.record.picture),
        measures_(measures_among(chosen, measures_for(picture_, drawing))),
        places_(picture_) {}

  std::vector<Mark> marks() {
    std::for_each(chosen_.found.rbegin(), chosen_.found.rend(), [&](const Detection* one) { add_shape(*one); });
    std::for_each(chosen_.found.rbegin(), chosen_.found.rend(), [&](const Detection* one) { add_frame(*one); });
    add_labels();
    return std::move(marks_);
  }

 private:
  // Thinner, and without an edge, where the shape itself is there to be seen.
  int frame_line(const Detection& one) const {
    return has_shape(one) ? std::max(1, measures_.line / 2) : measures_.line;
  }
  static bool has_shape(const Detection& one) { return !one.mask.empty() || !one.polygons.empty(); }

  void add_shape(const Detection& one) {
    const Colour colour = class_colour(one.box.label);
    if (!one.mask.empty()) {
      marks_.push_back(mask_mark(one.mask, colour, measures_.line));
    } else if (!one.polygons.empty()) {
      marks_.push_back(polygon_mark(one.polygons, colour, measures_.line));
    }
  }

  void add_frame(const Detection& one) {
    const Colour colour = class_colour(one.box.label);
    const int line = frame_line(one);
    marks_.push_back(box_mark(one.box, picture_, colour, line, has_shape(one) ? 0 : halo_of(line)));
    for (const tasks::Point& point : one.points) {
      if (std::isfinite(point.x) && std::isfinite(point.y)) marks_.push_back(point_mark(point, colour, measures_.line));
    }
  }

  // The best has the first choice of places, and lies on top.
  void add_labels() {
    std::vector<Mark> labels;
    const int padding = std::max(1, static_cast<int>(std::lround(measures_.letters / 6)));
    for (const Detection* one : chosen_.found) {
      const std::string words = label_of(chosen_.record, one->box, drawing_);
      if (words.empty() || !has_fonts()) return;
      TextLine text(words, measures_.letters, std::max(1, picture_.width - 2 * padding));
      const Size size = {std::min(picture_.width, text.size().width + 2 * padding), text.size().height};
      const double edge = frame_line(*one) / 2.0;
      const Rect box = around(inside(one->box, picture_, edge), edge);
      if (const std::optional<Rect> place = places_.place(size, box))
        labels.push_back(label_mark(std::move(text), *place, class_colour(one->box.label)));
    }
    std::move(labels.rbegin(), labels.rend(), std::back_inserter(marks_));
  }

  const Chosen& chosen_;
  const tasks::Drawing& drawing_;
  const Size picture_;
  const Measures measures_;
  LabelPlaces places_;
  std::vector<Mark> marks_;
};

}  // namespace

Measures measures_for(Size picture, const tasks::Drawing& drawing) {
  const double shorter = std::min(picture.width, picture.height);
  const double side = std::min((picture.width + picture.height) / 2.0, 2.5 * shorter);
  Measures measures;
  measures.line = drawing.line_width > 0 ? drawing.line_width : static_cast<int>(std::lround(side * 0.003));
  if (drawing.line_width == 0) measures.line = std::max(measures.line, shorter < 150 ? 1 : 2);
  measures.letters = std::clamp(side * 0.026, 8.0, std::max(8.0, shorter / 6));
  if (shorter >= 150) measures.letters = std::max(measures.letters, 12.0);
  return measures;
}

std::string label_of(const tasks::Detections& record, const Box& box, const tasks::Drawing& drawing) {
  if (!drawing.labels) return "";
  const std::string& name = (*record.classes)[static_cast<std::size_t>(box.label)];
  return drawing.confidence ? name + " " + fixed(box.score, kScoreDigits) : name;
}

void draw(Image& picture, const Chosen& chosen, const tasks::Drawing& drawing) {
  paint(picture, Scene(chosen, drawing).marks());
}

}  // namespace pixmill::exports
