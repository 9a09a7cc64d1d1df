// A zlib stream (RFC 1950, 1951) of long runs of the bytes 0 and 255, written without ever having the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pixmill::codecs {

// The code of all symbols is fixed, for few long runs: 258 equal bytes take two bits.
class RunDeflate {
 public:
  RunDeflate();

  // The next `count` bytes are `value`: 0 or 255.
  void add(std::uint8_t value, std::uint64_t count);

  // The whole stream. Nothing may be added after it.
  std::vector<std::byte> finish();

 private:
  void write_run();
  void put(std::uint32_t bits, int count);  // the lowest bit first
  void put_symbol(std::size_t symbol);
  void put_match(std::uint32_t length);
  void sum(std::uint8_t value, std::uint64_t count);

  std::vector<std::byte> bytes_;
  std::uint64_t bits_ = 0;  // not yet in bytes_
  int held_ = 0;            // of them
  std::uint8_t value_ = 0;  // of the run that may still grow
  std::uint64_t count_ = 0;
  std::uint64_t low_ = 1, high_ = 0;  // of Adler-32
};

}  // namespace pixmill::codecs
