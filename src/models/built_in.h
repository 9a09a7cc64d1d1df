// What is compiled into the program: the shipped cards, and the weights of the starter models.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pixmill/models/model_card.h"

namespace pixmill::models {

// The shipped cards, sorted by id. Parsed once; safe from many threads.
const std::vector<ModelCard>& shipped_cards();

// The shipped card of that id, or null.
const ModelCard* shipped_card(std::string_view id);

// The weights of a shipped model that the program carries in itself.
std::optional<std::span<const std::byte>> built_in_weights(std::string_view id);

}  // namespace pixmill::models
