#include "tasks/segment/sam.h"

#include <algorithm>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/quality.h"
#include "pixmill/tasks/detections.h"
#include "tasks/detections/finding.h"
#include "tasks/segment/sam_decoder.h"
#include "tasks/segment/sam_everything.h"

namespace pixmill::tasks {
namespace {

constexpr std::string_view kSam = "sam", kSam2 = "sam2";

void validate(const models::ModelCard& card, const SamOptions& options) {
  require_usable(!options.groups.empty() || options.file || options.everything,
                 "model '" + card.id + "' segments what it is shown, and nothing is prompted for",
                 "--point x,y, --box x0,y0,x1,y1, --prompts FILE.json or --everything");
  require_usable(card.input.size.width == card.input.size.height && card.input.color == models::Color::rgb,
                 "the card of model '" + card.id + "' does not describe what SAM models see: RGB in a square",
                 "correct `input` in its card");
}

// The card with the size that the file insists on.
models::ModelCard sized(models::ModelCard card, const SamPicture& picture) {
  if (!picture.flat && picture.canvas.width > 0) card.input.size = picture.canvas;
  if (picture.flat && card.input.fit != models::Fit::letterbox_corner)
    throw Error(ErrorCode::bad_model,
                card.graphs[0].file + " takes pictures of any proportions, the card stretches them",
                "resize: letterbox_corner in its card");
  return card;
}

class Sam final : public Task {
 public:
  Sam(const models::ModelCard& card, SamOptions options)
      : ports_(sam_ports(card)),
        card_(sized(card, ports_.picture)),
        options_(std::move(options)),
        classes_(class_names(options_)) {
    validate(card_, options_);
  }

  std::string_view name() const override { return "segment"; }
  std::string key() const override { return models::result_text(card_) + "arithmetic of sam: 1\n"; }
  std::vector<Graph> graphs() const override { return {encoder(), decoder()}; }
  std::vector<Product> products() const override { return {}; }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    if (options_.file) {
      for (const auto& [name, groups] : options_.file->pictures) names.push_back(name);
    }
    return names;
  }

  Cost cost(Size picture) const override {
    constexpr std::int64_t kBytesPerPixel = 8 + 3, kBytesPerInput = 3 + 2 * 3 * 4, kEmbeddings = 48 << 20;
    const std::int64_t input = card_.input.size.area();
    const std::int64_t points = options_.everything ? options_.everything->points_per_side : 0;
    std::int64_t inferences = 1 + points * points;
    for (const PromptGroup& group : options_.groups) inferences += std::max<std::int64_t>(1, std::ssize(group.boxes));
    return {.bytes = static_cast<std::size_t>(picture.area() * kBytesPerPixel + input * kBytesPerInput + kEmbeddings),
            .inferences = inferences + (options_.file ? 1 : 0)};
  }

  void run(Image picture, Context& context) const override {
    Detections found{.picture = picture.size(), .classes = classes_};
    const std::vector<PromptedThing> things = things_in(found.picture, context);
    const SamFrame frame = sam_frame(found.picture, card_, ports_.picture);
    const std::shared_ptr<const Tensor> input = preprocess(std::move(picture), frame, found.quality);
    if (!things.empty() || options_.everything) {
      SamDecoder decoder(ports_, frame, context, context.infer(kSamEncoder, {input}).get(),
                         card_.output.decoder == kSam);
      found.found =
          options_.everything ? everything_in(decoder, frame, *options_.everything) : prompted(decoder, frame, things);
    }
    if (options_.everything) found.confidence = static_cast<float>(options_.everything->predicted_iou);
    context.record({std::string(kDetections), pack(found)});
  }

 private:
  static ClassNames class_names(const SamOptions& options) {
    return shared_names(options.file ? options.file->classes : std::vector<std::string>{options.label});
  }

  Graph encoder() const {
    const SamFrame frame = sam_frame({1500, 1000}, card_, ports_.picture);  // photographs are 3:2 more often than not
    const bool sized = !ports_.picture.flat;
    const Size size = sized ? frame.whole : ports_.picture.canvas.width > 0 ? ports_.picture.canvas : frame.content;
    std::vector<std::int64_t> shape = {size.height, size.width, 3};
    if (sized)
      shape = ports_.picture.planar ? std::vector<std::int64_t>{1, 3, size.height, size.width}
                                    : std::vector<std::int64_t>{1, size.height, size.width, 3};
    return {.role = "encoder",
            .outputs = ports_.embeddings,
            .typical = {std::move(shape)},
            .fixed = sized && !ports_.picture.raw,
            .batches = sized,
            .keep = Keep::always};
  }

  Graph decoder() const {
    std::vector<std::vector<std::int64_t>> typical;
    for (const SamPort& port : ports_.inputs) {
      typical.push_back(port.shape);
      for (std::int64_t& extent : typical.back()) extent = extent < 0 ? 1 : extent;
    }
    return {.role = "decoder",
            .outputs = {ports_.masks, ports_.scores},
            .typical = std::move(typical),
            .fixed = false,
            .batches = false,
            .keep = Keep::never};
  }

  std::vector<PromptedThing> things_in(Size size, const Context& context) const {
    const std::string name = context.name();
    std::vector<PromptGroup> groups = options_.groups;
    if (options_.file) {
      if (const auto known = options_.file->pictures.find(name); known != options_.file->pictures.end())
        groups = known->second;
    }
    return things_of(groups, size, name);
  }

  // The picture is freed here: nothing but its size is needed later.
  std::shared_ptr<const Tensor> preprocess(Image photo, const SamFrame& frame, Quality& quality) const {
    photo = as_rgb8(std::move(photo));
    const Measured measured = measure_quality(photo);
    quality = {measured.sharpness, measured.brightness};
    return std::make_shared<const Tensor>(sam_input(photo, frame, card_, ports_.picture));
  }

  std::vector<Detection> prompted(SamDecoder& decoder, const SamFrame& frame,
                                  const std::vector<PromptedThing>& things) const {
    constexpr std::size_t kInFlight = 64;
    std::vector<Detection> found;
    std::vector<SamDecoder::Asked> asked;
    for (std::size_t first = 0; first < things.size(); first += kInFlight) {
      const std::size_t end = std::min(things.size(), first + kInFlight);
      for (std::size_t i = first; i < end; ++i) asked.push_back(decoder.ask(things[i]));
      for (std::size_t i = first; i < end; ++i) {
        const SamAnswer answer = decoder.answer(std::move(asked[i - first]));
        const std::size_t best = answer.best();
        auto one = detection_of(sam_mask(answer.logits(best), frame, 0), answer.score(best), things[i].label);
        if (one) found.push_back(std::move(*one));
      }
      asked.clear();
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Detection& a, const Detection& b) { return a.box.score > b.box.score; });
    return found;
  }

  const SamPorts ports_;
  const models::ModelCard card_;
  const SamOptions options_;
  const ClassNames classes_;
};

}  // namespace

bool takes_prompts(const models::ModelCard& card) {
  return card.output.decoder == kSam || card.output.decoder == kSam2;
}

std::unique_ptr<Task> make_sam(const models::ModelCard& card, SamOptions options) {
  return std::make_unique<Sam>(card, std::move(options));
}

}  // namespace pixmill::tasks
