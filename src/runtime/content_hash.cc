#include "runtime/content_hash.h"

#include <openssl/evp.h>

#include <array>
#include <string_view>

#include "pixmill/core/error.h"

namespace pixmill::runtime {

std::string content_hash(const ModelSource& model) {
  if (!model.content_hash.empty()) return model.content_hash;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(model.bytes.data(), model.bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorCode::internal, "OpenSSL cannot compute a sha256");
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < length; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15u];
  }
  return hex;
}

}  // namespace pixmill::runtime
