// Memory for pixels and tensors: aligned for SIMD, move-only, not initialised.
#pragma once

#include <cstddef>
#include <memory>

namespace pixmill {

struct FreeBuffer {
  bool large = false;  // see large_blocks.h
  void operator()(std::byte* data) const noexcept;
};

class AlignedBuffer {
 public:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kSlack = 64;  // readable bytes past the end, so that kernels may load a whole vector

  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t bytes);  // throws Error{out_of_memory}

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  std::unique_ptr<std::byte, FreeBuffer> data_;
  std::size_t size_ = 0;
};

}  // namespace pixmill
