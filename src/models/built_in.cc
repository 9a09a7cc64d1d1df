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
extern const std::byte pixmill_starter_upscale_x2[];
extern const std::byte pixmill_starter_upscale_x2_end[];
extern const std::byte pixmill_starter_denoise[];
extern const std::byte pixmill_starter_denoise_end[];
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
  struct Weights {
    std::string_view id;
    const std::byte* begin;
    const std::byte* end;
  };
  static constexpr Weights kAll[] = {
      {"starter", pixmill_starter_cutout, pixmill_starter_cutout_end},
      {"starter-int8", pixmill_starter_cutout_int8, pixmill_starter_cutout_int8_end},
      {"starter-upscale-x2", pixmill_starter_upscale_x2, pixmill_starter_upscale_x2_end},
      {"starter-denoise", pixmill_starter_denoise, pixmill_starter_denoise_end},
  };
  for (const Weights& weights : kAll) {
    if (weights.id == id) return std::span(weights.begin, weights.end);
  }
  return std::nullopt;
}

}  // namespace pixmill::models
