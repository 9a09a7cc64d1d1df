#include <string>

#include "pixmill/models/model_card.h"

namespace pixmill::models {
namespace {

std::string shape_of(const Port& port) {
  std::string text;
  for (const std::int64_t extent : port.shape) {
    if (!text.empty()) text += 'x';
    text += extent < 0 ? "?" : std::to_string(extent);
  }
  return text.empty() ? "no dimensions" : text;
}

bool is_float(const Port& port) {
  return port.type == ElementType::f32 || port.type == ElementType::f16;
}

std::string input_mismatch(const InputSpec& wanted, const ModelSignature& signature) {
  const std::size_t inputs = wanted.takes_size ? 2 : 1;
  if (signature.inputs.size() != inputs) {
    return "the model has " + std::to_string(signature.inputs.size()) + " inputs, the card describes " +
           (inputs == 1 ? "one" : "two");
  }
  const Port& port = signature.inputs[0];
  if (!is_float(port) && port.type != ElementType::u8) {
    return "the model's input '" + port.name + "' takes " + std::string(name_of(port.type)) +
           ", not floating-point numbers or bytes";
  }
  const bool as_they_are =
      wanted.scale == Scale::none && wanted.mean == InputSpec().mean && wanted.std == InputSpec().std;
  if (port.type == ElementType::u8 && !as_they_are) {
    return "the model's input '" + port.name +
           "' takes bytes, the card scales samples (bytes want `scale: none` without mean and std)";
  }
  const std::string says = "the model's input '" + port.name + "' is " + shape_of(port) + ", ";
  if (port.shape.size() != 4) return says + "the card describes pictures (four dimensions)";
  const std::int64_t channels = port.shape[wanted.planar ? 1 : 3];
  const bool luma = wanted.color == Color::luma;
  if (channels >= 0 && channels != (luma ? 1 : 3)) {
    return says + "which does not have " + (luma ? "one channel" : "three channels") + " in the layout " +
           (wanted.planar ? "nchw" : "nhwc") + " of the card";
  }
  const std::int64_t height = port.shape[wanted.planar ? 2 : 1];
  const std::int64_t width = port.shape[wanted.planar ? 3 : 2];
  const bool height_fits = height < 0 || (wanted.fit != Fit::short_side && height == wanted.size.height);
  const bool width_fits = width < 0 || (wanted.fit != Fit::short_side && width == wanted.size.width);
  if (height_fits && width_fits) return {};
  if (wanted.fit == Fit::short_side) return says + "the card keeps the aspect ratio, which needs a dynamic size";
  return says + "the card gives " + std::to_string(wanted.size.width) + "x" + std::to_string(wanted.size.height) +
         " (width x height)";
}

std::string output_mismatch(const OutputSpec& wanted, bool planar, const ModelSignature& signature) {
  if (static_cast<std::size_t>(wanted.index) >= signature.outputs.size()) {
    return "the model has " + std::to_string(signature.outputs.size()) + " outputs, the card reads number " +
           std::to_string(wanted.index) + " (counted from 0)";
  }
  if (wanted.decoder != "matte") return {};
  const Port& port = signature.outputs[static_cast<std::size_t>(wanted.index)];
  if (!is_float(port)) {
    return "the model's output '" + port.name + "' gives " + std::string(name_of(port.type)) +
           ", a matte is floating-point numbers";
  }
  const std::string says = "the model's output '" + port.name + "' is " + shape_of(port) + ", ";
  if (port.shape.size() != 3 && port.shape.size() != 4) return says + "which is not a matte (three or four dimensions)";
  const std::int64_t channels = port.shape.size() == 3 ? 1 : port.shape[planar ? 1 : 3];
  if (channels >= 0 && wanted.channel >= channels) {
    return says + "the card reads its channel " + std::to_string(wanted.channel) + " (counted from 0)";
  }
  return {};
}

}  // namespace

std::string mismatch(const ModelCard& card, const ModelSignature& signature) {
  if (!card.graphs.empty()) return {};  // the task of such a card knows what each file takes
  std::string reason = input_mismatch(card.input, signature);
  return reason.empty() ? output_mismatch(card.output, card.input.planar, signature) : reason;
}

}  // namespace pixmill::models
