// The detection task: what happens in which order.
#include "pixmill/tasks/detect.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>

#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/tasks/model_input.h"
#include "tasks/detect/decoders.h"

namespace pixmill::tasks {
namespace {

// From the model's input to the picture, and cut at its edges. The picture fills `placed.content` from edge to edge.
Box in_picture(Box box, const Placement& placed, Size picture) {
  const auto mapped = [](float value, int start, int extent, int whole) {
    const float scale = static_cast<float>(whole) / static_cast<float>(extent);
    return std::clamp((value - static_cast<float>(start)) * scale, 0.0F, static_cast<float>(whole));
  };
  const Rect& content = placed.content;
  box.left = mapped(box.left, content.x, content.width, picture.width);
  box.right = mapped(box.right, content.x, content.width, picture.width);
  box.top = mapped(box.top, content.y, content.height, picture.height);
  box.bottom = mapped(box.bottom, content.y, content.height, picture.height);
  box.score = std::min(box.score, 1.0F);
  return box;
}

// The card's names; numbers where it has none.
ClassNames names_of(const models::ModelCard& card, int classes) {
  std::vector<std::string> names = card.output.classes;
  for (int label = static_cast<int>(names.size()); label < classes; ++label) names.push_back(std::to_string(label));
  return shared_names(std::move(names));
}

void require(bool good, const std::string& message, const std::string& hint) {
  if (!good) throw Error(ErrorCode::usage, message, hint);
}

void validate(const models::ModelCard& card, const DetectOptions& options) {
  require(card.task == "detect" && find_decoder(card.output.decoder) != nullptr,
          "model '" + card.id + "' finds no boxes (task " + card.task + ", decoder " + card.output.decoder + ")",
          "choose a model for detect: pixmill models list");
  require(card.input.color != models::Color::luma && card.input.fit != models::Fit::tile,
          "the card of model '" + card.id + "' asks for gray pictures or tiles, detectors see whole ones in colour",
          "correct `input` in its card");
  require(options.overlap >= 0.0 && options.overlap <= 1.0, "the overlap must be from 0 to 1", "0.45 is usual");
}

class Detect final : public Task {
 public:
  Detect(models::ModelCard card, DetectOptions options) : card_(std::move(card)), options_(options) {
    validate(card_, options_);
  }

  std::string_view name() const override { return "detect"; }
  std::string key() const override { return models::result_text(card_) + "arithmetic: 1\n"; }

  std::vector<Graph> graphs() const override {
    std::vector<int> outputs(static_cast<std::size_t>(find_decoder(card_.output.decoder)->outputs));
    std::iota(outputs.begin(), outputs.end(), 0);
    const Size size = place_input({1500, 1000}, card_.input).input;  // photographs are 3:2 more often than not
    return {{.role = "model",
             .outputs = std::move(outputs),
             .typical = {input_shape(size, card_.input)},
             .fixed = card_.input.fit != models::Fit::short_side}};
  }

  std::vector<Product> products() const override { return {}; }

  // The decoded picture and, where it is not RGB of 8 bits, a copy that is; the input before and after normalising; of
  // the outputs at most a row for each of three boxes a cell.
  Cost cost(Size picture) const override {
    constexpr std::int64_t kBytesPerPixel = 8 + 3, kBytesPerInput = 3 + 3 + 3 * 4, kPixelsPerRow = 16;
    const std::int64_t input = place_input(picture, card_.input).input.area();
    const auto columns = static_cast<std::int64_t>(std::max<std::size_t>(card_.output.classes.size(), 80) + 5);
    const std::int64_t output = input / kPixelsPerRow * columns * 4;
    return {.bytes = static_cast<std::size_t>(picture.area() * kBytesPerPixel + input * kBytesPerInput + output)};
  }

  void run(Image picture, Context& context) const override {
    const Size size = picture.size();
    Pending pending = context.infer(0, {preprocess(std::move(picture))});
    const std::vector<Tensor> outputs = pending.get();
    context.record({std::string(kDetections), pack(detections_of(card_, outputs, size, options_))});
  }

 private:
  // The picture is freed here: nothing but its size is needed later.
  std::shared_ptr<const Tensor> preprocess(Image photo) const {
    const bool rgb8 = photo.type() == PixelType::u8 && photo.channels() == 3;
    if (!rgb8) photo = to_rgb8(photo);
    return std::make_shared<const Tensor>(model_input(photo, card_.input));
  }

  const models::ModelCard card_;
  const DetectOptions options_;
};

}  // namespace

std::unique_ptr<Task> make_detect(models::ModelCard card, DetectOptions options) {
  return std::make_unique<Detect>(std::move(card), options);
}

Detections detections_of(const models::ModelCard& card, std::span<const Tensor> outputs, Size picture,
                         const DetectOptions& options) {
  const Suppression how = {.overlap = options.overlap, .across_classes = options.across_classes, .most = kKeptBoxes};
  const Decoded decoded = decode_boxes(card, outputs, kKeptConfidence, how);
  const Placement placed = place_input(picture, card.input);
  Detections found{picture, kKeptConfidence, names_of(card, decoded.classes), {}};
  for (const Box& box : decoded.boxes) {
    const Box mapped = in_picture(box, placed, picture);
    if (mapped.left < mapped.right && mapped.top < mapped.bottom) found.boxes.push_back(mapped);
  }
  return found;
}

}  // namespace pixmill::tasks
