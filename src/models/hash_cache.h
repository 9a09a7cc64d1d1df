// Cached hashes of large files: a model of 900 MB takes seconds to hash, and its hash is needed at every start.
#pragma once

#include <cstdint>
#include <filesystem>

#include "pixmill/platform/digest.h"

namespace pixmill::models {

// Safe from many threads and processes: the file behind it is replaced as a whole, and a lost entry costs one hash.
class HashCache {
 public:
  // `file`: where the hashes are kept. Files of less than `threshold` bytes are hashed each time.
  explicit HashCache(std::filesystem::path file, std::int64_t threshold = std::int64_t{16} << 20);

  // The hashes of `path`: remembered when device, inode, size and both times of the file are as they were, else
  // computed. A cache that cannot be read or written is done without. Throws what hash_file() throws.
  platform::FileHashes of(const std::filesystem::path& path) const;

 private:
  std::filesystem::path file_;
  std::int64_t threshold_;
};

}  // namespace pixmill::models
