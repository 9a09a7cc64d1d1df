#include "pixmill/core/guided_filter.h"

#include <algorithm>
#include <vector>

#include "core/bilinear_rows.h"
#include "core/edge_kernels.h"
#include "core/guided_kernels.h"
#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

constexpr int kTile = 64;

// Rows of planes for the kernels, with zeros beside each.
class PlaneRows {
 public:
  PlaneRows(int planes, int rows, int columns, int margin)
      : planes_(planes),
        margin_(margin),
        pitch_(static_cast<std::size_t>(columns) + 2 * static_cast<std::size_t>(margin)),
        values_(pitch_ * static_cast<std::size_t>(planes) * static_cast<std::size_t>(rows)) {}

  // The planes of row `y` and of those below it, from column `x` on.
  Grid<float> at(int y, int x = 0) {
    return {values_.data() + pitch_ * static_cast<std::size_t>(planes_ * y) + margin_ + x, pitch_};
  }
  Grid<const float> from(int y, int x = 0) {
    const Grid<float> rows = at(y, x);
    return {rows.data, rows.stride};
  }

 private:
  int planes_;
  int margin_;
  std::size_t pitch_;
  std::vector<float> values_;
};

// `area` and `by` pixels around it, as far as there are any.
Rect grown(const Rect& area, int by, Size bounds) {
  const int x = std::max(area.x - by, 0), y = std::max(area.y - by, 0);
  return {x, y, std::min(area.x + area.width + by, bounds.width) - x,
          std::min(area.y + area.height + by, bounds.height) - y};
}

// Whether a pixel that is enlarged from `area` can be anything but surely 0, or surely 1.
bool is_uncertain(ImageView matte, const Rect& area) {
  float low = 1.0F, high = 0.0F;
  for (int y = area.y; y < area.y + area.height; ++y) {
    const auto [least, most] =
        std::minmax_element(matte.row<float>(y) + area.x, matte.row<float>(y) + area.x + area.width);
    low = std::min(low, *least);
    high = std::max(high, *most);
  }
  return high > kCertain && low < 1.0F - kCertain;
}

// Writes the Detail of one tile after the other, each computed from a window around it that is wide enough to give what
// the whole would give. `guide` (u8 RGB), `matte` and `details`, of one size, must outlive it.
class DetailTiles {
 public:
  DetailTiles(ImageView guide, ImageView matte, const GuidedOptions& options, Image& details)
      : guide_(guide),
        matte_(matte),
        details_(details),
        options_(options),
        columns_(whole_vectors(kTile + 4 * options.radius)),
        pixels_(kGuidedPixel, kTile + 4 * options.radius, columns_, options.radius),
        moments_(kGuidedMoments, 1, columns_, options.radius),
        fits_(kGuidedFit, kTile + 2 * options.radius, columns_, options.radius),
        sums_(kGuidedFit, 1, columns_, options.radius),
        shares_(static_cast<std::size_t>(columns_)),
        inverse_(static_cast<std::size_t>(columns_)) {}

  void write(const Rect& tile) {
    const int radius = options_.radius;
    const Rect fitted = grown(tile, radius, matte_.size());
    const Rect window = grown(tile, 2 * radius, matte_.size());
    load(window);
    for (int y = fitted.y; y < fitted.y + fitted.height; ++y) {
      const Rect rows = windows_of(y);
      kernels_.add_moments(pixels_.from(rows.y - window.y), rows.height, columns_, moments_.at(0));
      kernels_.fit(moments_.from(0), inverse_.data(), radius, options_.epsilon, columns_, fits_.at(y - fitted.y));
    }
    const int left = tile.x - window.x;
    for (int y = tile.y; y < tile.y + tile.height; ++y) {
      const Rect rows = windows_of(y);
      kernels_.add_fits(fits_.from(rows.y - fitted.y), rows.height, columns_, sums_.at(0));
      kernels_.detail(sums_.from(0, left), inverse_.data() + left, radius, pixels_.from(y - window.y, left),
                      options_.pull, tile.width, reinterpret_cast<Detail*>(details_.row<float>(y)) + tile.x);
    }
  }

