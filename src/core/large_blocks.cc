#include "core/large_blocks.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>

#include "pixmill/core/large_blocks.h"

namespace pixmill {
namespace {

constexpr std::size_t kPage = std::size_t{2} << 20;
constexpr std::size_t kMostSpare = 256;  // blocks
constexpr std::size_t kWaste = 4;        // a block may be larger than what is wanted by the n-th part of that

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kReuse = false;  // so that the use of a block after its end is found
#else
constexpr bool kReuse = true;
#endif

std::size_t pages_up(std::size_t bytes) {
  return (bytes + kPage - 1) / kPage * kPage;
}

// From the system, at a multiple of a large page; null where there is no memory.
void* map_block(std::size_t bytes) {
  void* const found = mmap(nullptr, bytes + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (found == MAP_FAILED) return nullptr;
  const auto start = reinterpret_cast<std::uintptr_t>(found);
  const std::size_t before = (kPage - start % kPage) % kPage;
  auto* const block = static_cast<std::byte*>(found) + before;
  if (before > 0) munmap(found, before);
  munmap(block + bytes, kPage - before);
#ifdef MADV_HUGEPAGE
  madvise(block, bytes, MADV_HUGEPAGE);  // only advice, so what became of it does not matter
#endif
  return block;
}

}  // namespace

LargeBlocks::LargeBlocks() {
  spare_.reserve(kMostSpare);
}

LargeBlocks::~LargeBlocks() {
  release_spare();
}

void* LargeBlocks::take(std::size_t bytes) {
  const std::size_t wanted = pages_up(bytes);
  const std::scoped_lock lock(mutex_);
  auto best = spare_.end();
  for (auto one = spare_.begin(); one != spare_.end(); ++one) {
    const bool fits = one->bytes >= wanted && one->bytes <= wanted + wanted / kWaste;
    if (fits && (best == spare_.end() || one->bytes < best->bytes)) best = one;
  }
  Spare taken{nullptr, wanted};
  if (best != spare_.end()) {
    taken = *best;
    spare_.erase(best);
    spare_bytes_ -= taken.bytes;
  }
  used_bytes_ += taken.bytes;
  most_used_ = std::max(most_used_, used_bytes_);
  if (taken.block == nullptr) {
    shrink_to(most_used_ - used_bytes_);
    taken.block = map_block(taken.bytes);
  }
  if (taken.block == nullptr) {
    shrink_to(0);
    taken.block = map_block(taken.bytes);
  }
  if (taken.block == nullptr) {
    used_bytes_ -= taken.bytes;
    return nullptr;
  }
  used_[taken.block] = taken.bytes;
  return taken.block;
}

void LargeBlocks::give_back(void* block) noexcept {
  const std::scoped_lock lock(mutex_);
  const auto found = used_.find(block);
  const std::size_t bytes = found->second;
  used_.erase(found);
  used_bytes_ -= bytes;
  if (!kReuse || spare_.size() == spare_.capacity()) {
    munmap(block, bytes);
    return;
  }
  spare_.push_back({block, bytes});
  spare_bytes_ += bytes;
}

void LargeBlocks::release_spare() {
  const std::scoped_lock lock(mutex_);
  shrink_to(0);
  most_used_ = used_bytes_;
}

std::size_t LargeBlocks::spare_bytes() const {
  const std::scoped_lock lock(mutex_);
  return spare_bytes_;
}

// mutex_ is held.
void LargeBlocks::shrink_to(std::size_t spare) {
  auto one = spare_.begin();
  for (; one != spare_.end() && spare_bytes_ > spare; ++one) {
    munmap(one->block, one->bytes);
    spare_bytes_ -= one->bytes;
  }
  spare_.erase(spare_.begin(), one);
}

LargeBlocks& large_blocks() {
  static auto* const blocks = new LargeBlocks;  // buffers may outlive every other static
  return *blocks;
}

void release_spare_blocks() {
  large_blocks().release_spare();
}

}  // namespace pixmill
