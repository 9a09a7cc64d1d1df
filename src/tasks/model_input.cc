#include "pixmill/tasks/model_input.h"

#include <algorithm>
#include <cmath>

#include "pixmill/core/composite.h"
#include "pixmill/core/resize.h"

namespace pixmill::tasks {
namespace {

constexpr std::uint8_t kPadding = 114;  // the gray that letterboxed models are trained with

Size floored(double width, double height, int multiple) {
  const auto floor_to = [multiple](double extent) {
    return std::max(multiple, static_cast<int>(extent) / multiple * multiple);
  };
  return {floor_to(width), floor_to(height)};
}

Size by_short_side(Size photo, int target, int multiple) {
  const int shorter = std::min(photo.width, photo.height), longer = std::max(photo.width, photo.height);
  const double scale = longer < target || shorter > target ? static_cast<double>(target) / shorter : 1.0;
  const double cap = static_cast<double>(kLongestSides) * target;
  return floored(std::min(photo.width * scale, cap), std::min(photo.height * scale, cap), multiple);
}

// The longer side is rounded down, as torchvision does it.
Size by_exact_short_side(Size photo, int target) {
  const auto scaled = [&](int longer, int shorter) {
    return static_cast<int>(std::int64_t{target} * longer / shorter);
  };
  if (photo.width <= photo.height) return {target, scaled(photo.height, photo.width)};
  return {scaled(photo.width, photo.height), target};
}

// The largest size of the photo's proportions in `box`, as the families round it: those that centre it to the nearest,
// a half to the even one (YOLO), the others down (YOLOX).
Size inside(Size photo, Size box, bool nearest) {
  constexpr double kSlack = 1e-9;  // of a product that is a whole number but for its last bits
  const double scale =
      std::min(static_cast<double>(box.width) / photo.width, static_cast<double>(box.height) / photo.height);
  const auto scaled = [&](int side, int limit) {
    const double exact = side * scale;
    return std::clamp(static_cast<int>(nearest ? std::nearbyint(exact) : std::floor(exact + kSlack)), 1, limit);
  };
  return {scaled(photo.width, box.width), scaled(photo.height, box.height)};
}

// A box filter reduces by area; enlarging by it would repeat pixels, which no reference does.
Filter filter_for(Size from, Size to, Filter filter) {
  const bool enlarges = to.width > from.width || to.height > from.height;
  return filter == Filter::box && enlarges ? Filter::bilinear : filter;
}

Normalise normalisation(const models::InputSpec& spec, ImageView resized) {
  Normalise how{1.0F, spec.mean, spec.std, spec.color == models::Color::bgr, spec.planar};
  switch (spec.scale) {
    case models::Scale::unit: how.scale = 1.0F / 255.0F; break;
    case models::Scale::image_max: how.scale = 1.0F / std::max<float>(maximum(resized), 1e-6F); break;
    case models::Scale::symmetric:
      how.scale = 1.0F / 127.5F;
      for (float& mean : how.mean) mean += 1.0F;
      break;
    case models::Scale::none: break;
  }
  return how;
}

}  // namespace

Placement place_input(Size photo, const models::InputSpec& spec) {
  switch (spec.fit) {
    case models::Fit::stretch:
    case models::Fit::tile: break;
    case models::Fit::short_side: {
      const Size input = by_short_side(photo, spec.size.width, std::max(spec.multiple, 1));
      return {input, {0, 0, input.width, input.height}};
    }
    case models::Fit::center_crop: {
      const Size whole = by_exact_short_side(photo, spec.short_side);
      const auto start = [](int from, int to) { return -static_cast<int>(std::nearbyint((from - to) / 2.0)); };
      return {spec.size,
              {start(whole.width, spec.size.width), start(whole.height, spec.size.height), whole.width, whole.height}};
    }
    case models::Fit::letterbox:
    case models::Fit::letterbox_corner: {
      const bool centred = spec.fit == models::Fit::letterbox;
      const Size inner = inside(photo, spec.size, centred);
      const auto start = [&](int whole, int part) { return centred ? (whole - part) / 2 : 0; };
      return {spec.size,
              {start(spec.size.width, inner.width), start(spec.size.height, inner.height), inner.width, inner.height}};
    }
  }
  return {spec.size, {0, 0, spec.size.width, spec.size.height}};
}

std::vector<std::int64_t> input_shape(Size size, const models::InputSpec& spec) {
  if (spec.planar) return {1, 3, size.height, size.width};
  return {1, size.height, size.width, 3};
}

Tensor model_input(ImageView photo, const models::InputSpec& spec) {
  return model_input(photo, spec, place_input(photo.size(), spec));
}

Tensor model_input(ImageView photo, const models::InputSpec& spec, const Placement& placed) {
  const auto& [input, content] = placed;
  const Size inner = {content.width, content.height};
  const Filter filter = filter_for(photo.size(), inner, spec.filter);
  const bool cropped = spec.fit == models::Fit::center_crop;
  Image resized = cropped ? resize_part(photo, inner, {-content.x, -content.y, input.width, input.height}, filter)
                          : resize(photo, inner, filter);
  const Normalise how = normalisation(spec, resized);
  if (!cropped && inner != input) {
    resized = place(resized, input, content.x, content.y, {kPadding, kPadding, kPadding, 255});
  }
  Tensor tensor(input_shape(input, spec), ElementType::f32);
  normalise(resized, how, tensor.as<float>());
  return tensor;
}

}  // namespace pixmill::tasks
