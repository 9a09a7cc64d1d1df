// An entry of the result cache: tensors or nothing. Inputs get the head and the checksum that make them an entry, else
// no change would ever come past those; an input is what follows them in a file.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "pipeline/result_entry.h"
#include "pixmill/core/error.h"

namespace {

constexpr std::string_view kName = "fuzz";
constexpr std::size_t kMagic = 8, kHead = kMagic + sizeof(std::uint64_t);

void write_checksum(std::vector<std::byte>& entry) {
  const XXH64_hash_t sum =
      XXH3_64bits_withSeed(entry.data() + kHead, entry.size() - kHead, XXH3_64bits(kName.data(), kName.size()));
  std::memcpy(entry.data() + kMagic, &sum, sizeof sum);
}

std::vector<std::byte> empty_entry() {
  std::vector<std::byte> entry = pixmill::pipeline::pack_entry({}, kName);
  const std::vector<std::byte> packed = entry;
  write_checksum(entry);
  if (entry != packed) std::abort();  // the checksum is made in another way now: so it must be here
  return entry;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::byte> empty = empty_entry();
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> entry(empty.begin(), empty.begin() + kHead);
  entry.insert(entry.end(), bytes, bytes + size);
  write_checksum(entry);
  try {
    const auto tensors = pixmill::pipeline::unpack_entry(entry, kName);
    if (!tensors) return 0;
    const auto again = pixmill::pipeline::unpack_entry(pixmill::pipeline::pack_entry(*tensors, kName), kName);
    if (!again || again->size() != tensors->size()) std::abort();
    for (std::size_t i = 0; i < tensors->size(); ++i) {
      const pixmill::Tensor &a = (*tensors)[i], &b = (*again)[i];
      if (a.shape() != b.shape() || a.type() != b.type() || a.bytes() != b.bytes()) std::abort();
      if (a.bytes() != 0 && std::memcmp(a.data(), b.data(), a.bytes()) != 0) std::abort();
    }
  } catch (const pixmill::Error&) {
    std::abort();  // a damaged entry is no entry, never an error
  }
  return 0;
}
