#include "core/quality_kernels.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/quality_kernels.cc"
#include "core/simd_targets.h"
// After the list of targets:
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/simd.h"

HWY_BEFORE_NAMESPACE();
namespace pixmill {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if PIXMILL_HAVE_VECTORS

using Ints = hn::ScalableTag<std::int32_t>;
using Bytes = hn::Rebind<std::uint8_t, Ints>;
using Grays = hn::Rebind<std::int16_t, Ints>;
using Words = hn::ScalableTag<std::int16_t>;

template <int kRedShare, int kGreenShare, int kBlueShare, int kFraction>
HWY_INLINE hn::Vec<Ints> gray_of(const std::uint8_t* rgb) {
  const Ints ints;
  hn::Vec<Bytes> r, g, b;
  hn::LoadInterleaved3(Bytes(), rgb, r, g, b);
  const auto red = hn::Mul(hn::PromoteTo(ints, r), hn::Set(ints, kRedShare));
  const auto green = hn::Mul(hn::PromoteTo(ints, g), hn::Set(ints, kGreenShare));
  const auto blue = hn::Mul(hn::PromoteTo(ints, b), hn::Set(ints, kBlueShare));
  const auto half = hn::Set(ints, 1 << (kFraction - 1));
  return hn::ShiftRight<kFraction>(hn::Add(hn::Add(red, green), hn::Add(blue, half)));
}

void gray(const std::uint8_t* rgb, std::size_t width, std::int16_t* out) {
  const Grays grays;
  const std::size_t lanes = hn::Lanes(grays);
  std::size_t x = 0;
  for (; x + lanes <= width; x += lanes)
    hn::StoreU(hn::DemoteTo(grays, gray_of<kRed, kGreen, kBlue, kShift>(rgb + 3 * x)), grays, out + x);
  kScalarQualityKernels.gray(rgb + 3 * x, width - x, out + x);
}

void luma(const std::uint8_t* rgb, std::size_t width, std::uint8_t* out) {
  const Bytes bytes;
  const std::size_t lanes = hn::Lanes(bytes);
  std::size_t x = 0;
  for (; x + lanes <= width; x += lanes)
    hn::StoreU(hn::DemoteTo(bytes, gray_of<kLumaRed, kLumaGreen, kLumaBlue, kLumaShift>(rgb + 3 * x)), bytes, out + x);
  kScalarQualityKernels.luma(rgb + 3 * x, width - x, out + x);
}

// The sum over a row of products of words, in 32 bits.
class ProductSum {
 public:
  ProductSum() : first_(hn::Zero(Ints())), second_(hn::Zero(Ints())) {}
  void add(hn::Vec<Words> a, hn::Vec<Words> b) {
    const Ints ints;
    first_ = hn::ReorderWidenMulAccumulate(ints, a, b, first_, second_);
  }
  std::int64_t total() const {
    const Ints ints;
    HWY_ALIGN std::int32_t each[HWY_MAX_BYTES / 4];
    hn::Store(hn::Add(first_, second_), ints, each);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < hn::Lanes(ints); ++i) sum += each[i];
    return sum;
  }

 private:
  hn::Vec<Ints> first_, second_;
};

LaplacianSums laplacian(const std::int16_t* above, const std::int16_t* here, const std::int16_t* below,
                        std::size_t width) {
  const Words words;
  const std::size_t lanes = hn::Lanes(words);
  const auto one = hn::Set(words, 1);
  ProductSum grays, values, squares;
  std::size_t x = 0;
  for (; x + lanes <= width; x += lanes) {
    const auto pixel = hn::LoadU(words, here + x);
    const auto across = hn::Add(hn::LoadU(words, here + x - 1), hn::LoadU(words, here + x + 1));
    const auto down = hn::Add(hn::LoadU(words, above + x), hn::LoadU(words, below + x));
    const auto value = hn::Sub(hn::Add(across, down), hn::ShiftLeft<2>(pixel));
    grays.add(pixel, one);
    values.add(value, one);
    squares.add(value, value);
  }
  LaplacianSums sums = kScalarQualityKernels.laplacian(above + x, here + x, below + x, width - x);
  sums.gray += grays.total();
  sums.laplacian += values.total();
  sums.squares += squares.total();
  return sums;
}

const QualityKernels& quality_table() {
  static constexpr QualityKernels table = {gray, luma, laplacian};
  return table;
}

#else

const QualityKernels& quality_table() {
  return kScalarQualityKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

void scalar_gray(const std::uint8_t* rgb, std::size_t width, std::int16_t* out) {
  for (std::size_t x = 0; x < width; ++x, rgb += 3)
    out[x] = static_cast<std::int16_t>((rgb[0] * kRed + rgb[1] * kGreen + rgb[2] * kBlue + kHalf) >> kShift);
}

void scalar_luma(const std::uint8_t* rgb, std::size_t width, std::uint8_t* out) {
  for (std::size_t x = 0; x < width; ++x, rgb += 3)
    out[x] = static_cast<std::uint8_t>(
        (rgb[0] * kLumaRed + rgb[1] * kLumaGreen + rgb[2] * kLumaBlue + (1 << (kLumaShift - 1))) >> kLumaShift);
}

LaplacianSums scalar_laplacian(const std::int16_t* above, const std::int16_t* here, const std::int16_t* below,
                               std::size_t width) {
  LaplacianSums sums;
  for (std::ptrdiff_t x = 0; x < static_cast<std::ptrdiff_t>(width); ++x) {
    const int value = above[x] + below[x] + here[x - 1] + here[x + 1] - 4 * here[x];
    sums.gray += here[x];
    sums.laplacian += value;
    sums.squares += std::int64_t{value} * value;
  }
  return sums;
}

}  // namespace

const QualityKernels kScalarQualityKernels = {scalar_gray, scalar_luma, scalar_laplacian};

HWY_EXPORT(quality_table);

const QualityKernels& quality_kernels() {
  return simd_is_off() ? kScalarQualityKernels : HWY_DYNAMIC_DISPATCH(quality_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
