#include "pixmill/core/buffer.h"

#include <cstring>
#include <limits>
#include <new>

#include "pixmill/core/error.h"

namespace pixmill {

AlignedBuffer::AlignedBuffer(std::size_t bytes) : size_(bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() - kSlack) {
    throw Error(ErrorCode::out_of_memory, "a buffer larger than the address space was asked for");
  }
  void* data = ::operator new (bytes + kSlack, std::align_val_t{kAlignment}, std::nothrow);
  if (data == nullptr) {
    throw Error(ErrorCode::out_of_memory, "not enough memory for " + std::to_string(bytes) + " bytes",
                "lower --memory or --threads, or process smaller pictures");
  }
  data_.reset(static_cast<std::byte*>(data));
  std::memset(data_.get() + bytes, 0, kSlack);
}

void AlignedBuffer::Free::operator()(std::byte* data) const noexcept {
  ::operator delete (data, std::align_val_t{kAlignment});
}

}  // namespace pixmill
