#include "pixmill/platform/memory.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <vector>

namespace pixmill::platform {
namespace {

constexpr std::size_t kBlock = std::size_t{64} << 20;

// Writes to so much memory, and gives it back.
void take(std::size_t bytes) {
  std::vector<char> block(bytes);
  std::memset(block.data(), 1, block.size());
  volatile char seen = block[bytes / 2];
  (void)seen;
}

TEST(Memory, AMeterSeesWhatWasTakenAndGivenBack) {
  const PeakMeter meter;
  if (memory_bytes() == 0) GTEST_SKIP() << "the system does not report it";
  take(kBlock);
  EXPECT_GE(meter.bytes(), static_cast<std::int64_t>(kBlock * 9 / 10));
  EXPECT_LE(meter.bytes(), static_cast<std::int64_t>(kBlock * 3 / 2));
  const PeakMeter later;
  take(kBlock / 8);
  EXPECT_LT(later.bytes(), static_cast<std::int64_t>(kBlock / 2));
}

TEST(Memory, ThePeakOfTheProcessIsNotForgotten) {
  take(2 * kBlock);
  const std::int64_t before = peak_memory_bytes();
  EXPECT_GE(before, static_cast<std::int64_t>(2 * kBlock));
  const PeakMeter meter;
  EXPECT_GE(peak_memory_bytes(), before);
}

}  // namespace
}  // namespace pixmill::platform
