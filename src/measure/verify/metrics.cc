#include "measure/verify/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "pixmill/core/error.h"
#include "pixmill/core/resize.h"
#include "pixmill/tasks/boxes.h"
#include "pixmill/tasks/decode_matte.h"
#include "pixmill/tasks/model_input.h"

namespace pixmill::measure {

using tasks::Box;

namespace {

constexpr float kHalf = 0.5F;
constexpr float kConfidence = 0.25F, kWeaker = 0.05F;
constexpr double kPartner = 0.9;  // IoU

// What auto may take without asking. bf16 differs from fp32 by 1 of 256 levels or so in a picture (above 50 dB it is
// not visible), and by a hundredth in the direction of a vector, which is enough to change an order of search results.
constexpr Tolerance kTolerances[] = {
    {.measure = Measure::matte, .name = "IoU", .mean_score = 0.99, .worst_score = 0.9, .mean_error = 0.004},
    {.measure = Measure::picture, .name = "PSNR", .unit = "dB", .mean_score = 50, .worst_score = 45},
    {.measure = Measure::vector, .name = "cosine", .mean_score = 0.9995, .worst_score = 0.999},
    {.measure = Measure::boxes, .name = "boxes", .mean_score = 0.98, .worst_score = 0.75},
    {.measure = Measure::labels, .name = "labels", .mean_score = 0.995, .worst_score = 0.98},
    {.measure = Measure::tensor, .name = "cosine", .mean_score = 0.9995, .worst_score = 0.999},
};

Measure measure_of(const models::ModelCard& card) {
  const std::string& decoder = card.output.decoder;
  if (decoder == "matte") return Measure::matte;
  if (decoder == "picture") return Measure::picture;
  if (decoder == "vector") return Measure::vector;
  if (decoder == "classes" || decoder == "layers") return Measure::labels;
  return tasks::knows_boxes(decoder) ? Measure::boxes : Measure::tensor;
}

std::span<const float> plane(ImageView matte) {
  return {matte.row<float>(0), static_cast<std::size_t>(matte.size().area())};
}

// How many of `boxes` count, and how many of those have a partner among `others`.
struct Partners {
  int counted = 0, found = 0;
};
Partners partners(std::span<const Box> boxes, std::span<const Box> others) {
  Partners result;
  for (const Box& box : boxes) {
    if (box.score < kConfidence) continue;
    ++result.counted;
    result.found += std::any_of(others.begin(), others.end(), [&](const Box& other) {
      return other.label == box.label && other.score >= kConfidence - kWeaker && iou(box, other) >= kPartner;
    });
  }
  return result;
}

// The class of every pixel: the largest of the channels, or, for layers that may overlap, each channel cut at a half.
std::vector<std::uint8_t> labels_of(const models::ModelCard& card, const Tensor& output) {
  const std::vector<std::int64_t>& shape = output.shape();
  if (shape.size() != 4 || shape[1] * shape[2] * shape[3] == 0) {
    throw Error(ErrorCode::bad_model, card.id + " has no output of pixel classes", "check `decoder` in its card");
  }
  const bool planar = card.input.planar;
  const std::int64_t channels = planar ? shape[1] : shape[3];
  const std::int64_t pixels = output.size() / channels;
  const float* values = output.as<float>().data();
  const auto at = [&](std::int64_t pixel, std::int64_t c) {
    return values[planar ? c * pixels + pixel : pixel * channels + c];
  };
  const bool layers = card.output.decoder == "layers";
  std::vector<std::uint8_t> labels;
  labels.reserve(static_cast<std::size_t>(pixels));
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
    std::int64_t label = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
      if (layers) {
        label += at(pixel, c) > kHalf ? std::int64_t{1} << (c % 8) : 0;
      } else if (at(pixel, c) > at(pixel, label)) {
        label = c;
      }
    }
    labels.push_back(static_cast<std::uint8_t>(label));
  }
  return labels;
}

double same_labels(const models::ModelCard& card, const Tensor& reference, const Tensor& got) {
  const std::vector<std::uint8_t> a = labels_of(card, reference), b = labels_of(card, got);
  std::size_t same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) same += a[i] == b[i] ? 1 : 0;
  return static_cast<double>(same) / static_cast<double>(a.size());
}

void require_alike(const models::ModelCard& card, std::span<const Tensor> reference, std::span<const Tensor> got) {
  bool alike = reference.size() == got.size() && !got.empty();
  for (std::size_t i = 0; alike && i < got.size(); ++i) {
    alike = reference[i].shape() == got[i].shape() && reference[i].type() == got[i].type();
  }
  if (!alike)
    throw Error(ErrorCode::bad_model, card.id + " gives outputs of another number, shape or type than the baseline");
}

