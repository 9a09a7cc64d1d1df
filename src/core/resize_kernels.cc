#include "core/resize_kernels.h"

#include <algorithm>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/resize_kernels.cc"
#include "core/simd_targets.h"
// After the list of targets:
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/simd.h"

HWY_BEFORE_NAMESPACE();
namespace pixmill {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if PIXMILL_HAVE_VECTORS

// Sums of products of 16-bit pairs, one 32-bit lane a pair.
template <class D32>
struct PairSums {
  hn::Vec<D32> sum0;
  hn::Vec<D32> sum1;  // used where the machine adds pairs in a second step

  HWY_INLINE PairSums() : sum0(hn::Zero(D32())), sum1(hn::Zero(D32())) {}
  template <class V16>
  HWY_INLINE void add(V16 values, V16 weights) {
    sum0 = hn::ReorderWidenMulAccumulate(D32(), values, weights, sum0, sum1);
  }
  HWY_INLINE hn::Vec<D32> total() const { return hn::RearrangeToOddPlusEven(sum0, sum1); }
};

// One vector of u8 outputs. Two rows at a time are interleaved to 16-bit pairs and multiplied by the upper and the
// lower half of their weights: exact, and twice as fast as 32-bit products.
template <class D8>
HWY_INLINE void weigh_vector(D8 d8, const std::int32_t* high, const std::int32_t* low, int count,
                             Grid<const std::uint8_t> from, std::uint8_t* to) {
  const hn::Repartition<std::int16_t, D8> d16;
  const hn::Repartition<std::int32_t, D8> d32;
  using Sums = PairSums<decltype(d32)>;
  const auto zero = hn::Zero(d8);

  Sums high0, high1, high2, high3, low0, low1, low2, low3;
  for (int k = 0; k < count; k += 2) {
    const auto even = hn::LoadU(d8, from.row(k));
    const auto odd = hn::LoadU(d8, from.row(k + 1 < count ? k + 1 : k));  // the missing one weighs nothing
    const auto lower = hn::InterleaveLower(d8, even, odd);
    const auto upper = hn::InterleaveUpper(d8, even, odd);
    const auto pairs0 = hn::BitCast(d16, hn::InterleaveLower(d8, lower, zero));
    const auto pairs1 = hn::BitCast(d16, hn::InterleaveUpper(d8, lower, zero));
    const auto pairs2 = hn::BitCast(d16, hn::InterleaveLower(d8, upper, zero));
    const auto pairs3 = hn::BitCast(d16, hn::InterleaveUpper(d8, upper, zero));
    const auto weights_high = hn::BitCast(d16, hn::Set(d32, high[k / 2]));
    const auto weights_low = hn::BitCast(d16, hn::Set(d32, low[k / 2]));
    high0.add(pairs0, weights_high);
    high1.add(pairs1, weights_high);
    high2.add(pairs2, weights_high);
    high3.add(pairs3, weights_high);
    low0.add(pairs0, weights_low);
    low1.add(pairs1, weights_low);
    low2.add(pairs2, weights_low);
    low3.add(pairs3, weights_low);
  }

  const auto round = hn::Set(d32, 1 << (FixedTaps::kBits - 1));
  const auto whole = [&](const Sums& h, const Sums& l) HWY_ATTR {
    const auto sum = hn::Add(hn::Add(hn::ShiftLeft<FixedTaps::kLowBits>(h.total()), l.total()), round);
    const auto value = hn::ShiftRight<FixedTaps::kBits>(sum);
    return hn::Min(hn::Max(value, hn::Zero(d32)), hn::Set(d32, 255));
  };
  // Within each block of 16 bytes: back from four quarters to the order of the row.
  const auto lower = hn::ReorderDemote2To(d16, whole(high0, low0), whole(high1, low1));
  const auto upper = hn::ReorderDemote2To(d16, whole(high2, low2), whole(high3, low3));
  const auto mixed = hn::BitCast(d8, hn::Or(lower, hn::ShiftLeft<8>(upper)));
  HWY_ALIGN static constexpr std::uint8_t kOrder[16] = {0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15};
  hn::StoreU(hn::TableLookupBytes(mixed, hn::LoadDup128(d8, kOrder)), d8, to);
}

void weigh_u8(const FixedTaps& taps, Grid<const std::uint8_t> from, Grid<std::uint8_t> to, std::size_t samples) {
  const hn::ScalableTag<std::uint8_t> wide;
  const hn::FixedTag<std::uint8_t, 16> narrow;
  const std::size_t wide_lanes = hn::Lanes(wide);
  if (samples < 16) {
    HWY_ALIGN std::uint8_t padded[16];
    std::vector<std::uint8_t> rows(static_cast<std::size_t>(taps.inputs) * 16);
    for (int y = 0; y < taps.inputs; ++y) std::copy_n(from.row(y), samples, &rows[static_cast<std::size_t>(y) * 16]);
    const Grid<const std::uint8_t> wider = {rows.data(), 16};
    for (int i = 0; i < taps.outputs(); ++i) {
      const std::size_t at = static_cast<std::size_t>(i) * taps.pairs;
      weigh_vector(narrow, &taps.high[at], &taps.low[at], taps.count[i], {wider.row(taps.first[i]), 16}, padded);
      std::copy_n(padded, samples, to.row(i));
    }
    return;
  }
  for (int i = 0; i < taps.outputs(); ++i) {
    const std::size_t at = static_cast<std::size_t>(i) * taps.pairs;
    const auto weigh = [&](auto d, std::size_t x) HWY_ATTR {
      weigh_vector(d, &taps.high[at], &taps.low[at], taps.count[i], {from.row(taps.first[i]) + x, from.stride},
                   to.row(i) + x);
    };
    std::size_t x = 0;
    for (; x + wide_lanes <= samples; x += wide_lanes) weigh(wide, x);
    for (; x + 16 <= samples; x += 16) weigh(narrow, x);
    if (x < samples) weigh(narrow, samples - 16);  // the last full vector, some of it for the second time
  }
}

template <int kVectors, class D>
HWY_INLINE void weigh_vectors(D d, const float* weight, int count, Grid<const float> from, float* to) {
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<D> sums[kVectors];
  const auto first = hn::Set(d, weight[0]);
  for (int v = 0; v < kVectors; ++v) sums[v] = hn::Mul(first, hn::LoadU(d, from.data + v * lanes));
  for (int k = 1; k < count; ++k) {
    const auto w = hn::Set(d, weight[k]);
    for (int v = 0; v < kVectors; ++v) sums[v] = hn::MulAdd(w, hn::LoadU(d, from.row(k) + v * lanes), sums[v]);
  }
  for (int v = 0; v < kVectors; ++v) hn::StoreU(sums[v], d, to + v * lanes);
}

void weigh_f32(const FloatTaps& taps, Grid<const float> from, Grid<float> to, std::size_t samples) {
  const hn::ScalableTag<float> wide;
  const hn::FixedTag<float, 1> single;
  const std::size_t lanes = hn::Lanes(wide);
  for (int i = 0; i < taps.outputs(); ++i) {
    const float* weight = &taps.weight[static_cast<std::size_t>(i) * taps.width];
    const Grid<const float> rows = {from.row(taps.first[i]), from.stride};
    float* out = to.row(i);
    std::size_t x = 0;
    for (; x + 4 * lanes <= samples; x += 4 * lanes) {
      weigh_vectors<4>(wide, weight, taps.count[i], {rows.data + x, rows.stride}, out + x);
    }
    for (; x + lanes <= samples; x += lanes) {
      weigh_vectors<1>(wide, weight, taps.count[i], {rows.data + x, rows.stride}, out + x);
    }
    for (; x < samples; ++x) weigh_vectors<1>(single, weight, taps.count[i], {rows.data + x, rows.stride}, out + x);
  }
}

// Squares of one 16-byte vector's edge, turned in registers by log2(edge) rounds of interleaving.
template <typename T>
HWY_INLINE void transpose(Grid<const T> from, int rows, int columns, Grid<T> to) {
  constexpr int kEdge = 16 / sizeof(T);
  constexpr int kLine = 64 / sizeof(T);
  constexpr int kAhead = 4 * kLine;  // rows lie too far apart for the machine to see that all are read on
  const hn::FixedTag<T, kEdge> d;
  using V = hn::Vec<decltype(d)>;
  const int whole_rows = rows / kEdge * kEdge;
  const int whole_columns = columns / kEdge * kEdge;
  for (int x = 0; x < whole_columns; x += kEdge) {
    if (x % kLine == 0 && x + kAhead < columns) {
      for (int y = 0; y < whole_rows; ++y) hwy::Prefetch(from.row(y) + x + kAhead);
    }
    for (int y = 0; y < whole_rows; y += kEdge) {
      V square[kEdge];
      V turned[kEdge];
      for (int i = 0; i < kEdge; ++i) square[i] = hn::LoadU(d, from.row(y + i) + x);
      for (int round = 1; round < kEdge; round *= 2) {
        for (int i = 0; i < kEdge / 2; ++i) {
          turned[2 * i] = hn::InterleaveLower(d, square[i], square[i + kEdge / 2]);
          turned[2 * i + 1] = hn::InterleaveUpper(d, square[i], square[i + kEdge / 2]);
        }
        for (int i = 0; i < kEdge; ++i) square[i] = turned[i];
      }
      for (int i = 0; i < kEdge; ++i) hn::StoreU(square[i], d, to.row(x + i) + y);
    }
  }
  for (int y = 0; y < rows; ++y) {
    for (int x = y < whole_rows ? whole_columns : 0; x < columns; ++x) to.row(x)[y] = from.row(y)[x];
  }
}

void transpose_u8(Grid<const std::uint8_t> from, int rows, int columns, Grid<std::uint8_t> to) {
  transpose(from, rows, columns, to);
}

void transpose_f32(Grid<const float> from, int rows, int columns, Grid<float> to) {
  transpose(from, rows, columns, to);
}

const ResizeKernels& kernels() {
  static const ResizeKernels table = {static_cast<int>(hn::Lanes(hn::ScalableTag<std::uint8_t>())),
                                      16,
                                      weigh_u8,
                                      weigh_f32,
                                      transpose_u8,
                                      transpose_f32};
  return table;
}

#else

const ResizeKernels& kernels() {
  return kScalarResizeKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {

HWY_EXPORT(kernels);

const ResizeKernels& resize_kernels() {
  return simd_is_off() ? kScalarResizeKernels : HWY_DYNAMIC_DISPATCH(kernels)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
