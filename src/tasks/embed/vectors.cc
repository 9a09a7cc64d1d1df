// Vectors: from a model's outputs, and as records.
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

#include "pixmill/core/error.h"
#include "pixmill/tasks/embed.h"

namespace pixmill::tasks {
namespace {

static_assert(std::endian::native == std::endian::little, "records are little-endian");

[[noreturn]] void refuse(const models::ModelCard& card, const std::string& what) {
  throw Error(ErrorCode::bad_model, card.id + ": " + what, "correct `output` in the card");
}

std::int64_t elements(std::span<const std::int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

// [1, values, ...], each place with its weight.
std::vector<float> mean_over_places(const models::ModelCard& card, const Tensor& output, const Tensor* weights) {
  const std::vector<std::int64_t>& shape = output.shape();
  if (shape.size() < 3) refuse(card, "`pool: mean` needs an output of three dimensions or more");
  const auto values = static_cast<std::size_t>(shape[1]);
  const auto places = static_cast<std::size_t>(elements(std::span(shape).subspan(2)));
  if (weights != nullptr &&
      (weights->type() != ElementType::f32 || weights->size() != static_cast<std::int64_t>(places)))
    refuse(card, "the output of `weights` does not have a number for each place");
  std::vector<float> vector(values);
  double total = 0.0;
  for (std::size_t i = 0; i < places; ++i) total += weights == nullptr ? 1.0 : double{weights->as<float>()[i]};
  for (std::size_t v = 0; v < values; ++v) {
    const float* const plane = output.as<float>().data() + v * places;
    double sum = 0.0;
    for (std::size_t i = 0; i < places; ++i)
      sum += double{plane[i]} * (weights == nullptr ? 1.0 : double{weights->as<float>()[i]});
    vector[v] = total != 0.0 ? static_cast<float>(sum / total) : 0.0F;
  }
  return vector;
}

std::vector<float> pooled(const models::ModelCard& card, std::span<const Tensor> outputs) {
  const Tensor& output = outputs.front();
  const std::vector<std::int64_t>& shape = output.shape();
  if (output.type() != ElementType::f32 || shape.empty() || shape.front() != 1 || output.size() == 0)
    refuse(card, "its output is not one row of floats for a picture");
  const std::span<const float> all = output.as<float>();
  switch (card.output.pool) {
    case models::Pool::none: break;
    case models::Pool::first:
      if (shape.size() != 3) refuse(card, "`pool: first` needs an output of tokens, [1, tokens, values]");
      return {all.begin(), all.begin() + shape[2]};
    case models::Pool::mean: return mean_over_places(card, output, outputs.size() > 1 ? &outputs[1] : nullptr);
  }
  return {all.begin(), all.end()};
}

}  // namespace

std::vector<float> vector_of(const models::ModelCard& card, std::span<const Tensor> outputs) {
  std::vector<float> vector = pooled(card, outputs);
  for (const float value : vector) {
    if (!std::isfinite(value))
      throw Error(ErrorCode::bad_model, card.id + " made a vector with values that are no numbers",
                  "try --precision fp32, or another --device");
  }
  return vector;
}

std::vector<std::byte> pack_embedding(std::span<const float> vector) {
  const auto bytes = std::as_bytes(vector);
  return {bytes.begin(), bytes.end()};
}

std::vector<float> unpack_embedding(std::string_view kind, std::span<const std::byte> body, std::string_view picture) {
  if (kind != kEmbedding)
    throw Error(
        ErrorCode::corrupt,
        std::string(picture) + ": its record is '" + std::string(kind) + "', not '" + std::string(kEmbedding) + "'",
        "run pixmill embed again");
  if (body.empty() || body.size() % sizeof(float) != 0)
    throw Error(ErrorCode::corrupt, std::string(picture) + ": its record of a vector is damaged",
                "run pixmill embed --force on it");
  std::vector<float> vector(body.size() / sizeof(float));
  std::memcpy(vector.data(), body.data(), body.size());
  return vector;
}

}  // namespace pixmill::tasks
