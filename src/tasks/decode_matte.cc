// From a model's output to a matte.
#include <algorithm>
#include <cmath>
#include <string>

#include "pixmill/core/error.h"
#include "pixmill/tasks/decode_matte.h"

namespace pixmill::tasks {
namespace {

// A map whose values differ by less shows nothing: stretching it to 0..1 would turn noise into a subject.
constexpr float kFlat = 0.02F;
constexpr std::int64_t kFewChannels = 4;

// One channel in a dense tensor: element (y, x) of channel c is at c * channel_step + (y * width + x) * pixel_step.
struct Layout {
  Size size;
  std::int64_t channels = 1;
  std::int64_t channel_step = 0;
  std::int64_t pixel_step = 1;
};

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

[[noreturn]] void refuse(const models::ModelCard& card, const std::string& what) {
  throw Error(ErrorCode::bad_model, "model '" + card.id + "': " + what,
              "check `output` in the model's card, or try another model, precision or device");
}

// Whether the channels of a 4-dimensional output come last: they are the fewer ones, if they are few; else it is as
// with the input.
bool channels_last(const std::vector<std::int64_t>& shape, const models::ModelCard& card) {
  const std::int64_t first = shape[1], last = shape[3];
  return first == last || std::min(first, last) > kFewChannels ? !card.input.planar : last < first;
}

// [1,C,H,W], [1,H,W,C], [1,H,W] or [H,W].
Layout layout_of(const Tensor& output, const models::ModelCard& card) {
  const std::vector<std::int64_t>& shape = output.shape();
  const bool planes = shape.size() == 4 || shape.size() == 3;
  if ((!planes && shape.size() != 2) || (planes && shape[0] != 1) ||
      std::any_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent < 1 || extent > 1 << 20; })) {
    refuse(card, "its output of shape " + text_of(shape) + " is not a matte");
  }
  const auto size = [](std::int64_t width, std::int64_t height) {
    return Size{static_cast<int>(width), static_cast<int>(height)};
  };
  if (shape.size() == 2) return {size(shape[1], shape[0])};
  if (shape.size() == 3) return {size(shape[2], shape[1])};
  if (channels_last(shape, card)) return {size(shape[2], shape[1]), shape[3], 1, shape[3]};
  return {size(shape[3], shape[2]), shape[1], shape[2] * shape[3], 1};
}

float sigmoid(float logit) {
  return 1.0F / (1.0F + std::exp(-logit));
}

// The share of `channel` among all channels of the pixel at `pixel`.
float softmax(const float* pixel, const Layout& layout, std::int64_t channel) {
  float largest = pixel[0];
  for (std::int64_t c = 1; c < layout.channels; ++c) largest = std::max(largest, pixel[c * layout.channel_step]);
  float sum = 0.0F;
  for (std::int64_t c = 0; c < layout.channels; ++c) sum += std::exp(pixel[c * layout.channel_step] - largest);
  return std::exp(pixel[channel * layout.channel_step] - largest) / sum;
}

float activate(const float* pixel, const Layout& layout, const models::OutputSpec& spec) {
  const float value = pixel[spec.channel * layout.channel_step];
  switch (spec.activation) {
    case models::Activation::sigmoid: return std::isfinite(value) ? sigmoid(value) : value;
    case models::Activation::softmax: return softmax(pixel, layout, spec.channel);
    case models::Activation::none: break;
  }
  return value;
}

void stretch_to_unit(Image& matte) {
  const std::size_t count = static_cast<std::size_t>(matte.size().area());
  float* values = matte.row<float>(0);
  const auto [low, high] = std::minmax_element(values, values + count);
  const float lowest = *low, range = *high - *low;
  if (range < kFlat) {
    std::fill_n(values, count, 0.0F);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) values[i] = (values[i] - lowest) / range;
}

}  // namespace

Image decode_matte(const Tensor& output, const models::ModelCard& card) {
  if (output.type() != ElementType::f32) {
    refuse(card, "its output has the type " + std::string(name_of(output.type())) + ", a matte must be f32");
  }
  const Layout layout = layout_of(output, card);
  if (card.output.channel < 0 || card.output.channel >= layout.channels) {
    refuse(card, "the card reads channel " + std::to_string(card.output.channel) + " of an output of shape " +
                     text_of(output.shape()));
  }
  Image matte(layout.size, 1, PixelType::f32);
  const float* pixel = output.as<float>().data();
  for (int y = 0; y < layout.size.height; ++y) {
    float* row = matte.row<float>(y);
    for (int x = 0; x < layout.size.width; ++x, pixel += layout.pixel_step) {
      row[x] = activate(pixel, layout, card.output);
      if (!std::isfinite(row[x])) refuse(card, "its matte holds a value that is not a number or infinite");
    }
  }
  if (card.output.rescale == models::Rescale::minmax) stretch_to_unit(matte);
  for (int y = 0; y < layout.size.height; ++y) {
    float* row = matte.row<float>(y);
    for (int x = 0; x < layout.size.width; ++x) row[x] = std::clamp(row[x], 0.0F, 1.0F);
  }
  return matte;
}

}  // namespace pixmill::tasks
