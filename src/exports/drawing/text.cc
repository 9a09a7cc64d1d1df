#include "exports/drawing/text.h"

#include <pango/pangocairo.h>

#include <string>

#include "pixmill/core/unicode.h"

namespace pixmill::exports {
namespace {

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};

using Font = std::unique_ptr<PangoFontDescription, decltype(&pango_font_description_free)>;

Font sans(double pixels) {
  Font font(pango_font_description_from_string("sans"), pango_font_description_free);
  pango_font_description_set_absolute_size(font.get(), pixels * PANGO_SCALE);
  return font;
}

std::unique_ptr<PangoContext, Unref> new_context() {
  return std::unique_ptr<PangoContext, Unref>(pango_font_map_create_context(pango_cairo_font_map_get_default()));
}

// The list of families names "Sans" also where no font stands behind it.
bool find_fonts() {
  const auto context = new_context();
  const std::unique_ptr<PangoFont, Unref> font(
      pango_font_map_load_font(pango_cairo_font_map_get_default(), context.get(), sans(12).get()));
  return font != nullptr;
}

}  // namespace

bool has_fonts() {
  static const bool found = find_fonts();
  return found;
}

TextLine::TextLine(std::string_view text, double pixels, int widest) {
  const auto context = new_context();
  PangoLayout* layout = pango_layout_new(context.get());
  layout_ = std::shared_ptr<void>(layout, Unref());
  pango_layout_set_text(layout, valid_utf8(text).c_str(), -1);
  pango_layout_set_single_paragraph_mode(layout, TRUE);
  pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_width(layout, widest * PANGO_SCALE);
  pango_layout_set_font_description(layout, sans(pixels).get());
  pango_layout_get_pixel_size(layout, &size_.width, &size_.height);
}

void TextLine::paint(cairo_t* cairo, double x, double y) const {
  cairo_move_to(cairo, x, y);
  pango_cairo_show_layout(cairo, static_cast<PangoLayout*>(layout_.get()));
}

}  // namespace pixmill::exports
