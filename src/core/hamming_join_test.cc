#include "pixmill/core/hamming_join.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <set>
#include <tuple>

#include "core/hamming_kernels.h"
#include "core/simd_testing.h"

namespace pixmill {
namespace {

using Pairs = std::multiset<std::tuple<std::size_t, std::size_t, int>>;

// Some random ones, and each again with up to 20 bits changed.
std::vector<std::uint64_t> families(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t hash = random();
    hashes.push_back(hash);
    for (int bit = 0; bit < 20; ++bit) {
      hash ^= std::uint64_t{1} << (random() % 64);
      hashes.push_back(hash);
    }
  }
  return hashes;
}

TEST(HammingIndex, FindsEveryPairOnce) {
  const std::vector<std::uint64_t> hashes = families(20, 1), queries = families(20, 1);
  for (const int radius : {0, 1, 5, 10, 13, HammingIndex::kLargestRadius}) {
    Pairs expected;
    for (std::size_t q = 0; q < queries.size(); ++q) {
      for (std::size_t h = 0; h < hashes.size(); ++h) {
        const int distance = std::popcount(queries[q] ^ hashes[h]);
        if (distance <= radius) expected.insert({q, h, distance});
      }
    }
    testing::under_each_target([&] {
      const HammingIndex index(hashes), asked(queries);
      Pairs found;
      for (int part = 0; part < HammingIndex::kParts; ++part)
        index.near(asked, radius, part, [&](std::size_t q, std::size_t h, int d) { found.insert({q, h, d}); });
      EXPECT_EQ(found, expected) << radius;
    });
  }
}

TEST(HammingIndex, OfNothingFindsNothing) {
  const HammingIndex nothing({});
  const std::vector<std::uint64_t> one = {7};
  const HammingIndex something(one);
  for (int part = 0; part < HammingIndex::kParts; ++part) {
    nothing.near(something, 10, part, [](std::size_t, std::size_t, int) { FAIL(); });
    something.near(nothing, 10, part, [](std::size_t, std::size_t, int) { FAIL(); });
  }
}

TEST(HammingKernels, FindWhatTheScalarTwinFinds) {
  const std::vector<std::uint64_t> hashes = families(5, 2);
  for (std::size_t count = 0; count <= hashes.size(); count += 7) {
    std::vector<std::uint32_t> expected(count);
    expected.resize(kScalarHammingKernels.within(hashes.data(), count, hashes[3], 12, expected.data()));
    testing::under_each_target([&] {
      std::vector<std::uint32_t> found(count);
      found.resize(hamming_kernels().within(hashes.data(), count, hashes[3], 12, found.data()));
      EXPECT_EQ(found, expected);
    });
  }
}

}  // namespace
}  // namespace pixmill
