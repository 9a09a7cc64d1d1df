// The table of comparisons by decoder, and those of results that no job of its own decodes.
#include "pixmill/tasks/comparison.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "pixmill/core/error.h"
#include "tasks/compare/numbers.h"
#include "tasks/cutout/compare_mattes.h"
#include "tasks/detect/compare_boxes.h"
#include "tasks/detect/decoders.h"
#include "tasks/segment/compare_masks.h"
#include "tasks/segment/decoders.h"

namespace pixmill::tasks {
namespace {

constexpr float kHalf = 0.5F;

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

double worst_cosine(std::span<const Tensor> reference, std::span<const Tensor> got) {
  double worst = 1.0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i].type() == ElementType::f32)
      worst = std::min(worst, cosine(reference[i].as<float>(), got[i].as<float>()));
  }
  return worst;
}

Agreement compare_pictures(const models::ModelCard&, std::span<const Tensor> reference, std::span<const Tensor> got) {
  return {difference(reference, got), psnr(reference.front().as<float>(), got.front().as<float>())};
}

Agreement compare_vectors(const models::ModelCard&, std::span<const Tensor> reference, std::span<const Tensor> got) {
  return {difference(reference, got), worst_cosine(reference, got)};
}

Agreement compare_labels(const models::ModelCard& card, std::span<const Tensor> reference,
                         std::span<const Tensor> got) {
  return {difference(reference, got), same_labels(card, reference.front(), got.front())};
}

// What auto may take without asking. bf16 differs from fp32 by 1 of 256 levels or so in a picture (above 50 dB it is
// not visible), and by a hundredth in the direction of a vector, which is enough to change an order of search results.
constexpr Comparison kPictures = {.name = "PSNR",
                                  .unit = "dB",
                                  .mean_score = 50,
                                  .worst_score = 45,
                                  .loss = "mean difference of the pixels, 0 to 1",
                                  .loss_is_error = true,
                                  .compare = compare_pictures};
constexpr Comparison kVectors = {.name = "cosine",
                                 .mean_score = 0.9995,
                                 .worst_score = 0.999,
                                 .loss = "1 - cosine of the results",
                                 .compare = compare_vectors};
constexpr Comparison kLabels = {.name = "labels",
                                .mean_score = 0.995,
                                .worst_score = 0.98,
                                .loss = "share of pixels with another class",
                                .compare = compare_labels};
constexpr Comparison kTensors = {.name = "cosine",
                                 .mean_score = 0.9995,
                                 .worst_score = 0.999,
                                 .loss = "1 - cosine of the results",
                                 .reads_all_outputs = true,
                                 .compare = compare_vectors};

struct Row {
  std::string_view decoder;
  const Comparison& comparison;
};
constexpr Row kRows[] = {{"matte", kMattes},
                         {"picture", kPictures},
                         {"vector", kVectors},
                         {"classes", kLabels},  // the largest channel of each pixel
                         {"layers", kLabels}};  // channels that overlap

}  // namespace

const Comparison& comparison_of(const models::ModelCard& card) {
  for (const Row& row : kRows) {
    if (row.decoder == card.output.decoder) return row.comparison;
  }
  if (card.task == "segment" && find_segment_decoder(card.output.decoder) != nullptr) return kMasks;
  return find_decoder(card.output.decoder) != nullptr ? kBoxes : kTensors;
}

Agreement agreement(const models::ModelCard& card, std::span<const Tensor> reference, std::span<const Tensor> got) {
  require_alike(card, reference, got);
  const Difference raw = difference(reference, got);
  if (!raw.finite) return {raw};
  return comparison_of(card).compare(card, reference, got);
}

std::vector<int> judged_outputs(const models::ModelCard& card) {
  if (comparison_of(card).reads_all_outputs) return {};
  return {card.output.index};
}

}  // namespace pixmill::tasks
