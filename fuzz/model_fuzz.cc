// Any bytes as a model file: its signature, or Error{bad_model}; and a card can be guessed from any signature.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "pixmill/core/error.h"
#include "pixmill/models/model_card.h"
#include "pixmill/runtime/model_file.h"

namespace {

void check(const std::vector<pixmill::Port>& ports) {
  for (const pixmill::Port& port : ports) {
    if (port.shape.size() != port.dimension_names.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data), size);
  try {
    const pixmill::runtime::ModelFile model = pixmill::runtime::read_model_file({"fuzz.onnx", file, {}});
    check(model.signature.inputs);
    check(model.signature.outputs);
    if (model.producers.size() != model.signature.outputs.size()) std::abort();
    const auto guess = pixmill::models::guess_card(model.signature, "fuzz.onnx");
    if (guess) (void)pixmill::models::mismatch(guess->card, model.signature);
  } catch (const pixmill::Error& error) {
    if (error.code() != pixmill::ErrorCode::bad_model) std::abort();
  }
  return 0;
}
