// What the guesses of all kinds of models share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pixmill/models/model_card.h"

namespace pixmill::models {

// A card with nothing but a name, a file, the task, and the batch where the file fixes it.
ModelCard plain_card(const ModelSignature& signature, std::string_view file_name, std::string_view task);

// A card for a detector without one, from its shapes and from what its exporter wrote into it. Empty when no known
// family fits.
std::optional<Guess> guess_detector(const ModelSignature& signature, std::string_view file_name);

// The same for a detector of those families that gives prototypes of masks too, and their coefficients with each box.
std::optional<Guess> guess_segmenter(const ModelSignature& signature, std::string_view file_name);

// A card for an upscaler or a denoiser: pictures in and out. Empty where the factor is not known or the purpose is not.
std::optional<Guess> guess_restorer(const ModelSignature& signature, std::string_view file_name);

// A card of two files for the encoder of a SAM model, whose decoder is beside it under the name decoder_name(). Empty
// when it is none.
std::optional<Guess> guess_sam(const ModelSignature& signature, std::string_view file_name);

// "sam.decoder.onnx" for "sam.encoder.onnx"; "decoder.onnx" for a name that does not say encoder.
std::string decoder_name(std::string_view encoder);

bool is_sam_decoder(const ModelSignature& signature);

}  // namespace pixmill::models
