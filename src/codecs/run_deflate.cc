#include "codecs/run_deflate.h"

#include <algorithm>
#include <array>

#include "codecs/deflate_codes.h"

namespace pixmill::codecs {
namespace {

constexpr std::uint32_t kAdler = 65521;

// Code lengths of a complete code: 1/2 + 2/8 + 3/64 + 26/128 = 1. The rests of runs are as likely long as short, and
// the later symbols of lengths stand for more of them.
constexpr std::array<std::uint8_t, kLiteralSymbols> lengths() {
  std::array<std::uint8_t, kLiteralSymbols> all{};
  all[0] = all[255] = 3;
  for (std::size_t symbol = kEndOfBlock; symbol < kLongestLength; ++symbol) all[symbol] = symbol < 282 ? 7 : 6;
  all[kLongestLength] = 1;
  return all;
}

constexpr std::array<Code, kLiteralSymbols> kCodes = codes_of(lengths());

// Of the lengths themselves, which are 1, 3, 6, 7, and 18 for many zeros.
constexpr std::array<std::uint8_t, 19> length_lengths() {
  std::array<std::uint8_t, 19> all{};
  all[3] = all[6] = all[7] = 2;
  all[1] = all[18] = 3;
  return all;
}
constexpr std::array<Code, 19> kLengthCodes = codes_of(length_lengths());

}  // namespace

RunDeflate::RunDeflate() {
  bytes_ = {std::byte{0x78}, std::byte{0x01}};
  constexpr std::uint32_t kOrderUsed = 18;
  const auto put_length = [this](std::size_t length) { put(kLengthCodes[length].bits, kLengthCodes[length].length); };
  put(1, 1);  // the last block
  put(2, 2);  // with codes of its own
  put(kLiteralSymbols - 257, 5);
  put(2 - 1, 5);  // distances: 1, and 2, which is never used and makes their code complete
  put(kOrderUsed - 4, 4);
  for (std::size_t i = 0; i < kOrderUsed; ++i) put(length_lengths()[kLengthOrder[i]], 3);
  constexpr std::array<std::uint8_t, kLiteralSymbols> kLengths = lengths();
  put_length(kLengths[0]);
  for (const std::uint32_t zeros : {138U, 116U}) {
    put_length(18);
    put(zeros - 11, 7);
  }
  for (std::size_t symbol = 255; symbol < kLiteralSymbols; ++symbol) put_length(kLengths[symbol]);
  put_length(1);
  put_length(1);
}

void RunDeflate::add(std::uint8_t value, std::uint64_t count) {
  if (value != value_) {
    write_run();
    value_ = value;
  }
  count_ += count;
  sum(value, count);
}

std::vector<std::byte> RunDeflate::finish() {
  write_run();
  put_symbol(kEndOfBlock);
  put(0, (8 - held_ % 8) % 8);
  for (; held_ > 0; held_ -= 8, bits_ >>= 8) bytes_.push_back(static_cast<std::byte>(bits_));
  for (const std::uint64_t number : {high_ >> 8, high_, low_ >> 8, low_})
    bytes_.push_back(static_cast<std::byte>(number));
  return std::move(bytes_);
}

void RunDeflate::write_run() {
  if (count_ == 0) return;
  const std::size_t literal = value_;
  put_symbol(literal);
  std::uint64_t rest = count_ - 1;
  for (; rest >= kMostAtOnce; rest -= kMostAtOnce) put_match(kMostAtOnce);
  if (rest >= kLeastAtOnce) {
    put_match(static_cast<std::uint32_t>(rest));
    rest = 0;
  }
  for (; rest > 0; --rest) put_symbol(literal);
  count_ = 0;
}

void RunDeflate::put(std::uint32_t bits, int count) {
  bits_ |= std::uint64_t{bits} << held_;
  held_ += count;
  for (; held_ >= 32; held_ -= 32, bits_ >>= 32) {
    for (int i = 0; i < 4; ++i) bytes_.push_back(static_cast<std::byte>(bits_ >> (8 * i)));
  }
}

void RunDeflate::put_symbol(std::size_t symbol) {
  put(kCodes[symbol].bits, kCodes[symbol].length);
}

// So many bytes again from one byte back.
void RunDeflate::put_match(std::uint32_t length) {
  const Length coded = length_of(length);
  put_symbol(coded.symbol);
  put(coded.extra, coded.bits);
  put(0, 1);
}

// The sums of Adler-32 over equal bytes.
void RunDeflate::sum(std::uint8_t value, std::uint64_t count) {
  for (constexpr std::uint64_t kMost = std::uint64_t{1} << 24; count > 0;) {
    const std::uint64_t part = std::min(count, kMost);
    high_ = (high_ + part * low_ + value * (part * (part + 1) / 2 % kAdler)) % kAdler;
    low_ = (low_ + part * value) % kAdler;
    count -= part;
  }
}

}  // namespace pixmill::codecs
