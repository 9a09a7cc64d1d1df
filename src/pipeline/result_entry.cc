// Layout, little-endian: magic, checksum of all that follows; then for each tensor its type, rank, dimensions, the
// length of its data, and the data: the elements' first bytes, then their second bytes and so on, compressed by zstd.
// Neighbours in a matte share their sign and exponent, so this halves it; the elements as they are shrink by a third.
#include "pipeline/result_entry.h"

#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::array<char, 8> kMagic = {'P', 'X', 'M', 'R', 'E', 'S', '0', '1'};
constexpr std::size_t kHead = kMagic.size() + sizeof(std::uint64_t);
constexpr int kLevel = 1;  // higher ones gain a few percent and take several times as long
constexpr std::uint8_t kMostTensors = 64;
constexpr std::uint8_t kHighestRank = 8;
constexpr std::uint64_t kHighestRatio = 32768;  // of zstd: a block of 128 KiB in four bytes
constexpr std::int64_t kMostElements = std::int64_t{1} << 31;

std::uint64_t checksum(std::span<const std::byte> bytes, std::string_view name) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), XXH3_64bits(name.data(), name.size()));
}

std::vector<std::byte> to_planes(const Tensor& tensor) {
  const std::size_t width = bytes_of(tensor.type());
  const std::size_t count = tensor.bytes() / width;
  std::vector<std::byte> planes(tensor.bytes());
  for (std::size_t plane = 0; plane < width; ++plane) {
    for (std::size_t i = 0; i < count; ++i) planes[plane * count + i] = tensor.data()[i * width + plane];
  }
  return planes;
}

void from_planes(std::span<const std::byte> planes, Tensor& tensor) {
  const std::size_t width = bytes_of(tensor.type());
  const std::size_t count = tensor.bytes() / width;
  for (std::size_t plane = 0; plane < width; ++plane) {
    for (std::size_t i = 0; i < count; ++i) tensor.data()[i * width + plane] = planes[plane * count + i];
  }
}

class Packer {
 public:
  template <typename Number>
  void put(Number number) {
    append(std::as_bytes(std::span(&number, 1)));
  }

  void put_compressed(std::span<const std::byte> raw) {
    std::vector<std::byte> packed(ZSTD_compressBound(raw.size()));
    const std::size_t size = ZSTD_compress(packed.data(), packed.size(), raw.data(), raw.size(), kLevel);
    if (ZSTD_isError(size) != 0) throw Error(ErrorCode::out_of_memory, ZSTD_getErrorName(size));
    put(static_cast<std::uint64_t>(size));
    append(std::span(packed).first(size));
  }

  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  void append(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  std::vector<std::byte> bytes_;
};

// Every get() returns false when the bytes are at an end.
class Unpacker {
 public:
  explicit Unpacker(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <typename Number>
  bool get(Number& number) {
    if (rest_.size() < sizeof number) return false;
    std::memcpy(&number, rest_.data(), sizeof number);
    rest_ = rest_.subspan(sizeof number);
    return true;
  }

  // Of `bytes` that were compressed. No memory is taken for a claim that so few compressed bytes cannot keep.
  std::optional<std::vector<std::byte>> get_compressed(std::uint64_t bytes) {
    std::uint64_t size = 0;
    if (!get(size) || size > rest_.size() || bytes / kHighestRatio > size) return std::nullopt;
    std::vector<std::byte> raw(bytes);
    const std::size_t got = ZSTD_decompress(raw.data(), raw.size(), rest_.data(), size);
    rest_ = rest_.subspan(size);
    return ZSTD_isError(got) == 0 && got == raw.size() ? std::optional(std::move(raw)) : std::nullopt;
  }

  bool at_end() const { return rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
};

bool get_shape(Unpacker& from, std::vector<std::int64_t>& shape) {
  std::uint8_t rank = 0;
  if (!from.get(rank) || rank > kHighestRank) return false;
  std::int64_t elements = 1;
  for (std::uint8_t i = 0; i < rank; ++i) {
    std::int64_t extent = 0;
    if (!from.get(extent) || extent < 0 || extent > kMostElements) return false;
    elements *= extent;
    if (elements > kMostElements) return false;
    shape.push_back(extent);
  }
  return true;
}

std::optional<Tensor> get_tensor(Unpacker& from) {
  std::uint8_t type = 0;
  std::vector<std::int64_t> shape;
  if (!from.get(type) || type >= static_cast<std::uint8_t>(ElementType::other) || !get_shape(from, shape))
    return std::nullopt;
  const auto elements = static_cast<ElementType>(type);
  const auto planes = from.get_compressed(static_cast<std::uint64_t>(element_count(shape)) * bytes_of(elements));
  if (!planes) return std::nullopt;
  Tensor tensor(std::move(shape), elements);
  from_planes(*planes, tensor);
  return tensor;
}

}  // namespace

std::vector<std::byte> pack_entry(std::span<const Tensor> tensors, std::string_view name) {
  Packer packer;
  packer.put(kMagic);
  packer.put(std::uint64_t{0});
  packer.put(static_cast<std::uint8_t>(tensors.size()));
  for (const Tensor& tensor : tensors) {
    packer.put(static_cast<std::uint8_t>(tensor.type()));
    packer.put(static_cast<std::uint8_t>(tensor.shape().size()));
    for (const std::int64_t extent : tensor.shape()) packer.put(extent);
    packer.put_compressed(to_planes(tensor));
  }
  const std::uint64_t sum = checksum(std::span(packer.bytes()).subspan(kHead), name);
  std::memcpy(packer.bytes().data() + kMagic.size(), &sum, sizeof sum);
  return std::move(packer.bytes());
}

std::optional<std::vector<Tensor>> unpack_entry(std::span<const std::byte> bytes, std::string_view name) {
  Unpacker from(bytes);
  std::array<char, 8> magic{};
  std::uint64_t sum = 0;
  std::uint8_t count = 0;
  if (!from.get(magic) || magic != kMagic || !from.get(sum) || sum != checksum(bytes.subspan(kHead), name) ||
      !from.get(count) || count > kMostTensors)
    return std::nullopt;
  std::vector<Tensor> tensors;
  for (std::uint8_t i = 0; i < count; ++i) {
    std::optional<Tensor> tensor = get_tensor(from);
    if (!tensor) return std::nullopt;
    tensors.push_back(std::move(*tensor));
  }
  return from.at_end() ? std::optional(std::move(tensors)) : std::nullopt;
}

}  // namespace pixmill::pipeline
