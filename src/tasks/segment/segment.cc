// The segmentation task: what happens in which order.
#include "pixmill/tasks/segment.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

#include "pixmill/core/error.h"
#include "tasks/detections/finding.h"
#include "tasks/detections/looking.h"
#include "tasks/segment/decoders.h"
#include "tasks/segment/enlarged.h"

namespace pixmill::tasks {
namespace {

constexpr SegmentDecoder kDecoders[] = {
    {.name = "yolov8", .outputs = 2, .decode = decode_prototypes},
    {.name = "yolov5", .outputs = 2, .decode = decode_prototypes},
    {.name = "end_to_end", .outputs = 2, .decode = decode_prototypes},
    {.name = "classes", .decode = decode_classes},
    {.name = "layers", .decode = decode_layers},
};

bool sees_pixels(const models::ModelCard& card) {
  return card.output.decoder == "classes" || card.output.decoder == "layers";
}

void validate(const models::ModelCard& card, const DetectOptions& options) {
  require_usable(
      card.task == "segment" && find_segment_decoder(card.output.decoder) != nullptr,
      "model '" + card.id + "' finds no shapes (task " + card.task + ", decoder " + card.output.decoder + ")",
      "choose a model for segment: pixmill models list");
  require_whole_pictures(card, options, "segmenters");
  require_usable(options.slice == 0 || !sees_pixels(card),
                 "--slice is for models that find things one by one, and '" + card.id + "' gives each pixel a class",
                 "leave --slice out, or take another model");
}

class Segment final : public Task {
 public:
  Segment(models::ModelCard card, DetectOptions options) : card_(std::move(card)), options_(options) {
    validate(card_, options_);
  }

  std::string_view name() const override { return "segment"; }
  std::string key() const override { return models::result_text(card_) + "arithmetic: 1\n"; }
  std::vector<Graph> graphs() const override {
    Graph graph = only_graph(card_.input, find_segment_decoder(card_.output.decoder)->outputs);
    if (reads_one_output()) graph.outputs = {card_.output.index};
    return {std::move(graph)};
  }
  std::vector<Product> products() const override { return {}; }
  Cost cost(Size picture) const override {
    // A value for each class of each pixel of the input, and a copy; or 32 prototypes for every 16 pixels.
    constexpr std::int64_t kBytes = 8;
    const auto classes = static_cast<std::int64_t>(reads_one_output() ? card_.output.classes.size() : 1);
    Cost cost = cost_of(picture, card_, options_);
    cost.bytes += static_cast<std::size_t>(place_input(picture, card_.input).input.area() * classes * kBytes);
    return cost;
  }

  Size least(Size picture) const override { return least_for(picture, card_.input, options_); }

  void run(Image picture, Context& context) const override {
    const Look look = {
        .inputs = [this](ImageView pixels, Size full) -> Tensors {
          return {std::make_shared<const Tensor>(model_input(pixels, card_.input, place_input(full, card_.input)))};
        },
        .things =
            [this](const std::vector<Tensor>& outputs, Size full) {
              return find_segment_decoder(card_.output.decoder)
                  ->decode({card_, outputs, full, place_input(full, card_.input), options_});
            },
        .side = input_side(card_.input),
        .by_pixels = sees_pixels(card_)};
    context.record({std::string(kDetections), pack(look_at(std::move(picture), context, options_, look))});
  }

 private:
  bool reads_one_output() const { return find_segment_decoder(card_.output.decoder)->outputs == 1; }

  const models::ModelCard card_;
  const DetectOptions options_;
};

}  // namespace

const SegmentDecoder* find_segment_decoder(std::string_view name) {
  const auto* found = std::find_if(std::begin(kDecoders), std::end(kDecoders),
                                   [&](const SegmentDecoder& decoder) { return decoder.name == name; });
  return found == std::end(kDecoders) ? nullptr : found;
}

void require_numbers(const models::ModelCard& card, std::span<const float> values) {
  const bool good =
      std::all_of(values.begin(), values.end(), [](float value) { return std::abs(value) <= kLargestValue; });
  if (good) return;
  throw Error(ErrorCode::bad_model, "model '" + card.id + "': its masks hold a value that is not a number or infinite",
              "try another precision or device; pixmill verify shows which ones are good");
}

std::unique_ptr<Task> make_segment(models::ModelCard card, DetectOptions options) {
  return std::make_unique<Segment>(std::move(card), options);
}

}  // namespace pixmill::tasks
