#include "pipeline/dispatcher.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace pixmill::pipeline {
namespace {

// A group leaves, whatever its size, when so many full batches of others went before it.
constexpr std::int64_t kPassedOver = 4;

bool alike(const Request& a, const Request& b) {
  return a.graph == b.graph && a.on_cpu == b.on_cpu &&
         std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin(), b.inputs.end(),
                    [](const auto& x, const auto& y) { return x->type() == y->type() && x->shape() == y->shape(); });
}

bool older(const RequestPtr& a, const RequestPtr& b) {
  return a->requester->number < b->requester->number;
}

}  // namespace

Dispatcher::Dispatcher(const std::vector<Engine*>& engines) : all_started_(!engines.empty()) {
  for (Engine* engine : engines) lanes_.push_back({engine});
}

Dispatcher::Next Dispatcher::start(int graph, const std::vector<Engine*>& engines) {
  const std::scoped_lock lock(mutex_);
  started_.insert(graph);
  some_unserved_ |= engines.empty();
  for (Engine* engine : engines) lanes_.push_back({engine});
  return deal();
}

std::shared_ptr<Requester> Dispatcher::begins() {
  const std::scoped_lock lock(mutex_);
  ++asking_;
  return std::make_shared<Requester>(Requester{pictures_++});
}

Dispatcher::Next Dispatcher::ends(Requester& requester) {
  const std::scoped_lock lock(mutex_);
  stops_asking(requester);
  return deal();
}

Dispatcher::Next Dispatcher::add(RequestPtr request) {
  const std::scoped_lock lock(mutex_);
  if (request->last) {
    request->requester->asked_all = true;
    stops_asking(*request->requester);
  }
  put(std::move(request));
  return deal();
}

Dispatcher::Next Dispatcher::await(Request& request, Resume resume) {
  const std::scoped_lock lock(mutex_);
  if (request.done) {
    Next next;
    next.ready.push_back(std::move(resume));
    return next;
  }
  request.resume = std::move(resume);
  stops_asking(*request.requester);
  return deal();
}

bool Dispatcher::is_done(const Request& request) const {
  const std::scoped_lock lock(mutex_);
  return request.done;
}

Dispatcher::Next Dispatcher::cancel(const RequestPtr& request) {
  const std::scoped_lock lock(mutex_);
  for (Group& group : groups_) std::erase(group.waiting, request);
  std::erase_if(groups_, [](const Group& group) { return group.waiting.empty(); });
  return deal();
}

Dispatcher::Next Dispatcher::ended(const Engine& engine, const Batch& finished, Batch unfinished) {
  const std::scoped_lock lock(mutex_);
  for (Lane& lane : lanes_) lane.in_flight -= lane.engine == &engine ? 1 : 0;
  Next done;
  for (const RequestPtr& request : finished) finish(*request, done);
  for (RequestPtr& request : unfinished) put(std::move(request));
  Next next = deal();
  next.ready.insert(next.ready.end(), std::make_move_iterator(done.ready.begin()),
                    std::make_move_iterator(done.ready.end()));
  return next;
}

// mutex_ is held, as in all below.
void Dispatcher::put(RequestPtr request) {
  auto group = std::find_if(groups_.begin(), groups_.end(),
                            [&](const Group& one) { return alike(*one.waiting.front(), *request); });
  if (group == groups_.end()) group = groups_.insert(groups_.end(), Group{{}, dealt_[request->graph]});
  Batch& waiting = group->waiting;
  waiting.insert(std::upper_bound(waiting.begin(), waiting.end(), request, older), request);
}

void Dispatcher::finish(Request& request, Next& next) {
  request.done = true;
  if (!request.resume) return;
  if (!request.requester->asked_all && !request.requester->may_ask) {
    request.requester->may_ask = true;
    ++asking_;
  }
  next.ready.push_back(std::exchange(request.resume, {}));
}

void Dispatcher::stops_asking(Requester& requester) {
  if (std::exchange(requester.may_ask, false)) --asking_;
}

Dispatcher::Next Dispatcher::deal() {
  Next next;
  for (bool dealt = true; dealt;) {
    dealt = false;
    for (Lane* lane : free_lanes()) {
      std::optional<Batch> batch = take(*lane);
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
  const auto healthy = [](const Lane& lane) { return lane.engine->healthy(); };
  if (!some_unserved_ && std::all_of(lanes_.begin(), lanes_.end(), healthy)) return;
  std::set<int> served;  // graphs that a healthy engine runs
  for (const Lane& lane : lanes_) {
    if (healthy(lane)) served.insert(lane.engine->graph());
  }
  for (Group& group : groups_) {
    const int graph = group.waiting.front()->graph;
    if (served.contains(graph) || !is_started(graph)) continue;
    for (const RequestPtr& request : std::exchange(group.waiting, {})) {
      request->left = true;
      finish(*request, next);
    }
  }
  std::erase_if(groups_, [](const Group& group) { return group.waiting.empty(); });
  const auto lost = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& lane) {
    return !lane.lost && !healthy(lane) && served.contains(lane.engine->graph());
  });
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

bool Dispatcher::may_leave(const Group& group, std::size_t wanted) const {
  if (group.waiting.size() >= wanted || asking_ == 0) return true;
  const std::int64_t passed = dealt_.at(group.waiting.front()->graph) - group.since;
  return passed >= kPassedOver * static_cast<std::int64_t>(wanted);
}

std::optional<Batch> Dispatcher::take(const Lane& lane) {
  const auto wanted = static_cast<std::size_t>(lane.engine->wanted());
  auto oldest = groups_.end();
  for (auto group = groups_.begin(); group != groups_.end(); ++group) {
    if (group->waiting.front()->graph != lane.engine->graph() || !may_leave(*group, wanted)) continue;
    if (oldest == groups_.end() || older(group->waiting.front(), oldest->waiting.front())) oldest = group;
  }
  if (oldest == groups_.end()) return std::nullopt;
  Batch& waiting = oldest->waiting;
  const std::size_t count = std::min(wanted, waiting.size());
  const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(count);
  Batch batch(std::make_move_iterator(waiting.begin()), std::make_move_iterator(end));
  waiting.erase(waiting.begin(), end);
  oldest->since = dealt_[lane.engine->graph()] += static_cast<std::int64_t>(count);
  if (waiting.empty()) groups_.erase(oldest);
  return batch;
}

}  // namespace pixmill::pipeline
