#include <yaml-cpp/yaml.h>

#include <array>
#include <charconv>
#include <string>

#include "models/card_words.h"
#include "pixmill/models/class_names.h"
#include "pixmill/models/model_card.h"

namespace pixmill::models {
namespace {

// The shortest digits that read back to the same float: 0.485, not 0.485000014.
std::string digits(float value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

void write(YAML::Emitter& out, std::string_view key, const std::string& value) {
  if (!value.empty()) out << YAML::Key << std::string(key) << YAML::Value << value;
}

void write(YAML::Emitter& out, std::string_view key, std::string_view value) {
  write(out, key, std::string(value));
}

void write(YAML::Emitter& out, std::string_view key, const std::array<float, 3>& values) {
  out << YAML::Key << std::string(key) << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const float value : values) out << digits(value);
  out << YAML::EndSeq;
}

void write(YAML::Emitter& out, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return;
  out << YAML::Key << std::string(key) << YAML::Value << YAML::Flow << YAML::BeginSeq;
  for (const std::string& value : values) out << value;
  out << YAML::EndSeq;
}

void write_files(YAML::Emitter& out, const std::vector<ModelFile>& files) {
  out << YAML::Key << "files" << YAML::Value << YAML::BeginSeq;
  for (const ModelFile& file : files) {
    out << YAML::BeginMap;
    write(out, "name", file.name);
    write(out, "sha256", file.sha256);
    write(out, "md5", file.md5);
    write(out, "also", file.also);
    write(out, "url", file.url);
    if (file.bytes > 0) write(out, "bytes", std::to_string(file.bytes));
    out << YAML::EndMap;
  }
  out << YAML::EndSeq;
}

void write_graphs(YAML::Emitter& out, const std::vector<GraphFile>& graphs) {
  if (graphs.empty()) return;
  out << YAML::Key << "graphs" << YAML::Value << YAML::BeginSeq;
  for (const GraphFile& graph : graphs) {
    out << YAML::Flow << YAML::BeginMap;
    write(out, "role", graph.role);
    write(out, "file", graph.file);
    out << YAML::EndMap;
  }
  out << YAML::EndSeq;
}

void write_text(YAML::Emitter& out, const TextSpec& text) {
  out << YAML::Key << "text" << YAML::Value << YAML::BeginMap;
  write(out, "file", text.file);
  write(out, "merges", text.merges);
  write(out, "tokens", std::to_string(text.tokens));
  write(out, "index", std::to_string(text.index));
  out << YAML::EndMap;
}

void write_input(YAML::Emitter& out, const InputSpec& input) {
  out << YAML::Key << "input" << YAML::Value << YAML::BeginMap;
  out << YAML::Key << "size" << YAML::Value << YAML::Flow;
  out << YAML::BeginSeq << input.size.width << input.size.height << YAML::EndSeq;
  write(out, "resize", word_of(kFits, input.fit));
  if (input.fit == Fit::center_crop) write(out, "short_side", std::to_string(input.short_side));
  write(out, "filter", name_of(input.filter));
  write(out, "multiple", std::to_string(input.multiple));
  write(out, "color", word_of(kColors, input.color));
  write(out, "layout", word_of(kLayouts, input.planar));
  write(out, "scale", word_of(kScales, input.scale));
  write(out, "mean", input.mean);
  write(out, "std", input.std);
  if (input.overlap != InputSpec().overlap) write(out, "overlap", std::to_string(input.overlap));
  if (input.takes_size) write(out, "second", word_of(kSecondInputs, input.takes_size));
  out << YAML::EndMap;
}

void write_output(YAML::Emitter& out, const OutputSpec& output) {
  out << YAML::Key << "output" << YAML::Value << YAML::BeginMap;
  write(out, "decoder", output.decoder);
  write(out, "tensor", output.tensor);
  write(out, "index", std::to_string(output.index));
  write(out, "channel", std::to_string(output.channel));
  write(out, "activation", word_of(kActivations, output.activation));
  write(out, "rescale", word_of(kRescales, output.rescale));
  if (output.factor != 1) write(out, "factor", std::to_string(output.factor));
  if (output.margin != 0) write(out, "margin", std::to_string(output.margin));
  if (output.pool != Pool::none) write(out, "pool", word_of(kPools, output.pool));
  if (output.weights >= 0) write(out, "weights", std::to_string(output.weights));
  if (output.classes == coco_80()) {
    write(out, "classes", kCoco80);
  } else {
    write(out, "classes", output.classes);
  }
  if (output.background >= 0) write(out, "background", std::to_string(output.background));
  out << YAML::EndMap;
}

void write_runtime(YAML::Emitter& out, const RuntimeSpec& runtime) {
  out << YAML::Key << "runtime" << YAML::Value << YAML::BeginMap;
  write(out, "batch", runtime.batch == 0 ? "dynamic" : std::to_string(runtime.batch));
  write(out, "deny", runtime.deny);
  write(out, "precision", runtime.precision);
  out << YAML::EndMap;
}

void write(YAML::Emitter& out, std::string_view key, double value) {
  write(out, key, digits(static_cast<float>(value)));
}

void write_variant(YAML::Emitter& out, const VariantSpec& variant) {
  out << YAML::Key << "variant" << YAML::Value << YAML::BeginMap;
  write(out, "of", variant.of);
  write(out, "of_sha256", variant.of_sha256);
  write(out, "precision", variant.precision);
  write(out, "metric", variant.metric);
  write(out, "loss", variant.loss);
  write(out, "tolerance", variant.tolerance);
  write(out, "pictures", std::to_string(variant.pictures));
  if (variant.truth.size() == 2) {
    out << YAML::Key << "truth" << YAML::Value << YAML::Flow << YAML::BeginSeq;
    for (const double value : variant.truth) out << digits(static_cast<float>(value));
    out << YAML::EndSeq;
  }
  write(out, "layers", std::to_string(variant.layers));
  write(out, "in_float", std::to_string(variant.in_float));
  if (!variant.speed.empty()) out << YAML::Key << "speed" << YAML::Value << YAML::BeginSeq;
  for (const VariantSpec::Speed& speed : variant.speed) {
    out << YAML::Flow << YAML::BeginMap;
    write(out, "backend", speed.backend);
    write(out, "base", speed.base);
    write(out, "variant", speed.variant);
    out << YAML::EndMap;
  }
  if (!variant.speed.empty()) out << YAML::EndSeq;
  out << YAML::EndMap;
}

}  // namespace

std::string to_yaml(const ModelCard& card) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  write(out, "id", card.id);
  write(out, "title", card.title);
  write(out, "task", card.task);
  write(out, "family", card.family);
  write(out, "licence", card.licence);
  write(out, "source", card.source);
  write(out, "how_to_get", card.how_to_get);
  write_files(out, card.files);
  write_graphs(out, card.graphs);
  if (card.text) write_text(out, *card.text);
  write_input(out, card.input);
  write_output(out, card.output);
  write_runtime(out, card.runtime);
  if (card.variant) write_variant(out, *card.variant);
  out << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

std::string result_text(const ModelCard& card) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  write(out, "task", card.task);
  write_input(out, card.input);
  write_output(out, card.output);
  out << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

}  // namespace pixmill::models
