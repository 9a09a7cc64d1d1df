#include "pixmill/core/row_resizer.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "core/resize_passes.h"
#include "core/resize_taps.h"

namespace pixmill {
namespace {

// The taps of `count` outputs from `first` on, of inputs that begin with `base`.
Taps part_of(const Taps& taps, int first, int count, int base) {
  const auto from = static_cast<std::ptrdiff_t>(first), to = from + count;
  Taps part;
  part.inputs = taps.inputs - base;
  part.width = taps.width;
  part.first.assign(taps.first.begin() + from, taps.first.begin() + to);
  for (int& input : part.first) input -= base;
  part.count.assign(taps.count.begin() + from, taps.count.begin() + to);
  part.weight.assign(taps.weight.begin() + from * taps.width, taps.weight.begin() + to * taps.width);
  return part;
}

Taps taps_between(int from, int to, Filter filter) {
  return from == to ? Taps() : resize_taps(from, to, filter);
}

}  // namespace

class RowResizer::Impl {
 public:
  Impl(Size from, Size to, int channels, Filter filter)
      : from_(from),
        to_(to),
        channels_(channels),
        across_(taps_between(from.width, to.width, filter)),
        down_(taps_between(from.height, to.height, filter)) {
    assert(filter != Filter::nearest);
  }

  void write(ImageView rows) {
    assert(rows.width() == from_.width && rows.channels() == channels_ && written() + rows.height() <= from_.height);
    if (rows.height() == 0) return;
    const Image resampled = across_.outputs() == 0 ? Image() : resample(rows, across_, {});
    const ImageView added = resampled.empty() ? rows : resampled.view();
    Image joined({to_.width, held_rows_ + rows.height()}, channels_, PixelType::f32);
    if (held_rows_ > 0) std::memcpy(joined.data(), held_.data(), held_.bytes());
    for (int y = 0; y < added.height(); ++y)
      std::memcpy(joined.row<float>(held_rows_ + y), added.row_bytes(y), joined.stride());
    held_ = std::move(joined);
    held_rows_ += rows.height();
  }

  int written() const { return base_ + held_rows_; }

  int ready() const {
    if (down_.outputs() == 0) return written() - next_;
    int last = next_;
    while (last < to_.height && needed_for(last) <= written()) ++last;
    return last - next_;
  }

  Image take(int count) {
    count = std::min(count, ready());
    if (count <= 0) return {};
    Image result;
    if (down_.outputs() == 0) {
      result = copy(held_.view().crop({0, next_ - base_, to_.width, count}));
    } else {
      Taps part = part_of(down_, next_, count, base_);
      part.inputs = held_rows_;
      result = resample(held_, {}, part);
    }
    next_ += count;
    forget();
    return result;
  }

 private:
  int needed_for(int output) const {
    const auto at = static_cast<std::size_t>(output);
    return down_.first[at] + down_.count[at];
  }

  // Rows that no further output needs.
  void forget() {
    const int first = next_ >= to_.height    ? written()
                      : down_.outputs() == 0 ? next_
                                             : down_.first[static_cast<std::size_t>(next_)];
    const int gone = std::min(first, written()) - base_;
    if (gone <= 0) return;
    held_rows_ -= gone;
    base_ += gone;
    held_ = held_rows_ == 0 ? Image() : copy(held_.view().crop({0, gone, to_.width, held_rows_}));
  }

  const Size from_, to_;
  const int channels_;
  const Taps across_, down_;  // without outputs where that side stays
  Image held_;                // rows that are needed still, resampled across
  int held_rows_ = 0;
  int base_ = 0;  // the first of them
  int next_ = 0;  // output
};

RowResizer::RowResizer(Size from, Size to, int channels, Filter filter)
    : impl_(std::make_unique<Impl>(from, to, channels, filter)) {}
RowResizer::~RowResizer() = default;
RowResizer::RowResizer(RowResizer&&) noexcept = default;
RowResizer& RowResizer::operator=(RowResizer&&) noexcept = default;

void RowResizer::write(ImageView rows) {
  impl_->write(rows);
}

int RowResizer::written() const {
  return impl_->written();
}

int RowResizer::ready() const {
  return impl_->ready();
}

Image RowResizer::take(int count) {
  return impl_->take(count);
}

}  // namespace pixmill
