#include "tasks/restore/tile_input.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/planes.h"
#include "pixmill/core/resize.h"
#include "tasks/restore/tile_plan.h"

namespace pixmill::tasks {
namespace {

constexpr float kRed = 0.299F, kGreen = 0.587F, kBlue = 0.114F;

bool takes_colour(const models::InputSpec& spec) {
  return spec.color != models::Color::luma;
}

// What a sample of 0..1 becomes for the model: (sample * scale + shift - mean) / std.
struct Levels {
  float scale = 1.0F, shift = 0.0F;
};

Levels levels_of(const models::InputSpec& spec) {
  switch (spec.scale) {
    case models::Scale::symmetric: return {2.0F, -1.0F};
    case models::Scale::none: return {255.0F, 0.0F};
    case models::Scale::unit:
    case models::Scale::image_max: break;
  }
  return {};
}

// Whether what the model takes and gives are the planes of 0..1 themselves.
bool is_plain(const models::InputSpec& spec) {
  constexpr std::array<float, 3> kZero = {0, 0, 0}, kOne = {1, 1, 1};
  return spec.scale == models::Scale::unit && spec.mean == kZero && spec.std == kOne &&
         spec.color != models::Color::bgr;
}

std::string text_of(Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

std::size_t place_in_model(const models::InputSpec& spec, std::size_t channel) {
  return spec.color == models::Color::bgr ? 2 - channel : channel;
}

// A plane of the window in f32, 0..1: a channel of it, or its brightness.
void read_plane(ImageView window, int channel, std::vector<float>& plane) {
  const auto width = static_cast<std::size_t>(window.width());
  const auto row_of = [&](int y) { return std::span(plane).subspan(static_cast<std::size_t>(y) * width, width); };
  std::vector<float> green(width), blue(width);
  for (int y = 0; y < window.height(); ++y) {
    const std::span<float> row = row_of(y);
    read_row(window, y, window.channels() == 1 ? 0 : std::max(channel, 0), row);
    if (window.channels() == 1 || channel >= 0) continue;
    read_row(window, y, 1, green);
    read_row(window, y, 2, blue);
    for (std::size_t x = 0; x < width; ++x) row[x] = kRed * row[x] + kGreen * green[x] + kBlue * blue[x];
  }
}

}  // namespace

Planes::Planes(Size size, int count)
    : size_(size), count_(count), values_({count, size.height, size.width}, ElementType::f32) {
  std::fill(values().begin(), values().end(), 0.0F);
}

Planes::Planes(Size size, int count, Tensor&& values) : size_(size), count_(count), values_(std::move(values)) {}

Image cut_window(ImageView picture, const Rect& window) {
  Image cut({window.width, window.height}, picture.channels(), picture.type());
  const std::size_t pixel = static_cast<std::size_t>(picture.channels()) * bytes_of(picture.type());
  const int inside_from = std::clamp(-window.x, 0, window.width);
  const int inside_to = std::clamp(picture.width() - window.x, inside_from, window.width);
  for (int y = 0; y < window.height; ++y) {
    const std::byte* const from = picture.row_bytes(reflected(window.y + y, picture.height()));
    std::byte* const to = cut.data() + static_cast<std::size_t>(y) * cut.stride();
    const auto copy_pixels = [&](int x, int source, int count) {
      std::memcpy(to + static_cast<std::size_t>(x) * pixel, from + static_cast<std::size_t>(source) * pixel,
                  static_cast<std::size_t>(count) * pixel);
    };
    if (inside_to > inside_from) copy_pixels(inside_from, window.x + inside_from, inside_to - inside_from);
    for (int x = 0; x < inside_from; ++x) copy_pixels(x, reflected(window.x + x, picture.width()), 1);
    for (int x = inside_to; x < window.width; ++x) copy_pixels(x, reflected(window.x + x, picture.width()), 1);
  }
  return cut;
}

std::vector<std::int64_t> tile_shape(Size size, const models::InputSpec& spec) {
  const std::int64_t channels = takes_colour(spec) ? 3 : 1;
  if (spec.planar) return {1, channels, size.height, size.width};
  return {1, size.height, size.width, channels};
}

std::shared_ptr<const Tensor> tile_input(ImageView window, const models::InputSpec& spec, int channel) {
  auto tensor = std::make_shared<Tensor>(tile_shape(window.size(), spec), ElementType::f32);
  const std::span<float> out = tensor->as<float>();
  const Levels levels = levels_of(spec);
  const std::size_t pixels = static_cast<std::size_t>(window.size().area());
  if (takes_colour(spec) && window.channels() == 3 && window.type() == PixelType::u8) {
    Normalise how{levels.scale / 255.0F, spec.mean, spec.std, spec.color == models::Color::bgr, spec.planar};
    for (float& mean : how.mean) mean -= levels.shift;
    normalise(window, how, out);
    return tensor;
  }
  std::vector<float> plane(pixels);
  const std::size_t channels = takes_colour(spec) ? 3 : 1;
  for (std::size_t c = 0; c < channels; ++c) {
    if (c == 0 || window.channels() == 3) read_plane(window, takes_colour(spec) ? static_cast<int>(c) : channel, plane);
    const std::size_t at = takes_colour(spec) ? place_in_model(spec, c) : 0;
    float* to = out.data() + (spec.planar ? at * pixels : at);
    const std::size_t step = spec.planar ? 1 : channels;
    for (const float value : plane) {
      *to = (value * levels.scale + levels.shift - spec.mean[at]) / spec.std[at];
      to += step;
    }
  }
  return tensor;
}

Planes read_tile(Tensor output, const models::ModelCard& card, Size given, Size expected) {
  const std::size_t channels = takes_colour(card.input) ? 3 : 1;
  const std::vector<std::int64_t>& shape = output.shape();
  const auto side = [](std::int64_t value) { return static_cast<int>(std::clamp<std::int64_t>(value, 0, 1 << 30)); };
  const bool ranked = shape.size() == 4 && shape[0] == 1 && output.type() == ElementType::f32;
  const bool planar = ranked && shape[1] == static_cast<std::int64_t>(channels) && side(shape[2]) == expected.height;
  const bool interleaved = ranked && !planar && shape[3] == static_cast<std::int64_t>(channels);
  const Size size = !ranked       ? Size()
                    : interleaved ? Size{side(shape[2]), side(shape[1])}
                                  : Size{side(shape[3]), side(shape[2])};
  if ((!planar && !interleaved) || size != expected) {
    throw Error(ErrorCode::bad_model,
                card.id + ": made " + (ranked ? text_of(size) : std::string("no picture")) + " of " + text_of(given) +
                    ", and its card says " + text_of(expected),
                "check `factor`, `margin` and `color` in its card");
  }
  const Levels levels = levels_of(card.input);
  if (planar && is_plain(card.input)) return {expected, static_cast<int>(channels), std::move(output)};
  Planes planes(expected, static_cast<int>(channels));
  const auto pixels = static_cast<std::size_t>(expected.area());
  for (std::size_t c = 0; c < channels; ++c) {
    const std::size_t at = place_in_model(card.input, c);
    const float factor = card.input.std[at] / levels.scale;
    const float offset = (card.input.mean[at] - levels.shift) / levels.scale;
    const float* from = output.as<float>().data() + (planar ? at * pixels : at);
    const std::size_t step = planar ? 1 : channels;
    float* const to = planes.row(static_cast<int>(c), 0);
    for (std::size_t i = 0; i < pixels; ++i) to[i] = from[i * step] * factor + offset;
  }
  return planes;
}

}  // namespace pixmill::tasks
