#include "tasks/detections/finding.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "tasks/detections/panorama.h"
#include "tasks/detections/slices.h"

namespace pixmill::tasks {
namespace {

float mapped(float value, int start, int extent, int whole) {
  return (value - static_cast<float>(start)) * (static_cast<float>(whole) / static_cast<float>(extent));
}

}  // namespace

Point in_picture(Point point, const Placement& placed, Size picture) {
  const Rect& content = placed.content;
  return {mapped(point.x, content.x, content.width, picture.width),
          mapped(point.y, content.y, content.height, picture.height)};
}

Box in_picture(Box box, const Placement& placed, Size picture) {
  const auto cut = [&](float x, float y) {
    const Point point = in_picture(Point{x, y}, placed, picture);
    return Point{std::clamp(point.x, 0.0F, static_cast<float>(picture.width)),
                 std::clamp(point.y, 0.0F, static_cast<float>(picture.height))};
  };
  const Point first = cut(box.left, box.top), last = cut(box.right, box.bottom);
  return {first.x, first.y, last.x, last.y, std::min(box.score, 1.0F), box.label};
}

ClassNames names_of(const models::ModelCard& card, int classes) {
  std::vector<std::string> names = card.output.classes;
  for (int label = static_cast<int>(names.size()); label < classes; ++label) names.push_back(std::to_string(label));
  return shared_names(std::move(names));
}

void require_named(const models::ModelCard& card, int classes) {
  const std::size_t named = card.output.classes.size();
  if (named == 0 || named == static_cast<std::size_t>(classes)) return;
  throw Error(ErrorCode::bad_model,
              "model '" + card.id + "' tells " + std::to_string(classes) + " classes apart, " + std::to_string(named) +
                  " are named",
              "correct `output.classes` in its card, or the file of --names");
}

Image as_rgb8(Image photo) {
  const bool rgb8 = photo.type() == PixelType::u8 && photo.channels() == 3;
  return rgb8 ? std::move(photo) : to_rgb8(photo);
}

void require_usable(bool good, const std::string& message, const std::string& hint) {
  if (!good) throw Error(ErrorCode::usage, message, hint);
}

void require_whole_pictures(const models::ModelCard& card, const DetectOptions& options, std::string_view they) {
  require_usable(card.input.color != models::Color::luma && card.input.fit != models::Fit::tile,
                 "the card of model '" + card.id + "' asks for gray pictures or tiles, " + std::string(they) +
                     " see whole ones in colour",
                 "correct `input` in its card");
  require_usable(!options.equirect || options.slice == 0, "--equirect and --slice are two ways to look at a picture",
                 "leave one of them out");
  require_usable(options.overlap >= 0.0 && options.overlap <= 1.0, "the overlap must be from 0 to 1", "0.45 is usual");
}

Graph only_graph(const models::InputSpec& input, int outputs) {
  std::vector<int> read(static_cast<std::size_t>(outputs));
  std::iota(read.begin(), read.end(), 0);
  const Size size = place_input({1500, 1000}, input).input;  // photographs are 3:2 more often than not
  return {.role = "model",
          .outputs = std::move(read),
          .typical = {input_shape(size, input)},
          .fixed = input.fit != models::Fit::short_side};
}

Cost cost_of(Size picture, const models::ModelCard& card, const DetectOptions& options) {
  constexpr std::int64_t kBytesPerPixel = 8 + 3, kBytesPerInput = 3 + 3 + 3 * 4, kPixelsPerRow = 16;
  const std::int64_t input = place_input(picture, card.input).input.area();
  const auto columns = static_cast<std::int64_t>(std::max<std::size_t>(card.output.classes.size(), 80) + 5);
  const std::int64_t output = input / kPixelsPerRow * columns * 4;
  if (options.equirect) return cost_around(picture, card, input * kBytesPerInput + output);
  const auto slices =
      options.slice > 0 ? static_cast<std::int64_t>(windows(picture, options.slice, options.slice_overlap).size()) : 0;
  const std::int64_t looks = 1 + std::min<std::int64_t>(slices, kWindowsAtOnce);
  const std::int64_t bytes = picture.area() * kBytesPerPixel + looks * (input * kBytesPerInput + output);
  return {.bytes = static_cast<std::size_t>(bytes), .inferences = 1 + slices};
}

}  // namespace pixmill::tasks
