#include "tasks/restore/source.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "pixmill/core/composite.h"

namespace pixmill::tasks {
namespace {

// Steps to neighbours of the chamfer distance: 3 across an edge, 4 across a corner (Borgefors, 1986).
constexpr int kAcross = 3, kDiagonal = 4;
constexpr int kFar = std::numeric_limits<std::uint16_t>::max();

Image without_alpha(ImageView rgba) {
  Image rgb(rgba.size(), 3, rgba.type());
  const std::size_t sample = bytes_of(rgba.type());
  for (int y = 0; y < rgba.height(); ++y) {
    const std::byte* from = rgba.row_bytes(y);
    std::byte* to = rgb.data() + static_cast<std::size_t>(y) * rgb.stride();
    for (int x = 0; x < rgba.width(); ++x, from += 4 * sample, to += 3 * sample) std::memcpy(to, from, 3 * sample);
  }
  return rgb;
}

// Carries colours from where the distance is 0 to where it is not: once down and right, once up and left.
template <typename T>
class Spread {
 public:
  Spread(Image& colours, ImageView alpha)
      : colours_(colours),
        width_(colours.width()),
        height_(colours.height()),
        distance_(static_cast<std::size_t>(colours.size().area())) {
    for (int y = 0; y < height_; ++y) {
      const T* const row = alpha.row<T>(y);
      for (int x = 0; x < width_; ++x) distance_[at(x, y)] = static_cast<std::uint16_t>(row[x] == 0 ? kFar : 0);
    }
  }

  void run() {
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) visit(x, y, -1);
    }
    for (int y = height_ - 1; y >= 0; --y) {
      for (int x = width_ - 1; x >= 0; --x) visit(x, y, 1);
    }
  }

 private:
  std::size_t at(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }

  // `side`: -1 looks left and above, 1 right and below.
  void visit(int x, int y, int side) {
    if (distance_[at(x, y)] == 0) return;
    consider(x, y, x + side, y, kAcross);
    consider(x, y, x - 1, y + side, kDiagonal);
    consider(x, y, x, y + side, kAcross);
    consider(x, y, x + 1, y + side, kDiagonal);
  }

  void consider(int x, int y, int from_x, int from_y, int step) {
    if (from_x < 0 || from_x >= width_ || from_y < 0 || from_y >= height_) return;
    const int distance = std::min(distance_[at(from_x, from_y)] + step, kFar);
    if (distance >= distance_[at(x, y)]) return;
    distance_[at(x, y)] = static_cast<std::uint16_t>(distance);
    std::copy_n(colours_.row<T>(from_y) + std::ptrdiff_t{3} * from_x, 3, colours_.row<T>(y) + std::ptrdiff_t{3} * x);
  }

  Image& colours_;
  const int width_, height_;
  std::vector<std::uint16_t> distance_;
};

}  // namespace

RestoreSource take_apart_for_restore(Image picture) {
  if (picture.channels() != 4) return {std::move(picture), {}};
  RestoreSource source{without_alpha(picture), alpha_of(picture)};
  picture = {};
  if (source.colours.type() == PixelType::u8) {
    Spread<std::uint8_t>(source.colours, source.alpha).run();
  } else {
    Spread<std::uint16_t>(source.colours, source.alpha).run();
  }
  return source;
}

}  // namespace pixmill::tasks
