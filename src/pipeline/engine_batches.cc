// The largest batch of an engine: what fits, what was refused, and when more is tried again.
#include <algorithm>
#include <utility>

#include "pipeline/engine.h"
#include "pixmill/core/format_text.h"

namespace pixmill::pipeline {
namespace {

constexpr int kPatienceGrowth = 8;  // and so many times as many where that failed
constexpr int kMostPatience = 1 << 24;

}  // namespace

void Engine::count(const Attempt& done, double seconds, std::size_t tensor_bytes) {
  const Lock lock(mutex_);
  const auto pictures = static_cast<int>(done.pictures);
  if (pictures_ == 0 && memory_bytes_ > 0 && fixed_batch_ == 0) {
    const std::size_t fit =
        memory_bytes_ / (static_cast<std::size_t>(side_by_side_) * std::max<std::size_t>(tensor_bytes, 1));
    tensors_fit_ = static_cast<int>(std::clamp<std::size_t>(fit, 1, kAnySize));
    bound_size();
  }
  pictures_ += pictures;
  busy_s_ += seconds;
  if (done.build == build_) served_ = true;
  size_->measured(pictures, seconds);
  grow(pictures);
}

// Fewer pictures at once from now on. mutex_ is held, as in the next two.
void Engine::shrink(int largest) {
  if (std::exchange(grown_, false)) patience_ = std::min(patience_ * kPatienceGrowth, kMostPatience);
  calm_ = 0;
  ceiling_ = std::min(ceiling_, largest);
  bound_size();
}

// What did not fit once may fit later: other programs freed memory, the driver recovered. Not where the session
// insists on its batch: another one costs a load.
void Engine::grow(int pictures) {
  if (ceiling_ == kAnySize || fixed_batch_ > 0 || size_->settled() < ceiling_) return;
  calm_ += pictures;
  if (calm_ < patience_) return;
  calm_ = 0;
  grown_ = true;
  ceiling_ = ceiling_ > kAnySize / 2 ? kAnySize : ceiling_ * 2;
  bound_size();
}

void Engine::bound_size() {
  size_->limit(std::min(ceiling_, tensors_fit_));
}

void Engine::tell_batch() {
  BatchChanged event{device_};
  {
    const Lock lock(mutex_);
    event.to = size_->settled();
    event.from = std::exchange(told_size_, event.to);
    if (event.from != event.to) event.reason = reason_of(event);
  }
  if (event.from != event.to && tell_) tell_(event);
}

// mutex_ is held. Several changes may be told as one.
std::string Engine::reason_of(const BatchChanged& change) const {
  const bool up = change.to > change.from;
  const std::optional<SizeChange>& won = size_->last_won();
  if (!won || won->to != change.to || (won->to > won->from) != up)
    return up ? "more may fit into its memory again" : "more do not fit into its memory";
  const bool faster = won->to_rate > won->from_rate;
  return format_text(faster ? "%.1f img/s for %.1f" : "%.1f img/s for %.1f: more at once gain too little", won->to_rate,
                     won->from_rate);
}

int Engine::largest() const {
  return fixed_batch_ > 0 ? fixed_batch_ : ceiling_;
}

DeviceShare Engine::share() const {
  const Lock lock(mutex_);
  return {device_, info_, pictures_, busy_s_, size_->wanted(), size_->trials()};
}

std::string Engine::warning() const {
  const Lock lock(mutex_);
  if (!refusal_.empty() && largest() < refused_)
    return device_ + " failed with " + refusal_ + "; -b 1 avoids the failed attempt";
  if (!refusal_.empty()) return device_ + " failed with " + refusal_ + "; the pictures ran one by one";
  if (rebuilds_ == 0) return {};
  const std::string again =
      "; the model was reloaded " + (rebuilds_ == 1 ? "once" : std::to_string(rebuilds_) + " times");
  if (largest() >= too_many_) return device_ + " ran out of memory" + again + ", and the pictures were tried again";
  const std::string fit = std::to_string(largest());
  return device_ + " did not have enough memory for " + std::to_string(too_many_) + " pictures at once" + again +
         ", and went on with " + fit + "; -b " + fit + " avoids the failed attempts";
}

}  // namespace pixmill::pipeline
