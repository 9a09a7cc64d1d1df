// Vector drawing on pictures of any size, by Cairo.
#pragma once

#include <cairo.h>

#include <functional>
#include <vector>

#include "pixmill/core/composite.h"
#include "pixmill/core/image.h"

namespace pixmill::exports {

// Something drawn, in pixels of the picture. Antialiased lines reach a pixel further than their width says.
struct Mark {
  Rect bounds;  // nothing is painted outside; may reach beyond the picture
  // Called for every part of the picture that the mark touches; nothing outside `part` shows.
  std::function<void(cairo_t* cairo, const Rect& part)> paint;
};

// Paints the marks on `picture` (u8 RGB), the first one at the bottom. The work is done in parts of a megapixel at
// most, since Cairo's own pictures have four bytes a pixel and 32767 pixels a side; parts without a mark cost nothing.
// Throws Error: internal (Cairo fails), out_of_memory.
void paint(Image& picture, const std::vector<Mark>& marks);

// Sets the colour that is painted with; `opacity`: 0..1.
void set_colour(cairo_t* cairo, Colour colour, double opacity = 1.0);

// The whole pixels around; what is far outside of any picture is cut off there.
Rect rect_of(double left, double top, double right, double bottom);

// The pixels of both; of no width where there are none.
Rect common(const Rect& a, const Rect& b);

}  // namespace pixmill::exports
