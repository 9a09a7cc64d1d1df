#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/runtime/session.h"
#include "runtime/content_hash.h"
#include "runtime/load.h"

namespace pixmill::runtime {
namespace {

using SharedSession = std::shared_ptr<Session>;

// The first input takes `warm_shape` where it is dynamic. Empty when a dimension stays unknown.
std::vector<Tensor> zeros(const ModelSignature& signature, std::span<const std::int64_t> warm_shape) {
  std::vector<Tensor> inputs;
  for (const Port& port : signature.inputs) {
    std::vector<std::int64_t> shape = port.shape;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (shape[d] < 0 && inputs.empty() && warm_shape.size() == shape.size()) shape[d] = warm_shape[d];
      if (shape[d] < 0) return {};
    }
    if (bytes_of(port.type) == 0) return {};
    Tensor& input = inputs.emplace_back(std::move(shape), port.type);
    std::memset(input.data(), 0, input.bytes());
  }
  return inputs;
}

void warm_up(Session& session, std::span<const std::int64_t> warm_shape) {
  if (session.info().device == "cpu") return;
  const std::vector<Tensor> inputs = zeros(session.signature(), warm_shape);
  if (!inputs.empty()) session.run(inputs);
}

// The result of a build. The error is a value and not an exception in flight, so that every waiter throws its own.
struct Outcome {
  SharedSession session;
  std::optional<Error> error;
};

Outcome build_session(const ModelSource& model, const Plan& plan, std::span<const std::int64_t> warm_shape) {
  try {
    SharedSession session = load_planned(model, plan);
    warm_up(*session, warm_shape);
    return {std::move(session), std::nullopt};
  } catch (const Error& error) {
    return {nullptr, error};
  } catch (const std::exception& error) {
    return {nullptr, vendor_error(ErrorCode::internal, "cannot load " + model.name, error.what())};
  }
}

std::string key_of(const ModelSource& model, const Plan& plan) {
  return content_hash(model) + "|" + plan.key();
}

SharedSession session_of(const Outcome& outcome) {
  if (outcome.error) throw Error(*outcome.error);
  return outcome.session;
}

}  // namespace

struct SessionCache::State {
  struct Entry {
    std::shared_future<Outcome> future;
    SharedSession session;  // null while it is built
    std::uint64_t build = 0;
    std::uint64_t last_use = 0;
  };
  using Entries = std::map<std::string, Entry>;

  explicit State(std::size_t budget_bytes) : budget(budget_bytes) {}

  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& [key, entry] : entries) sum += entry.session ? entry.session->memory_bytes() : 0;
    return sum;
  }

  // Keeps what was built, forgets what failed. clear() may have dropped the entry meanwhile, and another build of the
  // key taken its place: then nothing is kept.
  void finish(const std::string& key, std::uint64_t build, const SharedSession& session) {
    const auto it = entries.find(key);
    if (it == entries.end() || it->second.build != build) return;
    if (session == nullptr) {
      entries.erase(it);
      return;
    }
    it->second.session = session;
    it->second.last_use = ++clock;
  }

  // Drops what was used longest ago until the rest fits.
  void evict(std::vector<SharedSession>& dropped) {
    while (bytes() > budget) {
      auto oldest = entries.end();
      for (auto it = entries.begin(); it != entries.end(); ++it) {
        if (it->second.session == nullptr) continue;
        if (oldest == entries.end() || it->second.last_use < oldest->second.last_use) oldest = it;
      }
      dropped.push_back(std::move(oldest->second.session));
      entries.erase(oldest);
      ++evictions;
    }
  }

  mutable std::mutex mutex;  // guards all below
  std::size_t budget;
  Entries entries;
  std::uint64_t clock = 0;
  std::size_t hits = 0;
  std::size_t misses = 0;
  std::size_t evictions = 0;
};

SessionCache::SessionCache(std::size_t budget_bytes) : state_(std::make_unique<State>(budget_bytes)) {}

SessionCache::~SessionCache() = default;

SharedSession SessionCache::get(const ModelSource& model, const SessionOptions& options,
                                std::span<const std::int64_t> warm_shape) {
  const Plan plan = make_plan(options);
  const std::string key = key_of(model, plan);

  std::promise<Outcome> promise;
  std::uint64_t build = 0;
  {
    std::unique_lock lock(state_->mutex);
    const auto [found, is_new] = state_->entries.try_emplace(key);
    found->second.last_use = ++state_->clock;
    if (!is_new) {
      ++state_->hits;
      const auto future = found->second.future;
      lock.unlock();
      return session_of(future.get());
    }
    ++state_->misses;
    build = found->second.build = state_->clock;
    found->second.future = promise.get_future().share();
  }

  const Outcome outcome = build_session(model, plan, warm_shape);
  std::vector<SharedSession> dropped;  // freed outside the lock: that takes its time
  {
    const std::lock_guard lock(state_->mutex);
    state_->finish(key, build, outcome.session);
    state_->evict(dropped);
  }
  promise.set_value(outcome);
  return session_of(outcome);
}

void SessionCache::drop(const ModelSource& model, const SessionOptions& options) {
  const std::string key = key_of(model, make_plan(options));
  State::Entries::node_type dropped;  // freed outside the lock
  const std::lock_guard lock(state_->mutex);
  dropped = state_->entries.extract(key);
}

void SessionCache::clear() {
  State::Entries dropped;
  const std::lock_guard lock(state_->mutex);
  dropped.swap(state_->entries);
}

void SessionCache::set_budget(std::size_t budget_bytes) {
  std::vector<SharedSession> dropped;  // freed outside the lock
  const std::lock_guard lock(state_->mutex);
  state_->budget = budget_bytes;
  state_->evict(dropped);
}

SessionCache::Stats SessionCache::stats() const {
  const std::lock_guard lock(state_->mutex);
  const auto ready = std::count_if(state_->entries.begin(), state_->entries.end(),
                                   [](const auto& row) { return row.second.session != nullptr; });
  return {.sessions = static_cast<std::size_t>(ready),
          .bytes = state_->bytes(),
          .budget_bytes = state_->budget,
          .hits = state_->hits,
          .misses = state_->misses,
          .evictions = state_->evictions};
}

}  // namespace pixmill::runtime
