#include "tasks/segment/sam_frame.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "pixmill/core/resize.h"
#include "tasks/segment/enlarged.h"

namespace pixmill::tasks {
namespace {

constexpr int kChannels = 3;

int rounded(double value, int most) {
  return std::clamp(static_cast<int>(value + 0.5), 1, most);
}

std::vector<float> normalised(ImageView resized, const models::ModelCard& card, const SamPicture& input) {
  Normalise how{1.0F, card.input.mean, card.input.std, false, input.planar};
  if (card.input.scale == models::Scale::unit) how.scale = 1.0F / 255.0F;
  std::vector<float> values(static_cast<std::size_t>(resized.size().area()) * kChannels);
  normalise(resized, how, values);
  return values;
}

// `from`: planes or rows of `line` elements, `lines` of them in each of `planes`; `to` has larger ones.
template <typename T>
void copy_lines(const T* from, Size content, T* to, Size canvas, bool planar) {
  const int planes = planar ? kChannels : 1, each = planar ? 1 : kChannels;
  const std::size_t line = static_cast<std::size_t>(content.width) * static_cast<std::size_t>(each);
  const std::size_t stride = static_cast<std::size_t>(canvas.width) * static_cast<std::size_t>(each);
  for (int plane = 0; plane < planes; ++plane) {
    T* row = to + static_cast<std::size_t>(plane) * stride * static_cast<std::size_t>(canvas.height);
    for (int y = 0; y < content.height; ++y, from += line, row += stride) std::memcpy(row, from, line * sizeof(T));
  }
}

std::vector<std::int64_t> shape_of(Size canvas, const SamPicture& input) {
  if (input.flat) return {canvas.height, canvas.width, kChannels};
  if (input.planar) return {1, kChannels, canvas.height, canvas.width};
  return {1, canvas.height, canvas.width, kChannels};
}

// A sample's part in a value between two.
struct Between {
  int first = 0, second = 0;
  float weight = 0;  // of the second
};

// Position `at` of an enlargement of `samples` samples to `extent` positions, the middles of both ends aligned.
Between between(int at, int samples, int extent) {
  const float source = std::max(
      0.0F, (static_cast<float>(at) + 0.5F) * (static_cast<float>(samples) / static_cast<float>(extent)) - 0.5F);
  const int first = std::min(static_cast<int>(source), samples - 1);
  return {first, std::min(first + 1, samples - 1), source - static_cast<float>(first)};
}

// The rows and columns of the logits with a value above the threshold; no width where there are none.
Rect above(const SamLogits& logits, float threshold) {
  int left = logits.size.width, right = 0, top = logits.size.height, bottom = 0;
  const float* value = logits.values;
  for (int y = 0; y < logits.size.height; ++y) {
    for (int x = 0; x < logits.size.width; ++x, ++value) {
      if (!(*value > threshold)) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = y + 1;
    }
  }
  return left < right ? Rect{left, top, right - left, bottom - top} : Rect{};
}

// The pixels along one side that samples first..last of the logits may reach: two samples further on both sides.
// `covered`: pixels that all the samples cover.
void reach(int first, int count, int samples, double covered, int side, int& begin, int& extent) {
  const double per_sample = covered / samples;
  begin = std::clamp(static_cast<int>(std::floor((first - 2) * per_sample)), 0, side);
  extent = std::clamp(static_cast<int>(std::ceil((first + count + 2) * per_sample)), 0, side) - begin;
}

// A logit; what is no number is outside.
float finite(float value) {
  constexpr float kMost = 1e30F;
  return value > -kMost ? std::min(value, kMost) : -kMost;
}

// The logits at the samples of `part` of frame.whole, column by column.
Map enlarged(const SamLogits& logits, Size whole, const Rect& part, float threshold) {
  std::vector<Between> rows;
  for (int y = part.y; y < part.y + part.height; ++y) rows.push_back(between(y, logits.size.height, whole.height));
  Map map{part, {}};
  map.values.reserve(static_cast<std::size_t>(part.width) * static_cast<std::size_t>(part.height));
  std::vector<float> column(static_cast<std::size_t>(logits.size.height));
  for (int x = part.x; x < part.x + part.width; ++x) {
    const Between at = between(x, logits.size.width, whole.width);
    const int first = rows.front().first, last = rows.back().second;
    for (int y = first; y <= last; ++y) {
      const float* row = logits.values + static_cast<std::ptrdiff_t>(y) * logits.size.width;
      const float left = finite(row[at.first]), right = finite(row[at.second]);
      column[static_cast<std::size_t>(y)] = left + at.weight * (right - left) - threshold;
    }
    for (const Between& down : rows) {
      const float over = column[static_cast<std::size_t>(down.first)],
                  under = column[static_cast<std::size_t>(down.second)];
      map.values.push_back(over + down.weight * (under - over));
    }
  }
  return map;
}

}  // namespace

SamFrame sam_frame(Size picture, const models::ModelCard& card, const SamPicture& input) {
  const Size whole = card.input.size;
  if (card.input.fit != models::Fit::letterbox_corner) return {picture, whole, whole, false};
  Size box = whole;
  if (input.flat && input.canvas.width > 0)
    box = {std::min(box.width, input.canvas.width), std::min(box.height, input.canvas.height)};
  const double scale =
      std::min(static_cast<double>(box.width) / picture.width, static_cast<double>(box.height) / picture.height);
  return {
      picture, whole, {rounded(picture.width * scale, box.width), rounded(picture.height * scale, box.height)}, true};
}

Tensor sam_input(ImageView photo, const SamFrame& frame, const models::ModelCard& card, const SamPicture& input) {
  const Image resized = resize(photo, frame.content, card.input.filter);
  Size canvas = input.canvas;
  if (canvas.width == 0) canvas = input.raw ? frame.content : frame.whole;
  Tensor tensor(shape_of(canvas, input), input.type);
  if (canvas != frame.content) std::memset(tensor.data(), 0, tensor.bytes());
  if (input.type == ElementType::u8 && !input.planar) {
    copy_lines(resized.row<std::uint8_t>(0), frame.content, tensor.as<std::uint8_t>().data(), canvas, false);
    return tensor;
  }
  models::ModelCard plain = card;
  if (input.raw) {
    plain.input.mean = {0, 0, 0};
    plain.input.std = {1, 1, 1};
    plain.input.scale = models::Scale::none;
  }
  const std::vector<float> values = normalised(resized, plain, input);
  if (input.type == ElementType::u8) {
    const std::vector<std::uint8_t> bytes(values.begin(), values.end());
    copy_lines(bytes.data(), frame.content, tensor.as<std::uint8_t>().data(), canvas, true);
  } else {
    copy_lines(values.data(), frame.content, tensor.as<float>().data(), canvas, input.planar);
  }
  return tensor;
}

RunMask sam_mask(const SamLogits& logits, const SamFrame& frame, float threshold) {
  const Rect near = above(logits, threshold);
  const bool whole = frame.cut && logits.size != frame.content;  // they cover all that the model saw
  const Size covered = whole ? frame.whole : frame.content;
  Rect window;
  reach(near.x, near.width, logits.size.width,
        static_cast<double>(frame.picture.width) * covered.width / frame.content.width, frame.picture.width, window.x,
        window.width);
  reach(near.y, near.height, logits.size.height,
        static_cast<double>(frame.picture.height) * covered.height / frame.content.height, frame.picture.height,
        window.y, window.height);
  if (near.width == 0 || window.width <= 0 || window.height <= 0) return RunMaskBuilder(frame.picture).take();
  const Size samples = whole ? frame.content : logits.size;
  const Grid grid = grid_of({samples, {0, 0, samples.width, samples.height}}, frame.picture, samples);
  const Map map = enlarged(logits, whole ? frame.whole : logits.size, samples_for(grid, window), threshold);
  return above_zero(map, grid, window, frame.picture);
}

}  // namespace pixmill::tasks
