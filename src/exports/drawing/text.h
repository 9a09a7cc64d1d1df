// Lines of text, by Pango: any script for which the system has a font.
#pragma once

#include <cairo.h>

#include <memory>
#include <string_view>

#include "pixmill/core/image.h"

namespace pixmill::exports {

// False where the system has no font at all; then nothing below may be used. The first call reads the system's fonts.
bool has_fonts();

// A line that is laid out. Belongs to the thread that made it: each thread has a font map of its own, see
// https://docs.gtk.org/PangoCairo/type_func.FontMap.get_default.html.
class TextLine {
 public:
  // In the system's default sans, `pixels` high, shortened with an ellipsis where it is wider than `widest` pixels.
  // What is not UTF-8 is replaced.
  TextLine(std::string_view text, double pixels, int widest);

  Size size() const { return size_; }
  void paint(cairo_t* cairo, double x, double y) const;  // its upper left corner; in the colour that is set

 private:
  std::shared_ptr<void> layout_;
  Size size_;
};

}  // namespace pixmill::exports
