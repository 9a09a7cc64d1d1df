// Where AlignedBuffer gets its large blocks from.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

namespace pixmill {

// Keeps blocks that were given back, but never so many that they and those in use are more than were in use at one time
// before: the process grows no larger by it. Thread-safe.
class LargeBlocks {
 public:
  LargeBlocks();
  ~LargeBlocks();
  LargeBlocks(const LargeBlocks&) = delete;
  LargeBlocks& operator=(const LargeBlocks&) = delete;

  // At least `bytes`, in pages of 2 MB where the machine has them. Null where there is no memory.
  void* take(std::size_t bytes);
  void give_back(void* block) noexcept;

  void release_spare();
  std::size_t spare_bytes() const;

 private:
  struct Spare {
    void* block;
    std::size_t bytes;
  };

  void shrink_to(std::size_t spare);

  mutable std::mutex mutex_;
  std::map<void*, std::size_t> used_;
  std::vector<Spare> spare_;  // the oldest first
  std::size_t used_bytes_ = 0, spare_bytes_ = 0, most_used_ = 0;
};

// Of the whole process; never destroyed.
LargeBlocks& large_blocks();

}  // namespace pixmill
