// Bits as deflate has them: the first one is the lowest of its byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "codecs/deflate_codes.h"

namespace pixmill::codecs {

// Appends to a vector. room() comes first: the other calls do not look whether there is any.
class BitWriter {
 public:
  explicit BitWriter(std::vector<std::byte>& bytes) : bytes_(bytes), used_(bytes.size()) {}
  BitWriter(const BitWriter&) = delete;
  BitWriter& operator=(const BitWriter&) = delete;
  ~BitWriter() { bytes_.resize(used_); }

  // For so many more bytes.
  void room(std::size_t bytes) {
    const std::size_t wanted = used_ + bytes + 2 * sizeof(std::uint64_t);
    if (bytes_.size() < wanted) bytes_.resize(wanted);
  }

  // Several calls of add(), of 56 bits in all, between two calls of flush().
  void add(std::uint32_t bits, int count) {
    bits_ |= std::uint64_t{bits} << held_;
    held_ += count;
  }
  void add(const Code& code) { add(code.bits, code.length); }
  void flush() {
    store(bits_);
    used_ += static_cast<std::size_t>(held_ >> 3);
    bits_ >>= held_ & ~7;
    held_ &= 7;
  }

  void put(std::uint32_t bits, int count) {
    add(bits, count);
    flush();
  }
  void put(const Code& code) { put(code.bits, code.length); }

  // Zeros up to the next whole byte.
  void align() {
    held_ = (held_ + 7) & ~7;
    flush();
  }
  // After align().
  void append(const std::byte* bytes, std::size_t count) {
    if (count > 0) std::memcpy(bytes_.data() + used_, bytes, count);  // of none there may be no first one
    used_ += count;
  }

 private:
  void store(std::uint64_t bits) {
    std::byte* to = bytes_.data() + used_;
    for (int i = 0; i < 8; ++i) to[i] = static_cast<std::byte>(bits >> (8 * i));  // one store where bytes are in order
  }

  std::vector<std::byte>& bytes_;
  std::size_t used_;
  std::uint64_t bits_ = 0;  // not yet in bytes_
  int held_ = 0;            // of them; 0..7 after flush()
};

}  // namespace pixmill::codecs
