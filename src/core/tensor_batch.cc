#include "pixmill/core/tensor_batch.h"

#include <algorithm>
#include <cstring>

#include "pixmill/core/error.h"

namespace pixmill {

Tensor join(const std::vector<const Tensor*>& parts, std::size_t padded_to) {
  const std::size_t count = std::max(parts.size(), padded_to);
  std::vector<std::int64_t> shape = parts.front()->shape();
  shape.front() = static_cast<std::int64_t>(count);
  Tensor batch(shape, parts.front()->type());
  const std::size_t bytes = parts.front()->bytes();
  for (std::size_t i = 0; i < parts.size(); ++i) std::memcpy(batch.data() + i * bytes, parts[i]->data(), bytes);
  std::memset(batch.data() + parts.size() * bytes, 0, (count - parts.size()) * bytes);
  return batch;
}

std::vector<Tensor> split(const Tensor& batch, std::size_t count) {
  std::vector<std::int64_t> shape = batch.shape();
  if (shape.empty() || static_cast<std::size_t>(shape.front()) < count) {
    throw Error(ErrorCode::bad_model, "the model returned fewer pictures than it was given",
                "turn batches off with -b 1");
  }
  const std::size_t bytes = batch.bytes() / static_cast<std::size_t>(shape.front());
  shape.front() = 1;
  std::vector<Tensor> parts;
  parts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    Tensor& part = parts.emplace_back(shape, batch.type());
    std::memcpy(part.data(), batch.data() + i * bytes, bytes);
  }
  return parts;
}

}  // namespace pixmill
