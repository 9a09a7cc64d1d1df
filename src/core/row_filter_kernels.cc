#include "core/row_filter_kernels.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/row_filter_kernels.cc"
#include "core/simd_targets.h"
// After the list of targets:
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/simd.h"

#ifndef PIXMILL_ROW_FILTER_KERNELS_ONCE
#define PIXMILL_ROW_FILTER_KERNELS_ONCE
namespace pixmill {
namespace {

// A byte and its neighbours: to the left, above, and above to the left.
struct Bytes {
  int here, left, above, before;
};

// What is near the left edge, and what does not fill a vector.
inline Bytes bytes_at(const FilteredRows& rows, std::size_t at) {
  const bool inside = at >= rows.step;
  return {rows.row[at], inside ? rows.row[at - rows.step] : 0, rows.above[at], inside ? rows.above[at - rows.step] : 0};
}

inline int paeth(int left, int above, int before) {
  const int from_left = std::abs(above - before);
  const int from_above = std::abs(left - before);
  const int from_before = std::abs(left + above - 2 * before);
  if (from_left <= from_above && from_left <= from_before) return left;
  return from_above <= from_before ? above : before;
}

template <RowFilter kFilter>
std::uint8_t residual(const Bytes& bytes) {
  int predicted = 0;
  if constexpr (kFilter == RowFilter::sub) predicted = bytes.left;
  if constexpr (kFilter == RowFilter::up) predicted = bytes.above;
  if constexpr (kFilter == RowFilter::average) predicted = (bytes.left + bytes.above) / 2;
  if constexpr (kFilter == RowFilter::paeth) predicted = paeth(bytes.left, bytes.above, bytes.before);
  return static_cast<std::uint8_t>(bytes.here - predicted);
}

inline std::uint64_t size_of(std::uint8_t residual) {
  return residual < 128 ? residual : 256U - residual;
}

template <RowFilter kFilter>
void filter_bytes(const FilteredRows& rows, std::size_t from, std::size_t to, std::uint8_t* out) {
  for (std::size_t i = from; i < to; ++i) out[i] = residual<kFilter>(bytes_at(rows, i));
}

inline void add_costs(const FilteredRows& rows, std::size_t from, std::size_t to, std::uint64_t* sums) {
  for (std::size_t i = from; i < to; ++i) {
    const Bytes bytes = bytes_at(rows, i);
    sums[0] += size_of(residual<RowFilter::none>(bytes));
    sums[1] += size_of(residual<RowFilter::sub>(bytes));
    sums[2] += size_of(residual<RowFilter::up>(bytes));
    sums[3] += size_of(residual<RowFilter::average>(bytes));
    sums[4] += size_of(residual<RowFilter::paeth>(bytes));
  }
}

}  // namespace
}  // namespace pixmill
#endif  // PIXMILL_ROW_FILTER_KERNELS_ONCE

