// The embedding task: a picture in, a vector of features out.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// Of its records: the vector's floats, little-endian, as the model makes them.
inline constexpr std::string_view kEmbedding = "embedding/1";

// `fast_decode`: large JPEGs are read smaller, at least twice as large as the model's input. Throws Error{usage} for a
// card that makes no vectors.
std::unique_ptr<Task> make_embed(models::ModelCard card, bool fast_decode = false);

// The vector of one picture from the outputs that the card names: its `index`, and its `weights` where it has them.
// Throws Error{bad_model}: shapes that do not fit, values that are not finite.
std::vector<float> vector_of(const models::ModelCard& card, std::span<const Tensor> outputs);

std::vector<std::byte> pack_embedding(std::span<const float> vector);

// Throws Error{corrupt}, which names the picture: of another kind, or damaged.
std::vector<float> unpack_embedding(std::string_view kind, std::span<const std::byte> body, std::string_view picture);

}  // namespace pixmill::tasks
