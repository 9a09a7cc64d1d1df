// For any bytes, parse_card() returns a card or throws Error{usage}; and a card that it accepts
// comes back the same from to_yaml().
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "pixmill/core/error.h"
#include "pixmill/models/model_card.h"

namespace {

using pixmill::models::ModelCard;

ModelCard again(const ModelCard& card) {
  try {
    return pixmill::models::parse_card(pixmill::models::to_yaml(card), "written");
  } catch (const pixmill::Error&) {
    std::abort();  // it refuses what it wrote itself
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const ModelCard card = pixmill::models::parse_card({reinterpret_cast<const char*>(data), size}, "fuzz");
    if (pixmill::models::to_yaml(again(card)) != pixmill::models::to_yaml(card)) std::abort();
  } catch (const pixmill::Error& error) {
    if (error.code() != pixmill::ErrorCode::usage) std::abort();
  }
  return 0;
}
