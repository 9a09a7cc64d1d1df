#include "pixmill/core/quality.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

Size reduced(Size size) {
  const int longest = std::max(size.width, size.height);
  if (longest <= kMeasuredSide) return size;
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>(std::int64_t{side} * kMeasuredSide / longest));
  };
  return {scaled(size.width), scaled(size.height)};
}

// Fixed point with 14 bits, rounded, as OpenCV's cvtColor().
void gray_row(const std::uint8_t* rgb, int width, std::int32_t* gray) {
  for (int x = 0; x < width; ++x, rgb += 3) gray[x] = (rgb[0] * 4899 + rgb[1] * 9617 + rgb[2] * 1868 + 8192) >> 14;
}

int mirrored(int at, int count) {
  if (count == 1) return 0;
  return at < 0 ? -at : at >= count ? 2 * count - 2 - at : at;
}

// Of one row, the first and the last pixel left to the caller.
struct Sums {
  std::int64_t gray = 0, laplacian = 0, squares = 0;

  void add(std::int32_t pixel, std::int32_t around) {
    const std::int32_t value = around - 4 * pixel;
    gray += pixel;
    laplacian += value;
    squares += value * value;
  }
};

Sums sums_of(ImageView picture) {
  const int width = picture.width(), height = picture.height();
  const auto count = static_cast<std::size_t>(width);
  std::vector<std::int32_t> gray(count * static_cast<std::size_t>(height));
  const auto row = [&](int y) { return gray.data() + count * static_cast<std::size_t>(y); };
  for (int y = 0; y < height; ++y) gray_row(picture.row<std::uint8_t>(y), width, row(y));
  Sums sums;
  for (int y = 0; y < height; ++y) {
    const std::int32_t *above = row(mirrored(y - 1, height)), *here = row(y), *below = row(mirrored(y + 1, height));
    Sums line;
    const auto edge = [&](int x) {
      line.add(here[x], above[x] + below[x] + here[mirrored(x - 1, width)] + here[mirrored(x + 1, width)]);
    };
    edge(0);
    for (int x = 1; x < width - 1; ++x) line.add(here[x], above[x] + below[x] + here[x - 1] + here[x + 1]);
    if (width > 1) edge(width - 1);
    sums.gray += line.gray;
    sums.laplacian += line.laplacian;
    sums.squares += line.squares;
  }
  return sums;
}

}  // namespace

Measured measure_quality(ImageView picture) {
  const Size size = reduced(picture.size());
  const Sums sums = size == picture.size() ? sums_of(picture) : sums_of(resize(picture, size, Filter::box));
  const auto count = static_cast<double>(size.area());
  const double mean = static_cast<double>(sums.laplacian) / count;
  return {static_cast<float>(static_cast<double>(sums.squares) / count - mean * mean),
          static_cast<float>(static_cast<double>(sums.gray) / count)};
}

}  // namespace pixmill
