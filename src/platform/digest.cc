#include "pixmill/platform/digest.h"

#include <openssl/evp.h>

#include <array>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::platform {
namespace {

constexpr std::size_t kPiece = 1 << 20;  // bytes

void require(int success) {
  if (success != 1) throw Error(ErrorCode::internal, "OpenSSL could not compute a hash");
}

EVP_MD_CTX* openssl(const auto& context) {
  return static_cast<EVP_MD_CTX*>(context.get());
}

}  // namespace

void Digest::Free::operator()(void* context) const noexcept {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

Digest::Digest(HashKind kind) : context_(EVP_MD_CTX_new()) {
  require(context_ ? 1 : 0);
  require(EVP_DigestInit_ex(openssl(context_), kind == HashKind::sha256 ? EVP_sha256() : EVP_md5(), nullptr));
}

void Digest::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(openssl(context_), bytes.data(), bytes.size()));
}

std::string Digest::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
  unsigned count = 0;
  require(EVP_DigestFinal_ex(openssl(context_), raw.data(), &count));
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < count; ++i) {
    text += kDigits[raw[i] >> 4];
    text += kDigits[raw[i] & 15];
  }
  return text;
}

std::string sha256(std::span<const std::byte> bytes) {
  Digest digest(HashKind::sha256);
  digest.update(bytes);
  return digest.hex();
}

FileHashes hash_file(const std::filesystem::path& path) {
  const Descriptor file = open_to_read(path);
  Digest sha(HashKind::sha256);
  Digest md5(HashKind::md5);
  std::vector<std::byte> piece(kPiece);
  while (const std::size_t count = read_some(file, piece, path)) {
    sha.update(std::span(piece).first(count));
    md5.update(std::span(piece).first(count));
  }
  return {sha.hex(), md5.hex()};
}

}  // namespace pixmill::platform
