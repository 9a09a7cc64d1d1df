// The cut-out task: what happens in which order.
#include "pixmill/tasks/cutout.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/core/foreground.h"
#include "pixmill/tasks/decode_matte.h"
#include "pixmill/tasks/model_input.h"
#include "tasks/cutout/background.h"
#include "tasks/cutout/frame.h"
#include "tasks/cutout/matte.h"
#include "tasks/cutout/shadow.h"

namespace pixmill::tasks {
namespace {

constexpr float kLargestMargin = 0.45F;

void require(bool good, const std::string& message, const std::string& hint) {
  if (!good) throw Error(ErrorCode::usage, message, hint);
}

void validate(const models::ModelCard& card, const CutoutOptions& options) {
  require(card.task == "cutout" && card.output.decoder == "matte",
          "model '" + card.id + "' does not make mattes (task " + card.task + ", decoder " + card.output.decoder + ")",
          "choose a model for cutout");
  require(card.input.size.width > 0 && card.input.size.height > 0,
          "the card of model '" + card.id + "' has no input size", "set input.size");
  require(options.picture || options.mask, "neither the picture nor the mask is requested", "request one of them");
  require(options.background.kind != Background::Kind::picture || options.background.picture != nullptr,
          "the background picture is missing", "name a picture that can be read");
  require(!options.threshold || (*options.threshold >= 0.0F && *options.threshold <= 1.0F),
          "the threshold must be from 0 to 1", "0.5 is usual");
  require(std::isfinite(options.feather) && options.feather >= 0.0F, "the feather must not be negative", "");
  require(options.margin >= 0.0F && options.margin <= kLargestMargin, "the margin must be from 0 to 45%", "");
  require(!options.canvas || (options.canvas->width > 0 && options.canvas->height > 0),
          "the canvas must have a width and a height", "for example 2000x2000");
}

// The part of a matte that shows the photo and not the padding around it.
Image without_padding(Image matte, Size photo, const models::InputSpec& spec) {
  const auto [input, content] = place_input(photo, spec);
  if (Size{content.width, content.height} == input) return matte;
  const auto scaled = [](int value, int from, int to) {
    return static_cast<int>(std::lround(static_cast<double>(value) * to / from));
  };
  const int left = scaled(content.x, input.width, matte.width()), top = scaled(content.y, input.height, matte.height());
  const int right = scaled(content.x + content.width, input.width, matte.width());
  const int bottom = scaled(content.y + content.height, input.height, matte.height());
  const int x = std::min(left, matte.width() - 1), y = std::min(top, matte.height() - 1);
  return copy(matte.view().crop({x, y, std::max(1, right - x), std::max(1, bottom - y)}));
}

class Cutout final : public Task {
 public:
  Cutout(models::ModelCard card, CutoutOptions options) : card_(std::move(card)), options_(std::move(options)) {
    validate(card_, options_);
  }

  std::string_view name() const override { return "cutout"; }
  std::string key() const override { return models::result_text(card_) + "arithmetic: 1\n"; }

  std::vector<Graph> graphs() const override {
    const Size size = place_input({1500, 1000}, card_.input).input;  // photographs are 3:2 more often than not
    return {{.role = "model",
             .outputs = {card_.output.index},
             .typical = {input_shape(size, card_.input)},
             .fixed = card_.input.fit != models::Fit::short_side}};
  }

  std::vector<Product> products() const override {
    std::vector<Product> products;
    if (options_.picture) products.push_back({.role = "picture"});
    if (options_.mask) products.push_back({.role = "mask", .suffix = "_mask", .format = codecs::Format::png});
    return products;
  }

  // The decoded photo, its enlarged matte (f32), the foreground and the result, at their largest moment; the tensors.
  Cost cost(Size picture) const override {
    constexpr std::int64_t kBytesPerPixel = 20;
    const std::int64_t pixels = picture.area() + (options_.canvas ? options_.canvas->area() : 0);
    const std::int64_t samples = place_input(picture, card_.input).input.area() * (3 + 1);
    return {.bytes =
                static_cast<std::size_t>(pixels * kBytesPerPixel) + static_cast<std::size_t>(samples) * sizeof(float)};
  }

  Size result_size(Size picture) const override { return options_.canvas.value_or(picture); }

  void run(Image picture, Context& context) const override {
    std::vector<Tensor> outputs = context.infer(0, {preprocess(picture)}).get();
    if (outputs.size() != 1)
      throw Error(ErrorCode::internal, "a cut-out needs one output, got " + std::to_string(outputs.size()));
    const Image small = without_padding(decode_matte(outputs.front(), card_), picture.size(), card_.input);
    outputs.clear();
    compose(small, take_apart(std::move(picture)), context);
  }

 private:
  std::shared_ptr<const Tensor> preprocess(ImageView photo) const {
    const bool rgb8 = photo.type() == PixelType::u8 && photo.channels() == 3;
    return std::make_shared<const Tensor>(rgb8 ? model_input(photo, card_.input)
                                               : model_input(to_rgb8(photo), card_.input));
  }

  // Enlarge, refine, threshold, feather; estimate the subject's colours; multiply the photo's own alpha in; crop and
  // scale; shadow; background. The mask is the same matte in the same frame, without shadow.
  void compose(const Image& small, Layers photo, Context& context) const {
    Matte matte = matte_for(small, photo.seen(), photo.colours.type(), options_);
    Image colours;
    if (options_.picture) colours = coloured(photo, matte);
    if (!photo.alpha.empty()) matte = multiplied(matte, photo.alpha);
    const Frame frame = frame_of(matte, options_);
    if (options_.picture) {
      Image picture = show(with_alpha(colours, matte), frame);
      if (options_.shadow) cast_shadow(picture);
      picture = lay_on(std::move(picture), options_.background, frame, photo.seen(), matte);
      context.picture("picture", std::move(picture));
    }
    if (options_.mask) context.picture("mask", show(matte.to_u8(), frame));
  }

  // The blurred background needs the photo again; otherwise its memory is given away.
  Image coloured(Layers& photo, const Matte& matte) const {
    const bool again = options_.background.kind == Background::Kind::blur && photo.flat.empty();
    Image colours = again ? photo.colours.clone() : std::move(photo.colours);
    return options_.foreground == Foreground::estimate ? estimate_foreground(std::move(colours), matte)
                                                       : std::move(colours);
  }

  const models::ModelCard card_;
  const CutoutOptions options_;
};

}  // namespace

std::unique_ptr<Task> make_cutout(models::ModelCard card, CutoutOptions options) {
  return std::make_unique<Cutout>(std::move(card), std::move(options));
}

}  // namespace pixmill::tasks
