#include "pixmill/core/quality.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/quality_kernels.h"
#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

static_assert(kMeasuredSide <= static_cast<int>(kLongestQualityRow));

int mirrored(int at, int count) {
  if (count == 1) return 0;
  return at < 0 ? -at : at >= count ? 2 * count - 2 - at : at;
}

// Three rows of gray at a time, each with a mirrored pixel before and behind it.
class GrayRows {
 public:
  explicit GrayRows(ImageView picture) : picture_(picture) {
    for (std::vector<std::int16_t>& row : rows_) row.resize(static_cast<std::size_t>(picture.width()) + 2);
  }

  // Of a row above the first or below the last one: the mirrored one. The last three rows asked for are there.
  const std::int16_t* at(int y) {
    y = mirrored(y, picture_.height());
    std::vector<std::int16_t>& row = rows_[static_cast<std::size_t>(y % 3)];
    int& made = made_[static_cast<std::size_t>(y % 3)];
    if (made != y) {
      made = y;
      const int width = picture_.width();
      quality_kernels().gray(picture_.row<std::uint8_t>(y), static_cast<std::size_t>(width), row.data() + 1);
      row.front() = row[static_cast<std::size_t>(mirrored(-1, width)) + 1];
      row.back() = row[static_cast<std::size_t>(mirrored(width, width)) + 1];
    }
    return row.data() + 1;
  }

 private:
  ImageView picture_;
  std::array<std::vector<std::int16_t>, 3> rows_;
  std::array<int, 3> made_ = {-1, -1, -1};
};

LaplacianSums sums_of(ImageView picture) {
  GrayRows rows(picture);
  LaplacianSums sums;
  for (int y = 0; y < picture.height(); ++y) {
    const std::int16_t *above = rows.at(y - 1), *here = rows.at(y), *below = rows.at(y + 1);
    const LaplacianSums row =
        quality_kernels().laplacian(above, here, below, static_cast<std::size_t>(picture.width()));
    sums.gray += row.gray;
    sums.laplacian += row.laplacian;
    sums.squares += row.squares;
  }
  return sums;
}

}  // namespace

Size measured_size(Size size) {
  const int longest = std::max(size.width, size.height);
  if (longest <= kMeasuredSide) return size;
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>(std::int64_t{side} * kMeasuredSide / longest));
  };
  return {scaled(size.width), scaled(size.height)};
}

Measured measure_quality(ImageView picture) {
  const Size size = measured_size(picture.size());
  const LaplacianSums sums = size == picture.size() ? sums_of(picture) : sums_of(resize(picture, size, Filter::box));
  const auto count = static_cast<double>(size.area());
  const double mean = static_cast<double>(sums.laplacian) / count;
  return {static_cast<float>(static_cast<double>(sums.squares) / count - mean * mean),
          static_cast<float>(static_cast<double>(sums.gray) / count)};
}

}  // namespace pixmill
