#include "core/hamming_kernels.h"

#include <bit>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/hamming_kernels.cc"
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

std::size_t within(const std::uint64_t* hashes, std::size_t count, std::uint64_t query, int radius,
                   std::uint32_t* found) {
  const hn::ScalableTag<std::uint64_t> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto wanted = hn::Set(d, query), most = hn::Set(d, static_cast<std::uint64_t>(radius));
  std::size_t kept = 0, i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto apart = hn::PopulationCount(hn::Xor(hn::LoadU(d, hashes + i), wanted));
    const auto far = hn::Gt(apart, most);
    if (HWY_LIKELY(hn::AllTrue(d, far))) continue;
    std::uint8_t bits[8] = {};
    hn::StoreMaskBits(d, hn::Not(far), bits);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      if ((bits[lane / 8] >> (lane % 8) & 1U) != 0) found[kept++] = static_cast<std::uint32_t>(i + lane);
    }
  }
  const std::size_t rest = kScalarHammingKernels.within(hashes + i, count - i, query, radius, found + kept);
  for (std::size_t k = kept; k < kept + rest; ++k) found[k] += static_cast<std::uint32_t>(i);
  return kept + rest;
}

const HammingKernels& hamming_table() {
  static constexpr HammingKernels table = {within};
  return table;
}

#else

const HammingKernels& hamming_table() {
  return kScalarHammingKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

std::size_t scalar_within(const std::uint64_t* hashes, std::size_t count, std::uint64_t query, int radius,
                          std::uint32_t* found) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (std::popcount(hashes[i] ^ query) <= radius) found[kept++] = static_cast<std::uint32_t>(i);
  }
  return kept;
}

}  // namespace

const HammingKernels kScalarHammingKernels = {scalar_within};

HWY_EXPORT(hamming_table);

const HammingKernels& hamming_kernels() {
  return simd_is_off() ? kScalarHammingKernels : HWY_DYNAMIC_DISPATCH(hamming_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
