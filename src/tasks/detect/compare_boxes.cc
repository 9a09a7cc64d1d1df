#include "tasks/detect/compare_boxes.h"

#include <algorithm>

#include "tasks/compare/numbers.h"
#include "tasks/detect/decoders.h"

namespace pixmill::tasks {
namespace {

constexpr float kConfidence = 0.25F, kWeaker = 0.05F;
constexpr double kPartner = 0.9;  // IoU

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

Agreement compare(const models::ModelCard& card, std::span<const Tensor> reference, std::span<const Tensor> got) {
  const float least = kConfidence - kWeaker;
  return {difference(reference, got),
          matched_share(decode_boxes(card, reference, least).boxes, decode_boxes(card, got, least).boxes)};
}

}  // namespace

const Comparison kBoxes = {.name = "boxes",
                           .mean_score = 0.98,
                           .worst_score = 0.75,
                           .loss = "share of boxes that come, go or move",
                           .accepted_loss = 0.05,
                           .reads_all_outputs = true,
                           .compare = compare};

double matched_share(std::span<const Box> reference, std::span<const Box> got) {
  const Partners there = partners(reference, got), back = partners(got, reference);
  const int counted = there.counted + back.counted;
  return counted == 0 ? 1.0 : static_cast<double>(there.found + back.found) / counted;
}

}  // namespace pixmill::tasks
