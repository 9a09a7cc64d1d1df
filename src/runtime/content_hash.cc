#include "runtime/content_hash.h"

#include "pixmill/platform/digest.h"

namespace pixmill::runtime {

std::string content_hash(const ModelSource& model) {
  return model.content_hash.empty() ? platform::sha256(model.bytes) : model.content_hash;
}

}  // namespace pixmill::runtime
