#include "pipeline/fingerprint.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <system_error>

#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

std::string hex(XXH128_hash_t hash) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text;
}

}  // namespace

std::string hash_of(std::span<const std::byte> bytes) {
  return hex(XXH3_128bits(bytes.data(), bytes.size()));
}

Fingerprint fingerprint_of(std::span<const std::byte> bytes) {
  return {static_cast<std::int64_t>(bytes.size()), hash_of(bytes)};
}

std::optional<Fingerprint> fingerprint_of(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(file, error))) return std::nullopt;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error(ErrorCode::unreadable, file.string() + ": " + std::strerror(errno), "move it away");
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  Fingerprint fingerprint;
  std::array<char, 1 << 16> block{};
  while (stream.read(block.data(), block.size()), stream.gcount() > 0) {
    XXH3_128bits_update(&state, block.data(), static_cast<std::size_t>(stream.gcount()));
    fingerprint.size += stream.gcount();
  }
  fingerprint.digest = hex(XXH3_128bits_digest(&state));
  return fingerprint;
}

}  // namespace pixmill::pipeline