// Over all outputs that hold floats.
Difference raw_difference(std::span<const Tensor> reference, std::span<const Tensor> got) {
  Difference whole;
  double sum = 0.0, count = 0.0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i].type() != ElementType::f32) continue;
    const Difference one = difference(reference[i].as<float>(), got[i].as<float>());
    whole.max = std::max(whole.max, one.max);
    whole.finite = whole.finite && one.finite;
    sum += one.mean * static_cast<double>(got[i].size());
    count += static_cast<double>(got[i].size());
  }
  whole.mean = count > 0 ? sum / count : 0.0;
  return whole;
}

double worst_cosine(std::span<const Tensor> reference, std::span<const Tensor> got) {
  double worst = 1.0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i].type() == ElementType::f32)
      worst = std::min(worst, cosine(reference[i].as<float>(), got[i].as<float>()));
  }
  return worst;
}

}  // namespace

Difference difference(std::span<const float> reference, std::span<const float> got) {
  Difference result;
  double sum = 0.0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (!std::isfinite(got[i])) result.finite = false;
    const double apart = std::abs(static_cast<double>(got[i]) - static_cast<double>(reference[i]));
    if (!std::isfinite(apart)) continue;
    result.max = std::max(result.max, apart);
    sum += apart;
    ++count;
  }
  if (count > 0) result.mean = sum / static_cast<double>(count);
  return result;
}

double iou(ImageView reference, ImageView got) {
  const std::span<const float> a = plane(reference), b = plane(got);
  std::size_t both = 0, either = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += a[i] > kHalf && b[i] > kHalf ? 1 : 0;
    either += a[i] > kHalf || b[i] > kHalf ? 1 : 0;
  }
  return either == 0 ? 1.0 : static_cast<double>(both) / static_cast<double>(either);
}

double psnr(std::span<const float> reference, std::span<const float> got) {
  double squares = 0.0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double apart = std::clamp<double>(got[i], 0.0, 1.0) - std::clamp<double>(reference[i], 0.0, 1.0);
    squares += apart * apart;
  }
  if (!std::isfinite(squares)) return 0.0;
  if (squares == 0.0) return kEqualDb;
  return std::min(kEqualDb, 10.0 * std::log10(static_cast<double>(got.size()) / squares));
}

double cosine(std::span<const float> reference, std::span<const float> got) {
  double dot = 0.0, a = 0.0, b = 0.0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    dot += static_cast<double>(reference[i]) * static_cast<double>(got[i]);
    a += static_cast<double>(reference[i]) * static_cast<double>(reference[i]);
    b += static_cast<double>(got[i]) * static_cast<double>(got[i]);
  }
  if (a == 0.0 && b == 0.0) return 1.0;
  const double length = std::sqrt(a) * std::sqrt(b);
  const double result = length > 0.0 ? dot / length : 0.0;
  return std::isfinite(result) ? std::clamp(result, -1.0, 1.0) : -1.0;
}

double matched_share(std::span<const Box> reference, std::span<const Box> got) {
  const Partners there = partners(reference, got), back = partners(got, reference);
  const int counted = there.counted + back.counted;
  return counted == 0 ? 1.0 : static_cast<double>(there.found + back.found) / counted;
}

Tolerance tolerance_of(const models::ModelCard& card) {
  const Measure measure = measure_of(card);
  return *std::find_if(std::begin(kTolerances), std::end(kTolerances),
                       [&](const Tolerance& tolerance) { return tolerance.measure == measure; });
}

Agreement agreement(const models::ModelCard& card, std::span<const Tensor> reference, std::span<const Tensor> got) {
  require_alike(card, reference, got);
  Agreement result{.difference = raw_difference(reference, got)};
  if (!result.difference.finite) return result;
  switch (measure_of(card)) {
    case Measure::matte: {
      const Image a = tasks::decode_matte(reference.front(), card), b = tasks::decode_matte(got.front(), card);
      result.difference = difference(plane(a), plane(b));
      result.score = iou(a, b);
      break;
    }
    case Measure::picture: result.score = psnr(reference.front().as<float>(), got.front().as<float>()); break;
    case Measure::boxes:
      result.score = matched_share(tasks::decode_boxes(card, reference, kConfidence - kWeaker),
                                   tasks::decode_boxes(card, got, kConfidence - kWeaker));
      break;
    case Measure::labels: result.score = same_labels(card, reference.front(), got.front()); break;
    case Measure::vector:
    case Measure::tensor: result.score = worst_cosine(reference, got); break;
  }
  return result;
}

std::vector<int> wanted_outputs(const models::ModelCard& card) {
  const Measure measure = measure_of(card);
  if (measure == Measure::boxes || measure == Measure::tensor) return {};
  return {card.output.index};
}

double truth_iou(const models::ModelCard& card, const Tensor& output, Size photo, ImageView mask) {
  const Image small = tasks::decode_matte(output, card);
  const tasks::Placement placed = tasks::place_input(photo, card.input);
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
  return iou(truth, matte);
}

}  // namespace pixmill::measure
