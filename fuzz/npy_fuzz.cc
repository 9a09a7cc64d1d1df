// The head of a file of vectors: none, or one that is written the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "pixmill/vectors/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixmill::vectors;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto shape = read_npy_head(bytes);
  if (shape && npy_head(*shape) != bytes.substr(0, kNpyHead)) std::abort();
  return 0;
}
