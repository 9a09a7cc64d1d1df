#include "codecs/deflate_end.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "codecs/deflate_codes.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

constexpr std::size_t kDistanceSymbols = 32;
constexpr int kLongest = 15;

// Bits of a stream; behind its end there are zeros.
class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // The next bits, at least 56 of them.
  std::uint64_t peek() const {
    const std::size_t from = static_cast<std::size_t>(at_ >> 3);
    std::uint64_t word = 0;
    if (from + 8 <= bytes_.size()) {
      for (std::size_t i = 0; i < 8; ++i)
        word |= std::uint64_t{std::to_integer<std::uint8_t>(bytes_[from + i])} << 8 * i;
    } else {
      for (std::size_t i = from; i < bytes_.size(); ++i)
        word |= std::uint64_t{std::to_integer<std::uint8_t>(bytes_[i])} << 8 * (i - from);
    }
    return word >> (at_ & 7);
  }
  std::uint32_t take(int count) {
    const auto bits = static_cast<std::uint32_t>(peek() & ((1U << count) - 1));
    at_ += static_cast<std::uint64_t>(count);
    return bits;
  }
  void skip(std::uint64_t bits) { at_ += bits; }
  void align() { at_ = (at_ + 7) & ~std::uint64_t{7}; }
  std::uint64_t at() const { return at_; }
  bool beyond() const { return at_ > std::uint64_t{bytes_.size()} * 8; }

 private:
  std::span<const std::byte> bytes_;
  std::uint64_t at_ = 0;
};

// False for lengths that give two symbols one code. Codes that mean nothing are allowed: one distance alone is.
bool is_code(std::span<const std::uint8_t> lengths) {
  std::uint32_t used = 0;
  for (const std::uint8_t length : lengths) used += length > 0 ? 1U << (kLongest - length) : 0;
  return used <= 1U << kLongest;
}

// What the next bits are, by a table of all of them. 0 bits: no code.
struct Symbol {
  std::uint16_t symbol = 0;
  std::uint8_t bits = 0;
};
template <std::size_t kCount>
class SymbolTable {
 public:
  explicit SymbolTable(const std::array<std::uint8_t, kCount>& lengths) {
    longest_ = *std::max_element(lengths.begin(), lengths.end());
    symbols_.resize(std::size_t{1} << longest_);
    const auto codes = codes_of(lengths);
    for (std::size_t symbol = 0; symbol < kCount; ++symbol) {
      const Code& code = codes[symbol];
      if (code.length == 0) continue;
      for (std::size_t i = code.bits; i < symbols_.size(); i += std::size_t{1} << code.length)
        symbols_[i] = {static_cast<std::uint16_t>(symbol), code.length};
    }
  }
  Symbol find(std::uint64_t bits) const { return symbols_[bits & (symbols_.size() - 1)]; }
  int longest() const { return longest_; }

 private:
  std::vector<Symbol> symbols_;
  int longest_ = 0;
};

constexpr int length_bits(std::size_t symbol) {
  if (symbol < 265 || symbol == kLongestLength) return 0;
  return static_cast<int>((symbol - kFirstLength) / 4) - 1;
}
constexpr int distance_bits(std::size_t symbol) {
  return symbol < 4 ? 0 : static_cast<int>(symbol / 2) - 1;
}

// The lengths of symbols of literals (288 of them) and distances of one block.
struct BlockCodes {
  std::array<std::uint8_t, 288> literals{};
  std::array<std::uint8_t, kDistanceSymbols> distances{};
};

