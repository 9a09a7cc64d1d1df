#include "pipeline/dispatcher.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pixmill::pipeline {

Dispatcher::Dispatcher(const std::vector<Engine*>& engines) : started_(!engines.empty()) {
  for (Engine* engine : engines) lanes_.push_back({engine});
}

Dispatcher::Next Dispatcher::start(const std::vector<Engine*>& engines) {
  const std::scoped_lock lock(mutex_);
  started_ = true;
  for (Engine* engine : engines) lanes_.push_back({engine});
  return deal();
}

void Dispatcher::expect() {
  const std::scoped_lock lock(mutex_);
  ++upstream_;
}

Dispatcher::Next Dispatcher::arrived(ItemPtr item) {
  const std::scoped_lock lock(mutex_);
  --upstream_;
  put(std::move(item));
  return deal();
}

Dispatcher::Next Dispatcher::needs_none() {
  const std::scoped_lock lock(mutex_);
  --upstream_;
  return deal();
}

Dispatcher::Next Dispatcher::ended(const Engine& engine, Batch unfinished) {
  const std::scoped_lock lock(mutex_);
  for (Lane& lane : lanes_) lane.in_flight -= lane.engine == &engine ? 1 : 0;
  for (ItemPtr& item : unfinished) put(std::move(item));
  return deal();
}

// mutex_ is held, as in all below.
void Dispatcher::put(ItemPtr item) {
  const auto group = std::find_if(waiting_.begin(), waiting_.end(), [&](const Batch& batch) {
    return batch.front()->input_tensor.shape() == item->input_tensor.shape();
  });
  (group == waiting_.end() ? waiting_.emplace_back() : *group).push_back(std::move(item));
}

Dispatcher::Next Dispatcher::deal() {
  Next next;
  for (bool dealt = true; dealt;) {
    dealt = false;
    for (Lane* lane : free_lanes()) {
      std::optional<Batch> batch = take(static_cast<std::size_t>(lane->engine->wanted()));
      if (!batch) continue;
      lane->engine->handed_out(static_cast<int>(batch->size()));
      ++lane->in_flight;
      next.orders.push_back({lane->engine, std::move(*batch)});
      dealt = true;
      break;
    }
  }
  look_for_lost(next);
  return next;
}

void Dispatcher::look_for_lost(Next& next) {
  if (!started_) return;
  const auto healthy = [](const Lane& lane) { return lane.engine->healthy(); };
  if (std::none_of(lanes_.begin(), lanes_.end(), healthy)) {
    for (Batch& batch : std::exchange(waiting_, {})) {
      next.left.insert(next.left.end(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
    }
    return;
  }
  const auto lost =
      std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& lane) { return !lane.lost && !healthy(lane); });
  if (lost == lanes_.end()) return;
  lost->lost = true;
  next.lost = lost->engine;
}

// Those that can take a batch, the idlest first.
std::vector<Dispatcher::Lane*> Dispatcher::free_lanes() {
  std::vector<Lane*> free;
  for (Lane& lane : lanes_) {
    if (lane.in_flight < lane.engine->side_by_side() && lane.engine->healthy()) free.push_back(&lane);
  }
  std::stable_sort(free.begin(), free.end(), [](const Lane* a, const Lane* b) { return a->in_flight < b->in_flight; });
  return free;
}

std::optional<Batch> Dispatcher::take(std::size_t wanted) {
  const auto fullest = std::max_element(waiting_.begin(), waiting_.end(),
                                        [](const Batch& a, const Batch& b) { return a.size() < b.size(); });
  if (fullest == waiting_.end() || (fullest->size() < wanted && upstream_ > 0)) return std::nullopt;
  const auto count = static_cast<std::ptrdiff_t>(std::min(wanted, fullest->size()));
  Batch batch(std::make_move_iterator(fullest->begin()), std::make_move_iterator(fullest->begin() + count));
  fullest->erase(fullest->begin(), fullest->begin() + count);
  if (fullest->empty()) waiting_.erase(fullest);
  return batch;
}

}  // namespace pixmill::pipeline
