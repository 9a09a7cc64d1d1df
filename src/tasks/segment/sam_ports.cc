#include "tasks/segment/sam_ports.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "pixmill/core/error.h"

namespace pixmill::tasks {
namespace {

struct Known {
  std::string_view name;
  SamInput kind;
  std::size_t rank;
};

constexpr Known kPromptInputs[] = {{"point_coords", SamInput::points, 3},
                                   {"point_labels", SamInput::labels, 2},
                                   {"mask_input", SamInput::mask, 4},
                                   {"has_mask_input", SamInput::has_mask, 1},
                                   {"orig_im_size", SamInput::picture_size, 1}};

[[noreturn]] void refuse(const models::ModelCard& card, std::size_t graph, const std::string& what) {
  throw Error(
      ErrorCode::bad_model, card.graphs[graph].file + ": " + what,
      "encoder and decoder must be exported from one SAM model; `pixmill models inspect` shows what a file holds");
}

int index_of(const std::vector<Port>& ports, std::string_view name) {
  const auto found = std::find_if(ports.begin(), ports.end(), [&](const Port& port) { return port.name == name; });
  return found == ports.end() ? -1 : static_cast<int>(found - ports.begin());
}

SamPicture picture_of(const models::ModelCard& card) {
  const ModelSignature& encoder = card.signatures[0];
  if (encoder.inputs.size() != 1) refuse(card, 0, "an encoder takes one picture");
  const Port& port = encoder.inputs.front();
  const std::size_t rank = port.shape.size();
  const bool numbers = port.type == ElementType::f32 || port.type == ElementType::f16 || port.type == ElementType::u8;
  SamPicture picture;
  picture.type = port.type == ElementType::u8 ? ElementType::u8 : ElementType::f32;
  picture.flat = rank == 3;
  picture.planar = rank == 4 && port.shape[3] != 3;
  picture.raw = picture.flat || port.type == ElementType::u8;
  const std::size_t channels = picture.planar ? 1 : rank - 1;
  if (!numbers || (rank != 3 && rank != 4) || (port.shape[channels] != 3 && port.shape[channels] >= 0))
    refuse(card, 0, "its input '" + port.name + "' is no picture of three channels");
  const std::size_t height = picture.planar ? 2 : rank - 3;
  if (port.shape[height] > 0 && port.shape[height + 1] > 0)
    picture.canvas = {static_cast<int>(port.shape[height + 1]), static_cast<int>(port.shape[height])};
  return picture;
}

bool may_be(const std::vector<std::int64_t>& given, const std::vector<std::int64_t>& wanted) {
  return std::equal(given.begin(), given.end(), wanted.begin(), wanted.end(),
                    [](std::int64_t a, std::int64_t b) { return a < 0 || b < 0 || a == b; });
}

// Which output of the encoder the decoder's input is: by name, or the only one for the only one.
int embedding_of(const models::ModelCard& card, const Port& input, std::size_t embeddings) {
  const std::vector<Port>& outputs = card.signatures[0].outputs;
  int found = index_of(outputs, input.name);
  if (found < 0 && embeddings == 1 && outputs.size() == 1) found = 0;
  if (found < 0) refuse(card, 1, "it wants '" + input.name + "', which " + card.graphs[0].file + " does not give");
  if (!may_be(outputs[static_cast<std::size_t>(found)].shape, input.shape))
    refuse(card, 1, "its input '" + input.name + "' has another shape than what " + card.graphs[0].file + " gives");
  return found;
}

const Known* known(std::string_view name) {
  const auto* found = std::find_if(std::begin(kPromptInputs), std::end(kPromptInputs),
                                   [&](const Known& one) { return one.name == name; });
  return found == std::end(kPromptInputs) ? nullptr : found;
}

void read_inputs(const models::ModelCard& card, SamPorts& ports) {
  const std::vector<Port>& inputs = card.signatures[1].inputs;
  const auto embeddings = static_cast<std::size_t>(
      std::count_if(inputs.begin(), inputs.end(), [](const Port& port) { return known(port.name) == nullptr; }));
  for (const Port& input : inputs) {
    if (const Known* prompt = known(input.name)) {
      if (input.shape.size() != prompt->rank)
        refuse(card, 1, "its input '" + input.name + "' has " + std::to_string(input.shape.size()) + " dimensions");
      ports.inputs.push_back({prompt->kind, 0, input.type, input.shape});
      continue;
    }
    ports.inputs.push_back(
        {SamInput::embedding, static_cast<int>(ports.embeddings.size()), ElementType::f32, input.shape});
    ports.embeddings.push_back(embedding_of(card, input, embeddings));
  }
  for (const char* name : {"point_coords", "point_labels"}) {
    if (index_of(inputs, name) < 0) refuse(card, 1, "it has no input '" + std::string(name) + "'");
  }
  if (embeddings == 0) refuse(card, 1, "it takes no embedding");
}

}  // namespace

SamPorts sam_ports(const models::ModelCard& card) {
  if (card.signatures.size() != 2 || card.graphs.size() != 2)
    throw Error(ErrorCode::bad_model, "model '" + card.id + "' needs two files, an encoder and a decoder",
                "name both as `graphs` in its card");
  SamPorts ports;
  ports.picture = picture_of(card);
  read_inputs(card, ports);
  const std::vector<Port>& outputs = card.signatures[1].outputs;
  ports.scores = index_of(outputs, "iou_predictions");
  ports.masks = index_of(outputs, "low_res_masks");
  if (ports.masks < 0) ports.masks = index_of(outputs, "masks");
  if (ports.scores < 0 || ports.masks < 0) refuse(card, 1, "it gives no 'masks' and 'iou_predictions'");
  return ports;
}

}  // namespace pixmill::tasks
