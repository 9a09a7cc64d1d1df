#include "measure/subject_input.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/tasks/model_input.h"

namespace pixmill::measure {
namespace {

Image middle_of(const Image& photo, Size size) {
  if (photo.width() < size.width || photo.height() < size.height) return cover(photo, size);
  const Rect middle = {(photo.width() - size.width) / 2, (photo.height() - size.height) / 2, size.width, size.height};
  return copy(photo.view().crop(middle));
}

// BT.601, in all three channels.
Image as_luma(Image photo) {
  for (int y = 0; y < photo.height(); ++y) {
    std::uint8_t* pixel = photo.row<std::uint8_t>(y);
    for (int x = 0; x < photo.width(); ++x, pixel += 3) {
      const double luma = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
      std::fill_n(pixel, 3, static_cast<std::uint8_t>(std::lround(luma)));
    }
  }
  return photo;
}

Tensor first_channel(const Tensor& input, bool planar) {
  const std::vector<std::int64_t>& shape = input.shape();
  const std::int64_t height = shape[planar ? 2 : 1], width = shape[planar ? 3 : 2];
  Tensor channel(
      planar ? std::vector<std::int64_t>{1, 1, height, width} : std::vector<std::int64_t>{1, height, width, 1},
      ElementType::f32);
  const float* from = input.as<float>().data();
  const std::ptrdiff_t step = planar ? 1 : 3;
  for (float& value : channel.as<float>()) {
    value = *from;
    from += step;
  }
  return channel;
}

}  // namespace

Tensor plain_input(const Image& photo, const models::InputSpec& spec) {
  const bool tile = spec.fit == models::Fit::tile, luma = spec.color == models::Color::luma;
  Image seen = tile ? middle_of(photo, spec.size) : photo.clone();
  if (luma) seen = as_luma(std::move(seen));
  Tensor input = tasks::model_input(seen, spec);
  return luma ? first_channel(input, spec.planar) : std::move(input);
}

models::ModelCard plain_card(const std::string& name, const ModelSignature& signature) {
  const Port& port = signature.inputs.front();
  const auto is_colour = [&](std::size_t dimension) {
    return port.shape[dimension] == 3 || port.shape[dimension] == 1;
  };
  models::ModelCard card;
  card.id = name;
  card.licence = "unknown";
  card.output.decoder = "none";
  card.input.planar = is_colour(1) || !is_colour(3);
  const std::int64_t channels = port.shape[card.input.planar ? 1 : 3];
  if (channels > 0 && channels != 1 && channels != 3) {
    throw Error(ErrorCode::bad_model, name + " takes " + std::to_string(channels) + " channels, a picture has 3 or 1");
  }
  if (channels == 1) card.input.color = models::Color::luma;
  constexpr std::int64_t kLargestSide = 16384;  // as a card may have it
  if (*std::max_element(port.shape.begin(), port.shape.end()) > kLargestSide)
    throw Error(ErrorCode::bad_model,
                name + " needs pictures above " + std::to_string(kLargestSide) + " pixels a side");
  const auto side = [&](std::size_t dimension) {
    return port.shape[dimension] > 0 ? static_cast<int>(port.shape[dimension]) : kPlainSide;
  };
  const std::size_t row = card.input.planar ? 2 : 1;
  card.input.size = {side(row + 1), side(row)};
  if (port.shape.front() > 0) card.runtime.batch = static_cast<int>(port.shape.front());
  return card;
}

}  // namespace pixmill::measure
