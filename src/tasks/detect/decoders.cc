// The table of decoders, and what is checked for all of them.
#include "tasks/detect/decoders.h"

#include <string>

#include "pixmill/core/error.h"
#include "pixmill/core/score_table.h"
#include "pixmill/models/class_names.h"
#include "tasks/detections/finding.h"

namespace pixmill::tasks {
namespace {

constexpr Decoder kDecoders[] = {
    {.name = "yolov8", .decode = decode_yolov8},
    {.name = "yolov5", .decode = decode_yolov5},
    {.name = "end_to_end", .repeats = false, .decode = decode_end_to_end},
    {.name = "yolov7_end_to_end", .repeats = false, .batches = false, .decode = decode_yolov7},
    {.name = "listed", .outputs = 3, .repeats = false, .decode = decode_listed},
    {.name = "counted", .outputs = 4, .repeats = false, .decode = decode_counted},
    {.name = "rtdetr", .repeats = false, .decode = decode_rtdetr},
    {.name = "rfdetr", .outputs = 2, .repeats = false, .decode = decode_rfdetr},
    {.name = "yolox", .decode = decode_yolox},
    {.name = "nanodet", .outputs = 6, .decode = decode_nanodet},
    {.name = "fastestdet", .decode = decode_fastestdet},
    {.name = "yunet", .outputs = 12, .decode = decode_yunet},
};

void require_finite(const models::ModelCard& card, std::span<const Tensor> outputs) {
  if (std::all_of(outputs.begin(), outputs.end(), [](const Tensor& one) { return all_finite(one.as<float>()); }))
    return;
  throw Error(ErrorCode::bad_model,
              "model '" + card.id + "': its output holds a value that is not a number or infinite",
              "try another precision or device; pixmill verify shows which ones are good");
}

template <typename Integer>
Tensor as_floats(const Tensor& tensor) {
  Tensor floats(tensor.shape(), ElementType::f32);
  const std::span<const Integer> from = tensor.as<Integer>();
  std::transform(from.begin(), from.end(), floats.as<float>().begin(),
                 [](Integer value) { return static_cast<float>(value); });
  return floats;
}

// Labels and counts come as integers.
Tensor as_floats(const models::ModelCard& card, const Tensor& tensor) {
  if (tensor.type() == ElementType::i64) return as_floats<std::int64_t>(tensor);
  if (tensor.type() == ElementType::i32) return as_floats<std::int32_t>(tensor);
  require_readable(card, tensor.type() == ElementType::f32);
  return tensor.clone();
}

bool are_floats(std::span<const Tensor> outputs) {
  return std::all_of(outputs.begin(), outputs.end(),
                     [](const Tensor& output) { return output.type() == ElementType::f32; });
}

// The things of those indices, in that order.
Decoded picked(const Decoded& found, std::span<const std::uint32_t> chosen) {
  Decoded few{{}, found.classes};
  for (const std::uint32_t index : chosen) {
    few.boxes.push_back(found.boxes[index]);
    if (!found.rows.empty()) few.rows.push_back(found.rows[index]);
    if (!found.points.empty()) few.points.push_back(found.points[index]);
  }
  return few;
}

}  // namespace

std::int64_t mask_coefficients(std::span<const Tensor> outputs) {
  return outputs.size() > 1 && outputs[1].shape().size() == 4 ? outputs[1].shape()[1] : 0;
}

const Decoder* find_decoder(std::string_view name) {
  const auto* found = std::find_if(std::begin(kDecoders), std::end(kDecoders),
                                   [&](const Decoder& decoder) { return decoder.name == name; });
  return found == std::end(kDecoders) ? nullptr : found;
}

void require_readable(const models::ModelCard& card, bool good) {
  if (good) return;
  throw Error(ErrorCode::bad_model, card.id + " has no output that the decoder '" + card.output.decoder + "' can read",
              "check `decoder` in its card");
}

int label_from(const models::ModelCard& card, float value, Decoded& found) {
  const bool named = !card.output.classes.empty();
  if (named) found.classes = static_cast<int>(card.output.classes.size());
  require_readable(card,
                   value >= 0 && value < static_cast<float>(named ? card.output.classes.size() : models::kMostClasses));
  const int label = static_cast<int>(value);
  if (!named) found.classes = std::max(found.classes, label + 1);
  return label;
}

Decoded decode_boxes(const models::ModelCard& card, std::span<const Tensor> outputs, float confidence,
                     const Suppression& how) {
  const Decoder* decoder = find_decoder(card.output.decoder);
  require_readable(card, decoder != nullptr && outputs.size() >= static_cast<std::size_t>(decoder->outputs));
  if (!are_floats(outputs)) {
    std::vector<Tensor> floats;
    for (const Tensor& output : outputs) floats.push_back(as_floats(card, output));
    return decode_boxes(card, floats, confidence, how);
  }
  for (const Tensor& output : outputs)
    require_readable(card, !output.shape().empty() && (output.shape()[0] == 1 || !decoder->batches));
  require_finite(card, outputs.first(static_cast<std::size_t>(decoder->outputs)));
  Decoded found = decoder->decode(card, outputs, confidence);
  require_readable(card, found.classes <= static_cast<int>(models::kMostClasses));
  require_named(card, found.classes);
  Suppression suppression = how;
  if (!decoder->repeats) suppression.overlap = 1.0;
  return picked(found, best_boxes(found.boxes, suppression));
}

}  // namespace pixmill::tasks
