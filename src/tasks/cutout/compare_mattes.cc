#include "tasks/cutout/compare_mattes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "pixmill/core/resize.h"
#include "pixmill/tasks/decode_matte.h"
#include "pixmill/tasks/model_input.h"
#include "tasks/compare/numbers.h"

namespace pixmill::tasks {
namespace {

constexpr float kHalf = 0.5F;

std::span<const float> plane(ImageView matte) {
  return {matte.row<float>(0), static_cast<std::size_t>(matte.size().area())};
}

Agreement compare(const models::ModelCard& card, std::span<const Tensor> reference, std::span<const Tensor> got) {
  const Image a = decode_matte(reference.front(), card), b = decode_matte(got.front(), card);
  return {difference(plane(a), plane(b)), overlap(a, b)};
}

// The matte of the photo, enlarged to the mask; both cut at a half.
double true_overlap(const models::ModelCard& card, const Tensor& output, Size photo, ImageView mask) {
  const Image small = decode_matte(output, card);
  const Placement placed = place_input(photo, card.input);
  const auto scaled = [](int value, int from, int to) {
    return static_cast<int>(std::lround(static_cast<double>(value) * to / from));
  };
  const Rect content = {scaled(placed.content.x, placed.input.width, small.width()),
                        scaled(placed.content.y, placed.input.height, small.height()),
                        std::max(1, scaled(placed.content.width, placed.input.width, small.width())),
                        std::max(1, scaled(placed.content.height, placed.input.height, small.height()))};
  const Image matte = resize(small.view().crop(content), mask.size(), Filter::bilinear);
  Image truth(mask.size(), 1, PixelType::f32);
  for (int y = 0; y < mask.height(); ++y) {
    const std::uint8_t* row = mask.row<std::uint8_t>(y);
    std::transform(row, row + mask.width(), truth.row<float>(y),
                   [](std::uint8_t v) { return static_cast<float>(v) / 255.0F; });
  }
  return overlap(truth, matte);
}

}  // namespace

const Comparison kMattes = {.name = "IoU",
                            .mean_score = 0.99,
                            .worst_score = 0.9,
                            .mean_error = 0.004,
                            .loss = "mean difference of the mattes, 0 to 1",
                            .loss_is_error = true,
                            .compare = compare,
                            .truth = true_overlap};

double overlap(ImageView reference, ImageView got) {
  const std::span<const float> a = plane(reference), b = plane(got);
  std::size_t both = 0, either = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += a[i] > kHalf && b[i] > kHalf ? 1 : 0;
    either += a[i] > kHalf || b[i] > kHalf ? 1 : 0;
  }
  return either == 0 ? 1.0 : static_cast<double>(both) / static_cast<double>(either);
}

}  // namespace pixmill::tasks
