#include "pixmill/tasks/embed.h"

#include <algorithm>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/tasks/model_input.h"
#include "tasks/detections/finding.h"

namespace pixmill::tasks {
namespace {

void validate(const models::ModelCard& card) {
  require_usable(
      card.output.decoder == "vector" && card.input.fit != models::Fit::tile,
      "model '" + card.id + "' makes no feature vectors (task " + card.task + ", decoder " + card.output.decoder + ")",
      "choose a model for embed: pixmill models list");
}

class Embed final : public Task {
 public:
  Embed(models::ModelCard card, bool fast_decode) : card_(std::move(card)), fast_decode_(fast_decode) {
    validate(card_);
  }

  std::string_view name() const override { return "embed"; }
  std::string key() const override {
    return models::result_text(card_) + (fast_decode_ ? "fast decode\n" : "") + "arithmetic: 1\n";
  }

  std::vector<Graph> graphs() const override {
    Graph graph = only_graph(card_.input, 1);
    graph.outputs = {card_.output.index};
    if (card_.output.weights >= 0) graph.outputs.push_back(card_.output.weights);
    return {std::move(graph)};
  }

  std::vector<Product> products() const override { return {}; }

  Cost cost(Size picture) const override {
    constexpr std::int64_t kBytesPerPixel = 8 + 3, kBytesPerInput = 3 + 3 + 3 * 4;
    const std::int64_t input = place_input(picture, card_.input).input.area();
    return {.bytes = static_cast<std::size_t>(picture.area() * kBytesPerPixel + input * kBytesPerInput)};
  }

  Size least(Size picture) const override {
    if (!fast_decode_) return picture;
    const Rect content = place_input(picture, card_.input).content;
    return {std::min(2 * content.width, picture.width), std::min(2 * content.height, picture.height)};
  }

  void run(Image picture, Context& context) const override {
    const Size full = context.full_size().value_or(picture.size());
    const Image rgb = as_rgb8(std::move(picture));
    auto input = std::make_shared<const Tensor>(model_input(rgb, card_.input, place_input(full, card_.input)));
    const std::vector<Tensor> outputs = context.infer(0, {std::move(input)}).get();
    context.record({std::string(kEmbedding), pack_embedding(vector_of(card_, outputs))});
  }

 private:
  const models::ModelCard card_;
  const bool fast_decode_;
};

}  // namespace

std::unique_ptr<Task> make_embed(models::ModelCard card, bool fast_decode) {
  return std::make_unique<Embed>(std::move(card), fast_decode);
}

}  // namespace pixmill::tasks
