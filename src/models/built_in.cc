#include "models/built_in.h"

#include <algorithm>
#include <string>

#include "pixmill/core/error.h"
#include "pixmill/models/model_store.h"

extern "C" {
extern const std::byte pixmill_starter_cutout[];  // all made by cmake/BuiltInModels.cmake
extern const std::byte pixmill_starter_cutout_end[];
extern const std::byte pixmill_starter_cutout_int8[];
extern const std::byte pixmill_starter_cutout_int8_end[];
}

namespace pixmill::models {
namespace {

struct EmbeddedCard {
  std::string_view file;
  std::string_view yaml;
};

constexpr EmbeddedCard kEmbeddedCards[] = {
#include "built_in_cards.inc"
};

std::vector<ModelCard> parse_all() {
  std::vector<ModelCard> cards;
  for (const EmbeddedCard& embedded : kEmbeddedCards) cards.push_back(parse_card(embedded.yaml, embedded.file));
  std::sort(cards.begin(), cards.end(), [](const ModelCard& a, const ModelCard& b) { return a.id < b.id; });
  return cards;
}

}  // namespace

const std::vector<ModelCard>& shipped_cards() {
  static const std::vector<ModelCard> cards = parse_all();
  return cards;
}

const ModelCard* shipped_card(std::string_view id) {
  for (const ModelCard& card : shipped_cards()) {
    if (card.id == id) return &card;
  }
  return nullptr;
}

std::optional<std::span<const std::byte>> built_in_weights(std::string_view id) {
  if (id == "starter") return std::span(pixmill_starter_cutout, pixmill_starter_cutout_end);
  if (id == "starter-int8") return std::span(pixmill_starter_cutout_int8, pixmill_starter_cutout_int8_end);
  return std::nullopt;
}

}  // namespace pixmill::models