HWY_BEFORE_NAMESPACE();
namespace pixmill {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if PIXMILL_HAVE_VECTORS

using Tag = hn::ScalableTag<std::uint8_t>;
using Vector = hn::Vec<Tag>;
using Sums = hn::ScalableTag<std::uint64_t>;

struct Vectors {
  Vector here, left, above, before;
};

Vectors vectors_at(const FilteredRows& rows, std::size_t at) {
  const Tag tag;
  const std::uint8_t* row = rows.row + at;
  const std::uint8_t* above = rows.above + at;
  return {hn::LoadU(tag, row), hn::LoadU(tag, row - rows.step), hn::LoadU(tag, above),
          hn::LoadU(tag, above - rows.step)};
}

// Rounded down.
Vector mean(Vector a, Vector b) {
  return hn::Sub(hn::AverageRound(a, b), hn::And(hn::Xor(a, b), hn::Set(Tag(), 1)));
}

Vector distance(Vector a, Vector b) {
  return hn::Or(hn::SaturatedSub(a, b), hn::SaturatedSub(b, a));
}

hn::Mask<Tag> at_most(Vector a, Vector b) {
  return hn::Eq(hn::Min(a, b), a);
}

// |left + above - 2 * before| is the sum of both distances where left and above are on the same side of `before`, and
// their difference where they are not. A sum above 255 is still the largest of the three.
Vector predict_paeth(Vector left, Vector above, Vector before) {
  const Tag tag;
  const Vector from_left = distance(above, before);
  const Vector from_above = distance(left, before);
  const Vector sides =
      hn::Xor(hn::VecFromMask(tag, at_most(before, left)), hn::VecFromMask(tag, at_most(before, above)));
  const Vector from_before =
      hn::IfThenElse(hn::MaskFromVec(sides), distance(from_left, from_above), hn::SaturatedAdd(from_left, from_above));
  const Vector other = hn::IfThenElse(at_most(from_above, from_before), above, before);
  return hn::IfThenElse(at_most(from_left, hn::Min(from_above, from_before)), left, other);
}

template <RowFilter kFilter>
Vector residuals(const Vectors& vectors) {
  if constexpr (kFilter == RowFilter::sub) return hn::Sub(vectors.here, vectors.left);
  if constexpr (kFilter == RowFilter::up) return hn::Sub(vectors.here, vectors.above);
  if constexpr (kFilter == RowFilter::average) return hn::Sub(vectors.here, mean(vectors.left, vectors.above));
  if constexpr (kFilter == RowFilter::paeth)
    return hn::Sub(vectors.here, predict_paeth(vectors.left, vectors.above, vectors.before));
  return vectors.here;
}

template <RowFilter kFilter>
void filter(const FilteredRows& rows, std::uint8_t* out) {
  const Tag tag;
  const std::size_t lanes = hn::Lanes(tag);
  std::size_t at = std::min(rows.step, rows.bytes);
  filter_bytes<kFilter>(rows, 0, at, out);
  for (; at + lanes <= rows.bytes; at += lanes) hn::StoreU(residuals<kFilter>(vectors_at(rows, at)), tag, out + at);
  filter_bytes<kFilter>(rows, at, rows.bytes, out);
}

// Adds up sizes in lanes of 64 bits.
class CostSum {
 public:
  CostSum() : sum_(hn::Zero(Sums())) {}
  void add(Vector residuals) {
    const Vector sizes = hn::Min(residuals, hn::Sub(hn::Zero(Tag()), residuals));
    sum_ = hn::Add(sum_, hn::SumsOf8(sizes));
  }
  std::uint64_t total() const {
    const Sums sums;
    HWY_ALIGN std::uint64_t each[HWY_MAX_BYTES / 8];
    hn::Store(sum_, sums, each);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < hn::Lanes(sums); ++i) sum += each[i];
    return sum;
  }

 private:
  hn::Vec<Sums> sum_;
};

void costs(const FilteredRows& rows, std::uint64_t* sums) {
  const std::size_t lanes = hn::Lanes(Tag());
  std::size_t at = std::min(rows.step, rows.bytes);
  std::fill_n(sums, kRowFilters, 0);
  add_costs(rows, 0, at, sums);
  CostSum none, sub, up, average, paeth;
  for (; at + lanes <= rows.bytes; at += lanes) {
    const Vectors vectors = vectors_at(rows, at);
    none.add(residuals<RowFilter::none>(vectors));
    sub.add(residuals<RowFilter::sub>(vectors));
    up.add(residuals<RowFilter::up>(vectors));
    average.add(residuals<RowFilter::average>(vectors));
    paeth.add(residuals<RowFilter::paeth>(vectors));
  }
  add_costs(rows, at, rows.bytes, sums);
  sums[0] += none.total();
  sums[1] += sub.total();
  sums[2] += up.total();
  sums[3] += average.total();
  sums[4] += paeth.total();
}

const RowFilterKernels& row_filter_table() {
  static constexpr RowFilterKernels table = {{filter<RowFilter::none>, filter<RowFilter::sub>, filter<RowFilter::up>,
                                              filter<RowFilter::average>, filter<RowFilter::paeth>},
                                             costs};
  return table;
}

#else

const RowFilterKernels& row_filter_table() {
  return kScalarRowFilterKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

template <RowFilter kFilter>
void scalar_filter(const FilteredRows& rows, std::uint8_t* out) {
  filter_bytes<kFilter>(rows, 0, rows.bytes, out);
}

void scalar_costs(const FilteredRows& rows, std::uint64_t* sums) {
  std::fill_n(sums, kRowFilters, 0);
  add_costs(rows, 0, rows.bytes, sums);
}

}  // namespace

const RowFilterKernels kScalarRowFilterKernels = {
    {scalar_filter<RowFilter::none>, scalar_filter<RowFilter::sub>, scalar_filter<RowFilter::up>,
     scalar_filter<RowFilter::average>, scalar_filter<RowFilter::paeth>},
    scalar_costs};

HWY_EXPORT(row_filter_table);

const RowFilterKernels& row_filter_kernels() {
  return simd_is_off() ? kScalarRowFilterKernels : HWY_DYNAMIC_DISPATCH(row_filter_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
