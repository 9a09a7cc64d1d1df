#include "codecs/run_blocks.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "codecs/bit_writer.h"
#include "codecs/deflate_codes.h"

namespace pixmill::codecs {
namespace {

// Found on the pictures that bench/codecs_bench.cc names: blocks of half and of twice as many literals and runs of 5 to
// 12 bytes make files that differ by less than 1 %.
constexpr std::size_t kBlockLiterals = std::size_t{1} << 16;
constexpr std::size_t kBlockRuns = std::size_t{1} << 13;
constexpr std::size_t kShortestRun = 8;

constexpr int kLongestCode = 14;  // four of them between two flushes
constexpr int kLongestLengthCode = 7;
constexpr std::size_t kDistances = 2;  // one byte back; the other is never used and makes their code complete
constexpr std::size_t kMostStored = 65535;

// Literals, then so many more bytes that equal the last one of them.
struct Piece {
  std::size_t literals;
  std::size_t run;
};

struct Block {
  std::span<const std::uint8_t> data;
  std::vector<Piece> pieces;
};

template <typename Word>
Word load(const std::uint8_t* bytes) {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// Bytes of [begin, end) equal the one before them; an empty run at the end where there is none.
struct Run {
  const std::uint8_t* begin;
  const std::uint8_t* end;
};

// The first run of at least kShortestRun bytes from `from` on, which is not the first byte of all. Looks at four bytes
// at a time: a run of less than seven may be passed over.
Run find_run(const std::uint8_t* from, const std::uint8_t* end) {
  for (const std::uint8_t* at = from; end - at >= 8;) {
    const auto changes = load<std::uint64_t>(at) ^ load<std::uint64_t>(at - 1);
    if (static_cast<std::uint32_t>(changes) != 0 && changes >> 32 != 0) {
      at += 8;
      continue;
    }
    const std::uint8_t* begin = load<std::uint32_t>(at) == load<std::uint32_t>(at - 1) ? at : at + 4;
    const std::uint8_t* stop = begin + 4;
    while (begin > from && begin[-1] == begin[-2]) --begin;
    while (end - stop >= 8 && load<std::uint64_t>(stop) == load<std::uint64_t>(stop - 1)) stop += 8;
    while (stop < end && *stop == stop[-1]) ++stop;
    if (static_cast<std::size_t>(stop - begin) >= kShortestRun) return {begin, stop};
    at = stop;
  }
  return {end, end};
}

// The next block of the data.
void cut(std::span<const std::uint8_t> data, Block& block) {
  const std::uint8_t* end = data.data() + data.size();
  const std::uint8_t* at = data.data();
  block.pieces.clear();
  for (std::size_t literals = 0; at < end && literals < kBlockLiterals && block.pieces.size() < kBlockRuns;) {
    const std::uint8_t* limit =
        end - at > static_cast<std::ptrdiff_t>(kBlockLiterals - literals) ? at + (kBlockLiterals - literals) : end;
    const Run run = find_run(at + 1, limit);  // a piece has one literal at least
    const std::uint8_t* run_end = run.end;
    if (run.begin < run.end) {  // it may go on beyond the limit
      while (run_end < end && *run_end == run_end[-1]) ++run_end;
    }
    block.pieces.push_back({static_cast<std::size_t>(run.begin - at), static_cast<std::size_t>(run_end - run.begin)});
    literals += block.pieces.back().literals;
    at = run_end;
  }
  block.data = data.first(static_cast<std::size_t>(at - data.data()));
}

// The parts of a run that one symbol can say: 3 to 258 bytes each.
template <typename Use>
void each_part(std::size_t run, const Use& use) {
  while (run > 0) {
    std::size_t part = std::min<std::size_t>(run, kMostAtOnce);
    if (run - part > 0 && run - part < kLeastAtOnce) part -= kLeastAtOnce;
    use(static_cast<std::uint32_t>(part));
    run -= part;
  }
}

using Counts = std::array<std::uint32_t, kLiteralSymbols>;
using Lengths = std::array<std::uint8_t, kLiteralSymbols>;

Counts count_symbols(const Block& block) {
  std::array<std::array<std::uint32_t, 256>, 4> literals{};  // several, as a counter is slow to be used twice in a row
  Counts counts{};
  const std::uint8_t* at = block.data.data();
  for (const Piece& piece : block.pieces) {
    const std::uint8_t* end = at + piece.literals;
    for (; end - at >= 4; at += 4) {
      for (std::size_t i = 0; i < 4; ++i) ++literals[i][at[i]];
    }
    for (; at < end; ++at) ++literals[0][*at];
    each_part(piece.run, [&](std::uint32_t part) { ++counts[length_of(part).symbol]; });
    at += piece.run;
  }
  for (std::size_t i = 0; i < 256; ++i) counts[i] = literals[0][i] + literals[1][i] + literals[2][i] + literals[3][i];
  counts[kEndOfBlock] = 1;
  return counts;
}

// How a block's head says lengths: a length, or one of the three repetitions of RFC 1951, 3.2.7.
struct LengthSymbol {
  std::uint8_t symbol;
  std::uint8_t extra;
  std::uint8_t bits;
};

std::vector<LengthSymbol> in_symbols(std::span<const std::uint8_t> lengths) {
  std::vector<LengthSymbol> symbols;
  for (std::size_t i = 0; i < lengths.size();) {
    const std::uint8_t length = lengths[i];
    std::size_t same = 1;
    while (i + same < lengths.size() && lengths[i + same] == length) ++same;
    i += same;
    if (length > 0) {
      symbols.push_back({length, 0, 0});
      --same;
    }
    while (same >= 3) {
      const std::size_t most = length > 0 ? 6 : same > 10 ? 138 : 10;
      const std::size_t part = std::min(same, most);
      if (length > 0) {
        symbols.push_back({16, static_cast<std::uint8_t>(part - 3), 2});
      } else if (part > 10) {
        symbols.push_back({18, static_cast<std::uint8_t>(part - 11), 7});
      } else {
        symbols.push_back({17, static_cast<std::uint8_t>(part - 3), 3});
      }
      same -= part;
    }
    for (; same > 0; --same) symbols.push_back({length, 0, 0});
  }
  return symbols;
}

// All that stands before a block's symbols.
class Head {
 public:
  explicit Head(const Lengths& lengths) {
    literals_ = kLiteralSymbols;
    while (literals_ > kFirstLength && lengths[literals_ - 1] == 0) --literals_;
    std::vector<std::uint8_t> all(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(literals_));
    all.insert(all.end(), kDistances, 1);
    symbols_ = in_symbols(all);
    std::array<std::uint32_t, kLengthOrder.size()> counts{};
    for (const LengthSymbol& symbol : symbols_) ++counts[symbol.symbol];
    find_code_lengths(counts, kLongestLengthCode, lengths_);
    while (lengths_[kLengthOrder[order_ - 1]] == 0) --order_;
  }

  std::size_t bits() const {
    std::size_t bits = 3 + 5 + 5 + 4 + 3 * order_;
    for (const LengthSymbol& symbol : symbols_) bits += lengths_[symbol.symbol] + std::size_t{symbol.bits};
    return bits;
  }

  void write(BitWriter& to) const {
    to.put(2 << 1, 3);  // not the last block, with codes of its own
    to.put(static_cast<std::uint32_t>(literals_ - kFirstLength), 5);
    to.put(kDistances - 1, 5);
    to.put(static_cast<std::uint32_t>(order_ - 4), 4);
    for (std::size_t i = 0; i < order_; ++i) to.put(lengths_[kLengthOrder[i]], 3);
    const auto codes = codes_of(lengths_);
    for (const LengthSymbol& symbol : symbols_) {
      to.put(codes[symbol.symbol]);
      to.put(symbol.extra, symbol.bits);
    }
  }

 private:
  std::size_t literals_ = 0;  // symbols whose lengths are said
  std::vector<LengthSymbol> symbols_;
  std::array<std::uint8_t, kLengthOrder.size()> lengths_{};  // of their code
  std::size_t order_ = kLengthOrder.size();                  // of them, those that are said
};

std::size_t coded_bits(const Counts& counts, const Lengths& lengths) {
  std::size_t bits = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) bits += std::size_t{counts[i]} * lengths[i];
  for (std::size_t i = kFirstLength; i < counts.size(); ++i) {
    const std::size_t group = (i - kFirstLength) / 4;
    const std::size_t extra = group > 1 && i != kLongestLength ? group - 1 : 0;
    bits += counts[i] * (extra + 1);  // and a distance
  }
  return bits;
}

void write_symbols(const Block& block, const Lengths& lengths, BitWriter& to) {
  const auto codes = codes_of(lengths);
  const std::uint8_t* at = block.data.data();
  for (const Piece& piece : block.pieces) {
    const std::uint8_t* end = at + piece.literals;
    for (; end - at >= 4; at += 4) {
      for (int i = 0; i < 4; ++i) to.add(codes[at[i]]);
      to.flush();
    }
    for (; at < end; ++at) to.put(codes[*at]);
    each_part(piece.run, [&](std::uint32_t part) {
      const Length length = length_of(part);
      to.add(codes[length.symbol]);
      to.add(length.extra, length.bits);
      to.add(0, 1);
      to.flush();
    });
    at += piece.run;
  }
  to.put(codes[kEndOfBlock]);
}

// As they are. With no bytes it only ends the bits before it with a whole byte.
void write_stored(std::span<const std::uint8_t> data, BitWriter& to) {
  to.put(0, 3);
  to.align();
  const auto size = static_cast<std::uint32_t>(data.size());
  to.put(size, 16);
  to.put(~size & 0xffffU, 16);
  to.append(reinterpret_cast<const std::byte*>(data.data()), data.size());
}

}  // namespace

void append_run_blocks(std::span<const std::uint8_t> data, std::vector<std::byte>& to) {
  BitWriter writer(to);
  Block block;
  for (std::size_t at = 0; at < data.size(); at += block.data.size()) {
    cut(data.subspan(at), block);
    const Counts counts = count_symbols(block);
    Lengths lengths{};
    find_code_lengths(counts, kLongestCode, lengths);
    const Head head(lengths);
    const std::size_t bytes = (head.bits() + coded_bits(counts, lengths)) / 8 + 1;
    if (bytes < block.data.size()) {
      writer.room(bytes);
      head.write(writer);
      write_symbols(block, lengths, writer);
    } else {
      for (std::size_t from = 0; from < block.data.size(); from += kMostStored) {
        const auto part = block.data.subspan(from, std::min(kMostStored, block.data.size() - from));
        writer.room(part.size() + 8);
        write_stored(part, writer);
      }
    }
  }
  writer.room(8);
  write_stored({}, writer);
}

}  // namespace pixmill::codecs
