#include "core/bit_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/bit_kernels.cc"
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

using Words = hn::ScalableTag<std::uint64_t>;

// In all loops a vector is read before any word of it is written, and the partners of later words are not yet written.

void or_from_behind(std::uint64_t* words, std::size_t count, std::size_t offset) {
  const Words d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + offset + lanes <= count; i += lanes)
    hn::StoreU(hn::Or(hn::LoadU(d, words + i), hn::LoadU(d, words + i + offset)), d, words + i);
  for (; i + offset < count; ++i) words[i] |= words[i + offset];
}

void or_from_before(std::uint64_t* words, std::size_t count, std::size_t offset) {
  const Words d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t end = count;
  for (; end >= offset + lanes; end -= lanes) {
    std::uint64_t* to = words + end - lanes;
    hn::StoreU(hn::Or(hn::LoadU(d, to), hn::LoadU(d, to - offset)), d, to);
  }
  for (; end > offset; --end) words[end - 1] |= words[end - 1 - offset];
}

void or_from_right(std::uint64_t* row, std::size_t count, std::size_t shift) {
  const Words d;
  const std::size_t lanes = hn::Lanes(d), whole = shift / 64;
  const int bits = static_cast<int>(shift % 64);
  std::size_t i = 0;
  for (; bits != 0 && i + lanes <= count; i += lanes) {
    const auto near = hn::ShiftRightSame(hn::LoadU(d, row + i + whole), bits);
    const auto far = hn::ShiftLeftSame(hn::LoadU(d, row + i + whole + 1), 64 - bits);
    hn::StoreU(hn::Or(hn::LoadU(d, row + i), hn::Or(near, far)), d, row + i);
  }
  kScalarBitKernels.or_from_right(row + i, count - i, shift);
}

void or_from_left(std::uint64_t* row, std::size_t count, std::size_t shift) {
  const Words d;
  const std::size_t lanes = hn::Lanes(d), whole = shift / 64;
  const int bits = static_cast<int>(shift % 64);
  std::size_t end = count;
  for (; bits != 0 && end >= lanes; end -= lanes) {
    std::uint64_t* to = row + end - lanes;
    const auto near = hn::ShiftLeftSame(hn::LoadU(d, to - whole), bits);
    const auto far = hn::ShiftRightSame(hn::LoadU(d, to - whole - 1), 64 - bits);
    hn::StoreU(hn::Or(hn::LoadU(d, to), hn::Or(near, far)), d, to);
  }
  kScalarBitKernels.or_from_left(row, end, shift);
}

void to_bytes(const std::uint64_t* bits, std::size_t count, std::uint8_t* bytes) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto* packed = reinterpret_cast<const std::uint8_t*>(bits);
  const auto ones = hn::Set(d, 255);
  std::size_t i = 0;
  std::uint8_t piece[HWY_MAX_BYTES / 8 < 8 ? 8 : HWY_MAX_BYTES / 8] = {};  // LoadMaskBits reads 8 bytes at least
  for (; i + lanes <= count; i += lanes) {
    __builtin_memcpy(piece, packed + i / 8, lanes / 8);
    hn::StoreU(hn::IfThenElseZero(hn::LoadMaskBits(d, piece), ones), d, bytes + i);
  }
  for (; i < count; ++i) bytes[i] = (bits[i / 64] >> (i % 64) & 1U) != 0 ? 255 : 0;
}

const BitKernels& bit_table() {
  static constexpr BitKernels table = {or_from_behind, or_from_before, or_from_right, or_from_left, to_bytes};
  return table;
}

#else

const BitKernels& bit_table() {
  return kScalarBitKernels;
}

#endif  // PIXMILL_HAVE_VECTORS

}  // namespace HWY_NAMESPACE
}  // namespace pixmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pixmill {
namespace {

void scalar_or_from_behind(std::uint64_t* words, std::size_t count, std::size_t offset) {
  for (std::size_t i = 0; i + offset < count; ++i) words[i] |= words[i + offset];
}

void scalar_or_from_before(std::uint64_t* words, std::size_t count, std::size_t offset) {
  for (std::size_t i = count; i > offset; --i) words[i - 1] |= words[i - 1 - offset];
}

void scalar_or_from_right(std::uint64_t* row, std::size_t count, std::size_t shift) {
  const std::size_t whole = shift / 64, bits = shift % 64;
  for (std::size_t i = 0; i < count; ++i) {
    row[i] |= row[i + whole] >> bits;
    if (bits != 0) row[i] |= row[i + whole + 1] << (64 - bits);
  }
}

void scalar_or_from_left(std::uint64_t* row, std::size_t count, std::size_t shift) {
  const auto whole = static_cast<std::ptrdiff_t>(shift / 64);
  const std::size_t bits = shift % 64;
  for (auto i = static_cast<std::ptrdiff_t>(count) - 1; i >= 0; --i) {
    std::uint64_t added = row[i - whole] << bits;
    if (bits != 0) added |= row[i - whole - 1] >> (64 - bits);
    row[i] |= added;
  }
}

void scalar_to_bytes(const std::uint64_t* bits, std::size_t count, std::uint8_t* bytes) {
  for (std::size_t i = 0; i < count; ++i) bytes[i] = (bits[i / 64] >> (i % 64) & 1U) != 0 ? 255 : 0;
}

}  // namespace

const BitKernels kScalarBitKernels = {scalar_or_from_behind, scalar_or_from_before, scalar_or_from_right,
                                      scalar_or_from_left, scalar_to_bytes};

HWY_EXPORT(bit_table);

const BitKernels& bit_kernels() {
  return simd_is_off() ? kScalarBitKernels : HWY_DYNAMIC_DISPATCH(bit_table)();
}

}  // namespace pixmill
#endif  // HWY_ONCE
