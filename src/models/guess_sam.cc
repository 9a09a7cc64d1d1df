// Recognises encoders of SAM, MobileSAM and SAM 2 by the names and shapes of their ports, as segment-anything's own
// exporter and samexporter write them.
#include <algorithm>
#include <string>

#include "models/guess.h"

namespace pixmill::models {
namespace {

constexpr int kSide = 1024;  // of the square that all of them see
constexpr std::int64_t kEmbeddingChannels = 256;

bool is_picture(const Port& port) {
  const bool type = port.type == ElementType::f32 || port.type == ElementType::f16 || port.type == ElementType::u8;
  if (port.shape.size() == 3) return type && port.shape[2] == 3;
  return type && port.shape.size() == 4 && (port.shape[1] == 3 || port.shape[3] == 3);
}

const Port* find(const std::vector<Port>& ports, std::string_view name) {
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const Port& port) { return port.name == name; });
  return found == ports.end() ? nullptr : &*found;
}

bool is_sam2(const ModelSignature& signature) {
  return find(signature.outputs, "high_res_feats_0") != nullptr && find(signature.outputs, "image_embed") != nullptr;
}

bool is_sam(const ModelSignature& signature) {
  if (signature.outputs.size() != 1) return false;
  const Port& output = signature.outputs.front();
  const bool shaped = output.shape.size() == 4 && (output.shape[1] == kEmbeddingChannels || output.shape[1] < 0);
  return shaped && output.name.find("embed") != std::string::npos;
}

void describe_sam(ModelCard& card, const Port& input) {
  card.family = "sam";
  card.output.decoder = "sam";
  card.input.fit = Fit::letterbox_corner;
  card.input.scale = Scale::none;
  if (input.shape.size() == 3) {  // it normalises and pads itself
    card.input.planar = false;
    return;
  }
  card.input.mean = {123.675F, 116.28F, 103.53F};
  card.input.std = {58.395F, 57.12F, 57.375F};
}

void describe_sam2(ModelCard& card) {
  card.family = "sam2";
  card.output.decoder = "sam2";
  card.input.mean = {0.485F, 0.456F, 0.406F};
  card.input.std = {0.229F, 0.224F, 0.225F};
}

}  // namespace

std::string decoder_name(std::string_view encoder) {
  std::string name(encoder);
  for (const char first : {'e', 'E'}) {
    const std::size_t at = name.rfind(first + std::string("ncoder"));
    if (at == std::string::npos) continue;
    name.replace(at, 2, first == 'e' ? "de" : "De");
    return name;
  }
  return "decoder.onnx";
}

bool is_sam_decoder(const ModelSignature& signature) {
  return find(signature.inputs, "point_coords") != nullptr && find(signature.inputs, "point_labels") != nullptr;
}

std::optional<Guess> guess_sam(const ModelSignature& signature, std::string_view file_name) {
  if (signature.inputs.size() != 1 || !is_picture(signature.inputs.front())) return std::nullopt;
  const bool second = is_sam2(signature);
  if (!second && !is_sam(signature)) return std::nullopt;
  const Port& input = signature.inputs.front();
  Guess guess{plain_card(signature, file_name, "segment"), {}};
  ModelCard& card = guess.card;
  card.files.push_back({decoder_name(card.files.front().name), {}, {}, {}, {}, 0});
  card.graphs = {{"encoder", card.files[0].name}, {"decoder", card.files[1].name}};
  card.input.size = {kSide, kSide};
  card.runtime.batch = 0;  // one picture is all that any of these files takes
  second ? describe_sam2(card) : describe_sam(card, input);
  guess.why = second ? "looks like the encoder of SAM 2: outputs 'image_embed' and 'high_res_feats_0'"
                     : "looks like the encoder of SAM or MobileSAM: output '" + signature.outputs.front().name + "'";
  return guess;
}

}  // namespace pixmill::models
