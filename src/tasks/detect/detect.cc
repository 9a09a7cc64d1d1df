// The detection task: what happens in which order.
#include "pixmill/tasks/detect.h"

#include <string>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/tasks/model_input.h"
#include "tasks/detect/decoders.h"
#include "tasks/detections/finding.h"
#include "tasks/detections/looking.h"

namespace pixmill::tasks {
namespace {

void validate(const models::ModelCard& card, const DetectOptions& options) {
  require_usable(card.task == "detect" && find_decoder(card.output.decoder) != nullptr,
                 "model '" + card.id + "' finds no boxes (task " + card.task + ", decoder " + card.output.decoder + ")",
                 "choose a model for detect: pixmill models list");
  require_whole_pictures(card, options, "detectors");
}

class Detect final : public Task {
 public:
  Detect(models::ModelCard card, DetectOptions options) : card_(std::move(card)), options_(options) {
    validate(card_, options_);
  }

  std::string_view name() const override { return "detect"; }
  std::string key() const override { return models::result_text(card_) + "arithmetic: 3\n"; }
  std::vector<Graph> graphs() const override {
    const Decoder& decoder = *find_decoder(card_.output.decoder);
    Graph graph = only_graph(card_.input, decoder.outputs);
    graph.batches = decoder.batches;
    if (card_.input.takes_size) graph.typical.push_back({1, 2});
    return {std::move(graph)};
  }
  std::vector<Product> products() const override { return {}; }
  Cost cost(Size picture) const override { return cost_of(picture, card_, options_); }

  Size least(Size picture) const override { return least_for(picture, card_.input, options_); }

  void run(Image picture, Context& context) const override {
    const Look look = {.inputs = [this](ImageView pixels, Size full) { return inputs_of(pixels, full); },
                       .things = [this](const std::vector<Tensor>& outputs,
                                        Size full) { return detections_of(card_, outputs, full, options_); },
                       .side = input_side(card_.input)};
    context.record({std::string(kDetections), pack(look_at(std::move(picture), context, options_, look))});
  }

 private:
  Tensors inputs_of(ImageView pixels, Size full) const {
    const models::InputSpec& input = card_.input;
    Tensors inputs = {std::make_shared<const Tensor>(model_input(pixels, input, place_input(full, input)))};
    if (input.takes_size) inputs.push_back(size_input(input.size));
    return inputs;
  }

  // What a model with a second input scales its boxes to; to its own input, so that they are mapped as all others are.
  static std::shared_ptr<const Tensor> size_input(Size size) {
    Tensor tensor({1, 2}, ElementType::i64);
    tensor.as<std::int64_t>()[0] = size.width;
    tensor.as<std::int64_t>()[1] = size.height;
    return std::make_shared<const Tensor>(std::move(tensor));
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
  for (std::size_t i = 0; i < decoded.boxes.size(); ++i) {
    Detection one{in_picture(decoded.boxes[i], placed, picture)};
    if (!(one.box.left < one.box.right && one.box.top < one.box.bottom)) continue;
    if (!decoded.points.empty()) {
      for (const Point& point : decoded.points[i]) one.points.push_back(in_picture(point, placed, picture));
    }
    found.found.push_back(std::move(one));
  }
  return found;
}

}  // namespace pixmill::tasks
