#include "pipeline/dispatcher.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pixmill::pipeline {

Dispatcher::Dispatcher(const std::vector<Engine*>& engines) {
  for (Engine* engine : engines) lanes_.push_back({engine});
}

void Dispatcher::expect() {
  const std::scoped_lock lock(mutex_);
  ++upstream_;
}

std::vector<Dispatcher::Order> Dispatcher::arrived(ItemPtr item) {
  const std::scoped_lock lock(mutex_);
  --upstream_;
  const auto group = std::find_if(waiting_.begin(), waiting_.end(), [&](const Batch& batch) {
    return batch.front()->input_tensor.shape() == item->input_tensor.shape();
  });
  (group == waiting_.end() ? waiting_.emplace_back() : *group).push_back(std::move(item));
  return deal();
}

std::vector<Dispatcher::Order> Dispatcher::needs_none() {
  const std::scoped_lock lock(mutex_);
  --upstream_;
  return deal();
}

std::vector<Dispatcher::Order> Dispatcher::ended(const Engine& engine) {
  const std::scoped_lock lock(mutex_);
  for (Lane& lane : lanes_) lane.in_flight -= lane.engine == &engine ? 1 : 0;
  return deal();
}

std::vector<Dispatcher::Order> Dispatcher::deal() {
  std::vector<Order> orders;
  for (bool dealt = true; dealt;) {
    dealt = false;
    for (Lane* lane : free_lanes()) {
      std::optional<Batch> batch = take(static_cast<std::size_t>(lane->engine->wanted()));
      if (!batch) continue;
      lane->engine->handed_out(static_cast<int>(batch->size()));
      ++lane->in_flight;
      orders.push_back({lane->engine, std::move(*batch)});
      dealt = true;
      break;
    }
  }
  return orders;
}

// Those that can take a batch, the idlest first; broken ones only where all are.
std::vector<Dispatcher::Lane*> Dispatcher::free_lanes() {
  std::vector<Lane*> free;
  const bool any_healthy =
      std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.engine->healthy(); });
  for (Lane& lane : lanes_) {
    if (lane.in_flight < lane.engine->side_by_side() && (lane.engine->healthy() || !any_healthy)) free.push_back(&lane);
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