BlockCodes fixed_codes() {
  BlockCodes codes;
  for (std::size_t i = 0; i < codes.literals.size(); ++i)
    codes.literals[i] = static_cast<std::uint8_t>(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
  codes.distances.fill(5);
  return codes;
}

// RFC 1951, 3.2.7.
std::optional<BlockCodes> read_codes(BitReader& from) {
  const std::size_t literals = kFirstLength + from.take(5);
  const std::size_t distances = 1 + from.take(5);
  const std::size_t in_order = 4 + from.take(4);
  std::array<std::uint8_t, kLengthOrder.size()> of_lengths{};
  for (std::size_t i = 0; i < in_order; ++i) of_lengths[kLengthOrder[i]] = static_cast<std::uint8_t>(from.take(3));
  if (literals > kLiteralSymbols || !is_code(of_lengths)) return std::nullopt;
  const SymbolTable table(of_lengths);
  std::vector<std::uint8_t> lengths;
  while (lengths.size() < literals + distances) {
    const Symbol symbol = table.find(from.peek());
    if (symbol.bits == 0 || from.beyond()) return std::nullopt;
    from.skip(symbol.bits);
    if (symbol.symbol < 16) {
      lengths.push_back(static_cast<std::uint8_t>(symbol.symbol));
      continue;
    }
    if (symbol.symbol == 16 && lengths.empty()) return std::nullopt;
    const std::uint8_t length = symbol.symbol == 16 ? lengths.back() : std::uint8_t{0};
    const std::uint32_t times = symbol.symbol == 16   ? 3 + from.take(2)
                                : symbol.symbol == 17 ? 3 + from.take(3)
                                                      : 11 + from.take(7);
    lengths.insert(lengths.end(), times, length);
  }
  if (lengths.size() > literals + distances) return std::nullopt;
  BlockCodes codes;
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(literals);
  std::copy(lengths.begin(), middle, codes.literals.begin());
  std::copy(middle, lengths.end(), codes.distances.begin());
  if (!is_code(codes.literals) || !is_code(codes.distances)) return std::nullopt;
  return codes;
}

// What the next bits say, as far as one look-up goes: several literals, or a length with its additional bits, or the
// end.
struct Step {
  enum class Kind : std::uint8_t { none, literals, length, end };
  std::uint8_t bits = 0;
  Kind kind = Kind::none;
};

// Most of a stream is literals, and of them only the bits count here: as many as fit are skipped at once.
std::vector<Step> steps_of(const SymbolTable<288>& table) {
  std::vector<Step> steps(std::size_t{1} << table.longest());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Symbol first = table.find(i);
    if (first.bits == 0 || first.symbol > kLongestLength) continue;
    if (first.symbol >= kEndOfBlock) {
      const int extra = first.symbol == kEndOfBlock ? 0 : length_bits(first.symbol);
      steps[i] = {static_cast<std::uint8_t>(first.bits + extra),
                  first.symbol == kEndOfBlock ? Step::Kind::end : Step::Kind::length};
      continue;
    }
    int bits = first.bits;
    for (;;) {
      const Symbol next = table.find(i >> bits);
      if (next.bits == 0 || next.symbol >= kEndOfBlock || bits + next.bits > table.longest()) break;
      bits += next.bits;
    }
    steps[i] = {static_cast<std::uint8_t>(bits), Step::Kind::literals};
  }
  return steps;
}

bool skip_symbols(BitReader& from, const BlockCodes& codes) {
  const std::vector<Step> steps = steps_of(SymbolTable(codes.literals));
  const SymbolTable distances(codes.distances);
  while (!from.beyond()) {
    const Step step = steps[from.peek() & (steps.size() - 1)];
    from.skip(step.bits);
    if (step.kind == Step::Kind::none) return false;
    if (step.kind == Step::Kind::end) return true;
    if (step.kind == Step::Kind::literals) continue;
    const Symbol distance = distances.find(from.peek());
    if (distance.bits == 0 || distance.symbol >= 30) return false;
    const int bits = distance.bits + distance_bits(distance.symbol);
    from.skip(static_cast<std::uint64_t>(bits));
  }
  return false;
}

bool skip_stored(BitReader& from) {
  from.align();
  const std::uint32_t bytes = from.take(16);
  if ((from.take(16) ^ bytes) != 0xffff) return false;
  from.skip(std::uint64_t{bytes} * 8);
  return true;
}

bool skip_block(BitReader& from) {
  const std::uint32_t type = from.take(2);
  if (type == 0) return skip_stored(from);
  if (type == 3) return false;
  const std::optional<BlockCodes> codes = type == 1 ? fixed_codes() : read_codes(from);
  return codes && skip_symbols(from, *codes);
}

}  // namespace

std::optional<DeflateEnd> find_deflate_end(std::span<const std::byte> stream) {
  BitReader from(stream);
  for (;;) {
    const std::uint64_t block = from.at();
    const bool last = from.take(1) != 0;
    if (!skip_block(from) || from.beyond()) return std::nullopt;
    if (last) return DeflateEnd{block, from.at()};
  }
}

void open_deflate_end(std::vector<std::byte>& bytes, std::size_t from) {
  const auto found = find_deflate_end(std::span(bytes).subspan(from));
  if (!found) throw Error(ErrorCode::internal, "what libdeflate wrote cannot be read", "please report this");
  bytes[from + static_cast<std::size_t>(found->last_block >> 3)] &=
      ~(std::byte{1} << static_cast<int>(found->last_block & 7));
  // An empty block of stored bytes: three bits of 0, zeros to a whole byte, its length and that inverted.
  bytes.resize(from + static_cast<std::size_t>((found->end + 3 + 7) >> 3));
  for (const unsigned byte : {0x00U, 0x00U, 0xffU, 0xffU}) bytes.push_back(static_cast<std::byte>(byte));
}

}  // namespace pixmill::codecs
