// Connected parts of a mask, from the spans of its rows.
#include <numeric>

#include "pixmill/core/bit_mask.h"

namespace pixmill {
namespace {

struct Span {
  int y, from, to;  // pixels from `from` to before `to`
};

class Parts {
 public:
  // `reach`: 1 where pixels that touch at a corner are of one part, else 0.
  Parts(const BitMask& mask, int reach) : size_(mask.size()) {
    std::size_t above = 0, here = 0;  // the first span of the row before, and of this one
    for (int y = 0; y < size_.height; ++y) {
      each_run(mask, y, [&](int from, int to, bool inside) {
        if (inside) spans_.push_back({y, from, to});
      });
      part_.resize(spans_.size());
      std::iota(part_.begin() + static_cast<std::ptrdiff_t>(here), part_.end(), here);
      join(above, here, reach);
      above = here;
      here = spans_.size();
    }
    measure();
  }

  // Calls visit(span, area of its part, whether the part touches an edge of the picture).
  template <typename Visit>
  void each(Visit visit) {
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      const std::size_t part = root(i);
      visit(spans_[i], area_[part], at_edge_[part]);
    }
  }

 private:
  // The spans from `here` on with those of the row above that they touch.
  void join(std::size_t above, std::size_t here, int reach) {
    for (std::size_t i = above, k = here; i < here && k < spans_.size();) {
      const Span &upper = spans_[i], &lower = spans_[k];
      if (upper.from < lower.to + reach && lower.from < upper.to + reach) {
        const std::size_t a = root(i), b = root(k);
        part_[std::max(a, b)] = std::min(a, b);
      }
      upper.to < lower.to ? ++i : ++k;
    }
  }

  std::size_t root(std::size_t i) {
    while (part_[i] != i) i = part_[i] = part_[part_[i]];
    return i;
  }

  void measure() {
    area_.resize(spans_.size());
    at_edge_.resize(spans_.size());
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      const Span& span = spans_[i];
      const std::size_t part = root(i);
      area_[part] += span.to - span.from;
      if (span.y == 0 || span.y == size_.height - 1 || span.from == 0 || span.to == size_.width) at_edge_[part] = true;
    }
  }

  Size size_;
  std::vector<Span> spans_;
  std::vector<std::size_t> part_;  // of each span: a span of its part; that of the part's first span is itself
  std::vector<std::int64_t> area_;
  std::vector<bool> at_edge_;
};

}  // namespace

void fill_holes(BitMask& mask) {
  BitMask outside = mask;
  invert(outside);
  Parts(outside, 0).each([&](const Span& span, std::int64_t, bool at_edge) {
    for (int x = span.from; !at_edge && x < span.to; ++x) mask.set(x, span.y);
  });
}

void remove_small_parts(BitMask& mask, std::int64_t least) {
  Parts(mask, 1).each([&](const Span& span, std::int64_t area, bool) {
    for (int x = span.from; area < least && x < span.to; ++x)
      mask.row(span.y)[x / 64] &= ~(std::uint64_t{1} << (x % 64));
  });
}

}  // namespace pixmill
