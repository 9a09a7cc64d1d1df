// The inner loop of searching hashes. Declared here for the tests.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pixmill {

struct HammingKernels {
  // The indices of those of `count` hashes that differ from `query` in at most `radius` bits go to `found`, which has
  // room for all of them; returns how many.
  std::size_t (*within)(const std::uint64_t* hashes, std::size_t count, std::uint64_t query, int radius,
                        std::uint32_t* found);
};

const HammingKernels& hamming_kernels();

extern const HammingKernels kScalarHammingKernels;

}  // namespace pixmill
