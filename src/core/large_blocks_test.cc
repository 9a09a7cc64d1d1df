#include "core/large_blocks.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

#include "pixmill/core/buffer.h"
#include "pixmill/core/large_blocks.h"

namespace pixmill {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kReuses = false;
#else
constexpr bool kReuses = true;
#endif

TEST(LargeBlocks, ABlockIsUsedAgainForOneOfItsSize) {
  if (!kReuses) GTEST_SKIP() << "not under a sanitizer";
  LargeBlocks blocks;
  void* const first = blocks.take(30 * kMegabyte);
  std::memset(first, 1, 30 * kMegabyte);
  blocks.give_back(first);
  EXPECT_EQ(blocks.spare_bytes(), 30 * kMegabyte);
  void* const again = blocks.take(27 * kMegabyte);
  EXPECT_EQ(again, first);
  EXPECT_EQ(blocks.spare_bytes(), 0U);
  blocks.give_back(again);
  void* const small = blocks.take(10 * kMegabyte);
  EXPECT_NE(small, first) << "three times as much as is wanted";
  blocks.give_back(small);
}

TEST(LargeBlocks, WhatIsKeptAndWhatIsUsedAreNeverMoreThanWasUsedBefore) {
  if (!kReuses) GTEST_SKIP() << "not under a sanitizer";
  LargeBlocks blocks;
  void* const one = blocks.take(20 * kMegabyte);
  void* const other = blocks.take(20 * kMegabyte);
  blocks.give_back(one);
  blocks.give_back(other);
  EXPECT_EQ(blocks.spare_bytes(), 40 * kMegabyte);
  void* const large = blocks.take(30 * kMegabyte);
  EXPECT_EQ(blocks.spare_bytes(), 0U) << "30 and 20 would be more than 40";
  blocks.give_back(large);
  EXPECT_EQ(blocks.spare_bytes(), 30 * kMegabyte);
  blocks.release_spare();
  EXPECT_EQ(blocks.spare_bytes(), 0U);
}

TEST(LargeBlocks, WhatTheMachineDoesNotHaveIsNull) {
  LargeBlocks blocks;
  EXPECT_EQ(blocks.take(std::size_t{1} << 60), nullptr);
  void* const block = blocks.take(9 * kMegabyte);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 4096, 0U);
  blocks.give_back(block);
}

TEST(LargeBlocks, ServeLargeBuffers) {
  release_spare_blocks();
  { const AlignedBuffer buffer(16 * kMegabyte); }
  EXPECT_EQ(large_blocks().spare_bytes() > 0, kReuses);
  release_spare_blocks();
  EXPECT_EQ(large_blocks().spare_bytes(), 0U);
}

}  // namespace
}  // namespace pixmill
