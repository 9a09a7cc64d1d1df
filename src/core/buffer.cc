#include "pixmill/core/buffer.h"

#include <cstring>
#include <limits>
#include <new>
#include <string>

#include "core/large_blocks.h"
#include "pixmill/core/error.h"

namespace pixmill {
namespace {

constexpr std::size_t kLarge = std::size_t{8} << 20U;

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t bytes) : size_(bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() / 2) {
    throw Error(ErrorCode::out_of_memory, "a buffer larger than the address space was asked for");
  }
  const bool large = bytes >= kLarge;
  void* data = large ? large_blocks().take(bytes + kSlack)
                     : ::operator new (bytes + kSlack, std::align_val_t{kAlignment}, std::nothrow);
  if (data == nullptr) {
    throw Error(ErrorCode::out_of_memory, "not enough memory for " + std::to_string(bytes) + " bytes",
                "lower --memory or --threads, or process smaller pictures");
  }
  data_ = {static_cast<std::byte*>(data), FreeBuffer{large}};
  std::memset(data_.get() + bytes, 0, kSlack);
}

void FreeBuffer::operator()(std::byte* data) const noexcept {
  if (large) {
    large_blocks().give_back(data);
  } else {
    ::operator delete (data, std::align_val_t{AlignedBuffer::kAlignment});
  }
}

}  // namespace pixmill
