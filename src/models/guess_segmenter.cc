// Recognises detectors with masks: what is left without their masks is a detector.
#include <string>
#include <utility>

#include "models/guess.h"

namespace pixmill::models {
namespace {

// Where in the table of boxes the mask coefficients stand, by the family of the boxes.
struct Layout {
  std::size_t dimension;
  std::string_view decoders[2];
};
constexpr Layout kLayouts[] = {{1, {"yolov8", "yolov8"}}, {2, {"yolov5", "end_to_end"}}};

bool has_masks(const ModelSignature& signature) {
  if (signature.inputs.size() != 1 || signature.outputs.size() != 2) return false;
  const Port &boxes = signature.outputs[0], &prototypes = signature.outputs[1];
  return boxes.shape.size() == 3 && prototypes.shape.size() == 4 && prototypes.shape[1] > 0;
}

// The file as if it had no masks.
ModelSignature without_masks(ModelSignature signature, std::size_t dimension) {
  std::int64_t& extent = signature.outputs[0].shape[dimension];
  if (extent > 0) extent -= signature.outputs[1].shape[1];
  signature.outputs.resize(1);
  for (auto& [key, value] : signature.metadata) {
    if (key == "task" && value == "segment") value = "detect";
  }
  return signature;
}

}  // namespace

std::optional<Guess> guess_segmenter(const ModelSignature& signature, std::string_view file_name) {
  if (!has_masks(signature)) return std::nullopt;
  for (const Layout& layout : kLayouts) {
    std::optional<Guess> guess = guess_detector(without_masks(signature, layout.dimension), file_name);
    if (!guess) continue;
    const std::string& decoder = guess->card.output.decoder;
    if (decoder != layout.decoders[0] && decoder != layout.decoders[1]) continue;
    guess->card.task = "segment";
    guess->why += ", with masks of " + std::to_string(signature.outputs[1].shape[1]) + " prototypes";
    return guess;
  }
  return std::nullopt;
}

}  // namespace pixmill::models
