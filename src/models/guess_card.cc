// Recognises the family of a model file by its signature.
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string>

#include "models/built_in.h"
#include "models/card_words.h"
#include "models/guess.h"
#include "pixmill/core/error.h"

namespace pixmill::models {
namespace {

bool is_float(ElementType type) {
  return type == ElementType::f32 || type == ElementType::f16;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return result;
}

bool contains_any(const std::string& text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != std::string::npos; });
}

// A rank-4 port read as pictures. Dimensions of -1 are dynamic.
struct Pictures {
  std::int64_t channels = -1;
  std::int64_t height = -1;
  std::int64_t width = -1;
  std::string height_name;
  std::string width_name;
};

Pictures as_pictures(const Port& port, bool planar) {
  const std::size_t row = planar ? 2 : 1;
  Pictures pictures{port.shape[planar ? 1 : 3], port.shape[row], port.shape[row + 1], {}, {}};
  if (port.dimension_names.size() == 4) {
    pictures.height_name = port.dimension_names[row];
    pictures.width_name = port.dimension_names[row + 1];
  }
  return pictures;
}

// Whether an extent of the output may be the input's own: neither another number nor another name for it.
bool may_equal(std::int64_t a, std::int64_t b) {
  return a < 0 || b < 0 || a == b;
}
bool may_equal(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() || a == b;
}

// Everything that the rules below look at.
struct Facts {
  const ModelSignature& signature;
  std::string file_name;  // lower case
  bool planar = true;
  Pictures input;
  std::string input_name;
  std::string output_name;  // of the first output
  std::int64_t output_channels = -1;
  bool output_has_input_size = false;   // as far as numbers say
  bool output_has_input_names = false;  // and the names of dynamic height and width

  bool fixed() const { return input.height > 0 && input.width > 0; }
  bool takes(std::int64_t side) const { return may_equal(input.height, side) && may_equal(input.width, side); }
  bool fixed_to(std::int64_t side) const { return input.height == side && input.width == side; }
  std::size_t outputs() const { return signature.outputs.size(); }
  bool gives_matte() const { return output_has_input_size && may_equal(output_channels, 1); }
  bool names_are(std::string_view in, std::string_view out) const { return input_name == in && output_name == out; }
};

std::optional<Facts> facts_of(const ModelSignature& signature, std::string_view file_name) {
  if (signature.inputs.size() != 1 || signature.outputs.empty()) return std::nullopt;
  const Port& input = signature.inputs[0];
  const Port& output = signature.outputs[0];
  if (!is_float(input.type) || input.shape.size() != 4 || !is_float(output.type) || output.shape.size() != 4) {
    return std::nullopt;
  }
  if (input.shape[1] != 3 && input.shape[3] != 3) return std::nullopt;
  Facts facts{signature, lower(file_name), input.shape[1] == 3, {}, input.name, output.name, -1, false, false};
  facts.input = as_pictures(input, facts.planar);
  if (facts.input.height > 16384 || facts.input.width > 16384) return std::nullopt;
  const Pictures mattes = as_pictures(output, facts.planar);
  facts.output_channels = mattes.channels;
  facts.output_has_input_size =
      may_equal(mattes.height, facts.input.height) && may_equal(mattes.width, facts.input.width);
  facts.output_has_input_names =
      may_equal(mattes.height_name, facts.input.height_name) && may_equal(mattes.width_name, facts.input.width_name);
  return facts;
}

// A family is recognised by its exports and served like the shipped card that stands for it. First match wins.
struct Rule {
  std::string_view card;
  std::string_view sign;  // what was recognised, in words
  bool (*fits)(const Facts&);
};

constexpr Rule kRules[] = {
    {"birefnet", "BiRefNet: input 'input_image', one output 'output_image'",
     [](const Facts& facts) { return facts.outputs() == 1 && facts.names_are("input_image", "output_image"); }},
    {"rmbg-2.0", "RMBG 2.0: input 'pixel_values', output 'alphas'",
     [](const Facts& facts) { return facts.names_are("pixel_values", "alphas"); }},
    {"starter", "the starter's architecture: input 'image', output 'matte'",
     [](const Facts& facts) { return facts.outputs() == 1 && facts.names_are("image", "matte"); }},
    {"u2net", "U-2-Net: 320x320 and seven outputs",
     [](const Facts& facts) { return facts.outputs() == 7 && facts.fixed_to(320); }},
    {"isnet-general-use", "IS-Net: 1024x1024 and six outputs or more",
     [](const Facts& facts) { return facts.outputs() >= 6 && facts.fixed_to(1024); }},
    {"rmbg-1.4", "RMBG 1.4: 1024x1024 and 'rmbg' in the file's name",
     [](const Facts& facts) { return facts.takes(1024) && contains_any(facts.file_name, {"rmbg"}); }},
    {"modnet", "MODNet: input 'input' of any size, output 'output' of one channel",
     [](const Facts& facts) {
       const bool any_size = facts.input.height < 0 && facts.input.width < 0;
       const bool sure = facts.output_channels == 1 || contains_any(facts.file_name, {"modnet"});
       return facts.outputs() == 1 && any_size && sure && facts.output_has_input_names &&
              facts.names_are("input", "output");
     }},
};

