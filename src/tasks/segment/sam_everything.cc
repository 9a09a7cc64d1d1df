#include "tasks/segment/sam_everything.h"

#include <deque>
#include <utility>

#include "pixmill/tasks/detect.h"

namespace pixmill::tasks {
namespace {

constexpr std::size_t kInFlight = 64;  // prompts at a time: bounds the memory of their answers
constexpr float kOffset = 1.0F;        // of the logits, for the stability of a mask

// The middle of cell `i` of `count` cells over `side` pixels.
float middle(int i, int count, int side) {
  return (static_cast<float>(i) + 0.5F) / static_cast<float>(count) * static_cast<float>(side);
}

class Collector {
 public:
  Collector(const SamFrame& frame, const Everything& how) : frame_(frame), how_(how) {}

  void take(const SamAnswer& answer) {
    for (std::size_t i = answer.first_of_several(); i < answer.count(); ++i) {
      if (static_cast<double>(answer.score(i)) > how_.predicted_iou) add(answer.logits(i), answer.score(i));
    }
  }

  std::vector<Detection> best() && {
    std::vector<Box> boxes;
    for (const Detection& one : found_) boxes.push_back(one.box);
    std::vector<Detection> kept;
    for (const std::uint32_t i : best_boxes(boxes, {.overlap = how_.overlap, .most = kKeptBoxes}))
      kept.push_back(std::move(found_[i]));
    return kept;
  }

 private:
  void add(const SamLogits& logits, float score) {
    const auto wide = static_cast<double>(area(sam_mask(logits, frame_, -kOffset)));
    const auto narrow = static_cast<double>(area(sam_mask(logits, frame_, kOffset)));
    if (wide == 0 || narrow / wide < how_.stability) return;
    if (auto one = detection_of(sam_mask(logits, frame_, 0), score, 0)) found_.push_back(std::move(*one));
  }

  const SamFrame& frame_;
  const Everything& how_;
  std::vector<Detection> found_;
};

}  // namespace

std::vector<Detection> everything_in(SamDecoder& decoder, const SamFrame& frame, const Everything& how) {
  Collector collector(frame, how);
  std::deque<SamDecoder::Asked> asked;
  const auto take_first = [&] {
    SamDecoder::Asked first = std::move(asked.front());
    asked.pop_front();
    collector.take(decoder.answer(std::move(first)));
  };
  const int side = how.points_per_side;
  for (int i = 0; i < side * side; ++i) {
    const Point point{middle(i % side, side, frame.picture.width), middle(i / side, side, frame.picture.height)};
    asked.push_back(decoder.ask({{point}, {true}, {}, 0}));
    if (asked.size() == kInFlight) take_first();
  }
  while (!asked.empty()) take_first();
  return std::move(collector).best();
}

}  // namespace pixmill::tasks
