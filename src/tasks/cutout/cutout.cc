// The cut-out task: what happens in which order.
#include "pixmill/tasks/cutout.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
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
  const models::ModelCard& card() const override { return card_; }
  std::vector<int> wanted_outputs() const override { return {card_.output.index}; }

  std::vector<std::int64_t> input_shape() const override {
    const Size size = place_input({1500, 1000}, card_.input).input;  // photographs are 3:2 more often than not
    if (card_.input.planar) return {1, 3, size.height, size.width};
    return {1, size.height, size.width, 3};
  }

  Tensor preprocess(ImageView photo) const override {
    if (photo.type() == PixelType::u8 && photo.channels() == 3) return model_input(photo, card_.input);
    return model_input(to_rgb8(photo), card_.input);
  }

  std::vector<Output> postprocess(std::vector<Tensor> outputs, Image photo) const override {
    if (outputs.size() != 1) {
      throw Error(ErrorCode::internal, "a cut-out needs one output, got " + std::to_string(outputs.size()));
    }
    const Image small = without_padding(decode_matte(outputs.front(), card_), photo.size(), card_.input);
    return compose(small, take_apart(std::move(photo)));
  }

 private:
  // Enlarge, refine, threshold, feather; estimate the subject's colours; multiply the photo's own alpha in; crop and
  // scale; shadow; background. The mask is the same matte in the same frame, without shadow.
  std::vector<Output> compose(const Image& small, Layers photo) const {
    std::vector<Output> results;
    Image matte = matte_for(small, photo.seen(), options_);
    Image colours;
    if (options_.picture) colours = coloured(photo, matte);
    if (!photo.alpha.empty()) multiply(matte, photo.alpha);
    const Frame frame = frame_of(matte, options_);
    if (options_.picture) {
      Image picture = show(with_alpha(colours, matte), frame);
      if (options_.shadow) cast_shadow(picture);
      picture = lay_on(std::move(picture), options_.background, frame, photo.seen(), matte);
      results.push_back({"picture", std::move(picture)});
    }
    if (options_.mask) results.push_back({"mask", show(to_u8(matte), frame)});
    return results;
  }

  // The blurred background needs the photo again; otherwise its memory is given away.
  Image coloured(Layers& photo, const Image& matte) const {
    const bool again = options_.background.kind == Background::Kind::blur && photo.flat.empty();
    Image colours = again ? photo.colours.clone() : std::move(photo.colours);
    return options_.foreground == Foreground::estimate ? subject_colours(std::move(colours), matte)
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