std::string id_from(std::string_view file_name) {
  std::string id;
  for (const char letter : lower(std::filesystem::path(file_name).stem().string())) {
    const bool known = std::isalnum(static_cast<unsigned char>(letter)) || letter == '_' || letter == '.';
    if (known || (!id.empty() && id.back() != '-')) id += known ? letter : '-';
  }
  id.resize(std::min<std::size_t>(id.size(), 64));
  while (!id.empty() && id.back() == '-') id.pop_back();
  return is_id(id) ? id : "model";
}

void take_fixed_size(const Facts& facts, InputSpec& input) {
  if (!facts.fixed()) return;
  input.size = {static_cast<int>(facts.input.width), static_cast<int>(facts.input.height)};
  input.fit = Fit::stretch;
  input.multiple = 1;
}

std::optional<Guess> by_family(const Facts& facts, std::string_view file_name) {
  if (!facts.planar || !facts.gives_matte()) return std::nullopt;
  for (const Rule& rule : kRules) {
    if (!rule.fits(facts)) continue;
    const ModelCard* model = shipped_card(rule.card);
    if (model == nullptr) throw Error(ErrorCode::internal, "no card is shipped for " + std::string(rule.card));
    Guess guess{plain_card(facts.signature, file_name, "cutout"), "looks like " + std::string(rule.sign)};
    guess.card.family = model->family;
    guess.card.input = model->input;
    guess.card.output = model->output;
    take_fixed_size(facts, guess.card.input);
    return guess;
  }
  return std::nullopt;
}

// A single output of the input's size with one channel, or two of which the second is the foreground.
std::optional<Guess> by_shape(const Facts& facts, std::string_view file_name) {
  const bool two = facts.output_channels == 2;
  const bool one = facts.output_channels == 1;
  if (facts.outputs() != 1 || !facts.fixed() || !facts.output_has_input_size || !(one || two)) return std::nullopt;
  const ModelCard* imagenet = shipped_card("birefnet");
  if (imagenet == nullptr) throw Error(ErrorCode::internal, "no card is shipped for birefnet");

  Guess guess{plain_card(facts.signature, file_name, "cutout"), {}};
  InputSpec& input = guess.card.input;
  input.planar = facts.planar;
  input.mean = imagenet->input.mean;
  input.std = imagenet->input.std;
  take_fixed_size(facts, input);

  const std::string name = lower(facts.output_name);
  OutputSpec& output = guess.card.output;
  output.channel = two ? 1 : 0;
  if (two && !contains_any(name, {"softmax", "prob"})) output.activation = Activation::softmax;
  if (one && contains_any(name, {"logit"})) output.activation = Activation::sigmoid;
  guess.why = "one output of the input's size and " + std::string(two ? "two channels" : "one channel") +
              ", read as a matte. Guessed: RGB with ImageNet's mean and deviation, activation " +
              std::string(word_of(kActivations, output.activation)) + ". A card beside the file is more reliable";
  return guess;
}

}  // namespace

ModelCard plain_card(const ModelSignature& signature, std::string_view file_name, std::string_view task) {
  ModelCard card;
  card.id = id_from(file_name);
  card.title = card.id;
  card.task = task;
  card.licence = "unknown";
  const std::string name = std::filesystem::path(file_name).filename().string();
  card.files.push_back({is_file_name(name) ? name : card.id + ".onnx", {}, {}, {}, {}, 0});
  const std::int64_t batch = signature.inputs.front().shape.front();
  if (batch > 0) card.runtime.batch = static_cast<int>(batch);
  return card;
}

std::optional<Guess> guess_card(const ModelSignature& signature, std::string_view file_name) {
  if (auto guess = guess_sam(signature, file_name)) return guess;
  if (const std::optional<Facts> facts = facts_of(signature, file_name)) {
    if (auto guess = by_family(*facts, file_name)) return guess;
    if (auto guess = by_shape(*facts, file_name)) return guess;
  }
  if (auto guess = guess_segmenter(signature, file_name)) return guess;
  if (auto guess = guess_restorer(signature, file_name)) return guess;
  return guess_detector(signature, file_name);
}

}  // namespace pixmill::models
