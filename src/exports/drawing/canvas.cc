#include "exports/drawing/canvas.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>

#include "pixmill/core/error.h"

namespace pixmill::exports {
namespace {

constexpr int kPartWidth = 4096, kPartHeight = 256;

// Cairo's pixels are native 32-bit words, 0x00RRGGBB.
void to_words(const Image& picture, const Rect& part, cairo_surface_t* surface) {
  for (int y = 0; y < part.height; ++y) {
    const auto* from = picture.row<std::uint8_t>(part.y + y) + std::ptrdiff_t{3} * part.x;
    auto* to = reinterpret_cast<std::uint32_t*>(cairo_image_surface_get_data(surface) +
                                                std::ptrdiff_t{y} * cairo_image_surface_get_stride(surface));
    for (int x = 0; x < part.width; ++x, from += 3)
      to[x] = std::uint32_t{from[0]} << 16U | std::uint32_t{from[1]} << 8U | from[2];
  }
}

void from_words(cairo_surface_t* surface, const Rect& part, Image& picture) {
  for (int y = 0; y < part.height; ++y) {
    auto* to = picture.row<std::uint8_t>(part.y + y) + std::ptrdiff_t{3} * part.x;
    const auto* from = reinterpret_cast<const std::uint32_t*>(
        cairo_image_surface_get_data(surface) + std::ptrdiff_t{y} * cairo_image_surface_get_stride(surface));
    for (int x = 0; x < part.width; ++x, to += 3) {
      to[0] = static_cast<std::uint8_t>(from[x] >> 16U);
      to[1] = static_cast<std::uint8_t>(from[x] >> 8U);
      to[2] = static_cast<std::uint8_t>(from[x]);
    }
  }
}

void check(cairo_status_t status) {
  if (status == CAIRO_STATUS_SUCCESS) return;
  if (status == CAIRO_STATUS_NO_MEMORY)
    throw Error(ErrorCode::out_of_memory, "not enough memory to draw", "lower --jobs");
  throw Error(ErrorCode::internal, std::string("drawing failed: ") + cairo_status_to_string(status),
              "please report this");
}

void paint_part(Image& picture, const Rect& part, const std::vector<const Mark*>& marks) {
  const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, part.width, part.height), cairo_surface_destroy);
  check(cairo_surface_status(surface.get()));
  to_words(picture, part, surface.get());
  cairo_surface_mark_dirty(surface.get());
  const std::unique_ptr<cairo_t, decltype(&cairo_destroy)> cairo(cairo_create(surface.get()), cairo_destroy);
  cairo_translate(cairo.get(), -part.x, -part.y);
  for (const Mark* mark : marks) {
    cairo_save(cairo.get());
    mark->paint(cairo.get(), part);
    cairo_restore(cairo.get());
  }
  check(cairo_status(cairo.get()));
  cairo_surface_flush(surface.get());
  from_words(surface.get(), part, picture);
}

}  // namespace

Rect rect_of(double left, double top, double right, double bottom) {
  const double kFarthest = 1 << 22;  // Cairo's coordinates have 24 bits before the point
  const auto held = [=](double value) { return static_cast<int>(std::clamp(value, -kFarthest, kFarthest)); };
  const int x = held(std::floor(left)), y = held(std::floor(top));
  return {x, y, held(std::ceil(right)) - x, held(std::ceil(bottom)) - y};
}

Rect common(const Rect& a, const Rect& b) {
  const int left = std::max(a.x, b.x), top = std::max(a.y, b.y);
  return {left, top, std::max(0, std::min(a.x + a.width, b.x + b.width) - left),
          std::max(0, std::min(a.y + a.height, b.y + b.height) - top)};
}

void paint(Image& picture, const std::vector<Mark>& marks) {
  std::vector<const Mark*> here;
  for (int y = 0; y < picture.height(); y += kPartHeight) {
    for (int x = 0; x < picture.width(); x += kPartWidth) {
      const Rect part = {x, y, std::min(kPartWidth, picture.width() - x), std::min(kPartHeight, picture.height() - y)};
      here.clear();
      for (const Mark& mark : marks) {
        const Rect touched = common(mark.bounds, part);
        if (touched.width > 0 && touched.height > 0) here.push_back(&mark);
      }
      if (!here.empty()) paint_part(picture, part, here);
    }
  }
}

void set_colour(cairo_t* cairo, Colour colour, double opacity) {
  cairo_set_source_rgba(cairo, colour[0] / 255.0, colour[1] / 255.0, colour[2] / 255.0, opacity);
}

}  // namespace pixmill::exports
