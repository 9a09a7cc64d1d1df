// Deflate of filtered rows: what libdeflate reads is what was written, whatever is in it and however it is put
// together.
#include <libdeflate.h>

#include "codecs/deflate_codes.h"
#include "codecs/deflate_end.h"
#include "codecs/lz_blocks.h"
#include "codecs/run_blocks.h"
#include "codecs/test_pictures.h"

namespace pixmill::codecs::test {
namespace {

using Data = std::vector<std::uint8_t>;

class Numbers {
 public:
  explicit Numbers(std::uint32_t seed) : state_(seed) {}
  std::uint32_t below(std::uint32_t end) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 8U) % end;
  }

 private:
  std::uint32_t state_;
};

// Stretches of noise, of small values, of runs and of what was there before.
Data mixture(std::uint32_t seed, std::size_t bytes) {
  Numbers numbers(seed);
  Data data;
  while (data.size() < bytes) {
    const std::size_t count = 1 + numbers.below(numbers.below(8) == 0 ? 100'000 : 400);
    const std::uint32_t kind = numbers.below(4);
    const auto value = static_cast<std::uint8_t>(numbers.below(256));
    const std::size_t from = data.empty() ? 0 : numbers.below(static_cast<std::uint32_t>(data.size()));
    for (std::size_t i = 0; i < count; ++i) {
      if (kind == 0) data.push_back(static_cast<std::uint8_t>(numbers.below(256)));
      if (kind == 1) data.push_back(static_cast<std::uint8_t>(numbers.below(3) * numbers.below(3)));
      if (kind == 2) data.push_back(value);
      if (kind == 3) data.push_back(data.empty() ? value : data[from + i % (data.size() - from)]);
    }
  }
  data.resize(bytes);
  return data;
}

// What was compressed; empty and a failure where the stream is none. A last block of no bytes is put behind it.
Data inflated(Bytes stream, std::size_t bytes) {
  stream.push_back(std::byte{3});
  stream.push_back(std::byte{0});
  Data data(bytes + 1);
  std::size_t used = 0, made = 0;
  libdeflate_decompressor* reader = libdeflate_alloc_decompressor();
  const auto result =
      libdeflate_deflate_decompress_ex(reader, stream.data(), stream.size(), data.data(), data.size(), &used, &made);
  libdeflate_free_decompressor(reader);
  EXPECT_EQ(result, LIBDEFLATE_SUCCESS);
  EXPECT_EQ(used, stream.size());
  data.resize(result == LIBDEFLATE_SUCCESS ? made : 0);
  return data;
}

void append(int way, const Data& data, Bytes& to) {
  if (way == 0) {
    append_run_blocks(data, to);
  } else {
    append_lz_blocks(data, way, to);
  }
}

TEST(Deflate, AnyBytesComeBack) {
  for (std::uint32_t seed = 1; seed < 60; ++seed) {
    const Data data = mixture(seed, Numbers(seed).below(seed % 10 == 0 ? 700'000 : 9'000));
    for (const int way : {0, 1, 6, 10}) {
      Bytes stream;
      append(way, data, stream);
      EXPECT_LE(stream.size(), data.size() + 5 * (data.size() / 5000 + 1) + 12);
      ASSERT_EQ(inflated(stream, data.size()), data) << "seed " << seed << ", way " << way;
    }
  }
}

TEST(Deflate, ShortStretchesComeBack) {
  for (std::size_t bytes = 0; bytes < 300; ++bytes) {
    for (const int way : {0, 1, 10}) {
      for (const Data& data : {Data(bytes, 7), mixture(static_cast<std::uint32_t>(bytes), bytes)}) {
        Bytes stream;
        append(way, data, stream);
        ASSERT_EQ(inflated(stream, bytes), data) << bytes << " bytes, way " << way;
      }
    }
  }
}

TEST(Deflate, PiecesStandBehindEachOther) {
  Numbers numbers(5);
  for (int round = 0; round < 20; ++round) {
    Bytes stream;
    Data all;
    for (int piece = 0; piece < 12; ++piece) {
      const Data data = mixture(numbers.below(1000), numbers.below(3000));
      append(std::array{0, 1, 6, 10}[numbers.below(4)], data, stream);
      all.insert(all.end(), data.begin(), data.end());
    }
    ASSERT_EQ(inflated(stream, all.size()), all);
  }
}

TEST(Deflate, EmptyPicturesAndNoiseHaveTheSizeThatIsSaid) {
  Bytes empty, noise;
  append_run_blocks(Data(10'000'000, 0), empty);
  EXPECT_LT(empty.size(), 30'000U);
  Data random(1'000'000);
  Numbers numbers(9);
  for (std::uint8_t& byte : random) byte = static_cast<std::uint8_t>(numbers.below(256));
  append_run_blocks(random, noise);
  EXPECT_LE(noise.size(), random.size() + 5 * (random.size() / 65'535 + 16) + 12);
}

TEST(Deflate, DamagedStreamsHaveNoEnd) {
  const Data data = mixture(3, 4000);
  Bytes whole(5000);
  libdeflate_compressor* writer = libdeflate_alloc_compressor(6);
  whole.resize(libdeflate_deflate_compress(writer, data.data(), data.size(), whole.data(), whole.size()));
  libdeflate_free_compressor(writer);
  const auto end = find_deflate_end(whole);
  ASSERT_TRUE(end);
  EXPECT_EQ((end->end + 7) / 8, whole.size());
  for (std::size_t bytes = 0; bytes + 1 < whole.size(); bytes += 7)
    EXPECT_FALSE(find_deflate_end(std::span(whole).first(bytes))) << bytes;
  Numbers numbers(1);
  for (int i = 0; i < 3000; ++i) {  // whatever it says, it reads nothing that is not there
    Bytes damaged = whole;
    damaged[numbers.below(static_cast<std::uint32_t>(damaged.size()))] ^= std::byte{1} << numbers.below(8);
    find_deflate_end(damaged);
  }
}

TEST(Deflate, CodesAreCompleteAndNotLongerThanAllowed) {
  for (const int longest : {7, 9, 14}) {
    std::vector<std::uint32_t> counts(100, 0);
    std::uint64_t a = 1, b = 1;  // Fibonacci's numbers make Huffman's longest codes
    for (std::size_t i = 0; i < 40; ++i) {
      counts[2 * i] = static_cast<std::uint32_t>(a);
      b = std::exchange(a, a + b);
    }
    std::vector<std::uint8_t> lengths(counts.size());
    find_code_lengths(counts, longest, lengths);
    double used = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      EXPECT_EQ(lengths[i] > 0, counts[i] > 0);
      EXPECT_LE(lengths[i], longest);
      if (lengths[i] > 0) used += 1.0 / (1 << lengths[i]);
    }
    EXPECT_EQ(used, 1.0) << longest;
  }
}

}  // namespace
}  // namespace pixmill::codecs::test
