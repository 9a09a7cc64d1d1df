#include "tasks/segment/compare_masks.h"

#include <algorithm>

#include "tasks/compare/numbers.h"
#include "tasks/segment/decoders.h"

namespace pixmill::tasks {
namespace {

constexpr float kConfidence = 0.25F, kWeaker = 0.05F;

// The things that count, and the sum of their IoU with their partners.
struct Sum {
  int things = 0;
  double overlap = 0;
};
Sum partners(const std::vector<Detection>& things, const std::vector<Detection>& others) {
  Sum sum;
  for (const Detection& thing : things) {
    if (thing.box.score < kConfidence) continue;
    double best = 0;
    for (const Detection& other : others) {
      if (other.box.label != thing.box.label || other.box.score < kConfidence - kWeaker) continue;
      best = std::max(best, iou(thing.mask, other.mask));
    }
    ++sum.things;
    sum.overlap += best;
  }
  return sum;
}

// As if the picture were the model's input.
std::vector<Detection> things_of(const models::ModelCard& card, std::span<const Tensor> outputs) {
  const Size size = card.input.size;
  const Placement placed{size, {0, 0, size.width, size.height}};
  return find_segment_decoder(card.output.decoder)->decode({card, outputs, size, placed, {}}).found;
}

Agreement compare(const models::ModelCard& card, std::span<const Tensor> reference, std::span<const Tensor> got) {
  return {difference(reference, got), mean_mask_iou(things_of(card, reference), things_of(card, got))};
}

}  // namespace

const Comparison kMasks = {.name = "mask IoU",
                           .mean_score = 0.97,
                           .worst_score = 0.75,
                           .loss = "1 - IoU of the masks",
                           .accepted_loss = 0.05,
                           .reads_all_outputs = true,
                           .compare = compare};

double mean_mask_iou(const std::vector<Detection>& reference, const std::vector<Detection>& got) {
  const Sum there = partners(reference, got), back = partners(got, reference);
  const int things = there.things + back.things;
  return things == 0 ? 1.0 : (there.overlap + back.overlap) / things;
}

}  // namespace pixmill::tasks