 private:
  static int whole_vectors(int columns) { return (columns + kGuidedColumns - 1) / kGuidedColumns * kGuidedColumns; }

  // The pixels of `window`, zeros to the right of them, and each column's share of the mean over its window.
  void load(const Rect& window) {
    for (int y = 0; y < window.height; ++y) {
      const Grid<float> row = pixels_.at(y);
      kernels_.split(guide_.row<std::uint8_t>(window.y + y) + 3 * std::ptrdiff_t{window.x}, window.width, row);
      std::copy_n(matte_.row<float>(window.y + y) + window.x, window.width, row.row(3));
      for (int k = 0; k < kGuidedPixel; ++k) std::fill(row.row(k) + window.width, row.row(k) + columns_, 0.0F);
    }
    std::fill(shares_.begin(), shares_.end(), 0.0F);
    for (int x = 0; x < window.width; ++x) {
      const Rect columns = grown({window.x + x, 0, 1, 1}, options_.radius, matte_.size());
      shares_[static_cast<std::size_t>(x)] = 1.0F / static_cast<float>(columns.width);
    }
  }

  // The rows of the windows around the pixels of row `y`, to whose sizes `inverse_` is set.
  Rect windows_of(int y) {
    const Rect rows = grown({0, y, 1, 1}, options_.radius, matte_.size());
    const float share = 1.0F / static_cast<float>(rows.height);
    for (std::size_t x = 0; x < inverse_.size(); ++x) inverse_[x] = share * shares_[x];
    return rows;
  }

  const GuidedKernels& kernels_ = guided_kernels();
  ImageView guide_;
  ImageView matte_;
  Image& details_;
  GuidedOptions options_;
  int columns_;
  PlaneRows pixels_;
  PlaneRows moments_;  // of a row
  PlaneRows fits_;
  PlaneRows sums_;  // of the fits around a row
  std::vector<float> shares_;
  std::vector<float> inverse_;
};

void no_detail_in(const Rect& tile, Image& details) {
  for (int y = tile.y; y < tile.y + tile.height; ++y) {
    std::fill_n(reinterpret_cast<Detail*>(details.row<float>(y)) + tile.x, tile.width, Detail{});
  }
}

// Detail for every pixel of `matte`. In tiles: most of them are certain and cost nothing, the others stay in the cache.
Image details_of(ImageView guide, ImageView matte, const GuidedOptions& options) {
  Image details(matte.size(), kDetail, PixelType::f32);
  DetailTiles tiles(guide, matte, options, details);
  for (int y = 0; y < matte.height(); y += kTile) {
    for (int x = 0; x < matte.width(); x += kTile) {
      const Rect tile = {x, y, std::min(kTile, matte.width() - x), std::min(kTile, matte.height() - y)};
      if (is_uncertain(matte, grown(tile, 1, matte.size()))) {
        tiles.write(tile);
      } else {
        no_detail_in(tile, details);
      }
    }
  }
  return details;
}

}  // namespace

Matte enlarge_guided(ImageView matte, const Image& photo, const GuidedOptions& options, float trace) {
  Matte result(matte, photo.size(), trace);
  // Where the photo is smaller than the matte there is no detail to gain; the windows then lie on the photo's grid.
  const Size grid = {std::min(matte.width(), photo.width()), std::min(matte.height(), photo.height())};
  const Image level = resize(matte, grid, Filter::bilinear);
  const Image small_details = details_of(resize(photo, grid, Filter::box), level, options);

  const EdgeKernels& kernels = edge_kernels();
  BilinearRows<kDetail> details(small_details, photo.size());
  for (int y = 0; y < photo.height(); ++y) {
    const std::uint8_t* const rgb = photo.row<std::uint8_t>(y);
    result.change_runs(y, [&](int first, int last, float* values) {
      details.each_cell(
          y, first, last, [&](int x, int end, const float* left, const float* right, const float* weights) {
            kernels.refine(left, right, weights, rgb + 3 * std::ptrdiff_t{x}, end - x, values + (x - first));
          });
    });
  }
  return result;
}

}  // namespace pixmill
