#include "measure/tune/search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "pixmill/core/error.h"
#include "pixmill/measure/timing.h"

namespace pixmill::measure {
namespace {

constexpr std::size_t kMostLive = 8;  // contenders at a time
constexpr int kMostRounds = 24;       // of one contender
constexpr int kRoundsToJudge = 2;     // before a contender brings its neighbours
constexpr int kLargestBatch = 64;
constexpr double kUnknownNoise = 0.10;  // deviation that a measurement is trusted to have before three were made
constexpr double kLeastNoise = 0.01;
constexpr double kConfidence = 2.0;     // standard errors
constexpr double kIndifference = 0.03;  // a difference that does not matter in use
constexpr double kMargin = 2.0;         // on what a measurement is expected to take

std::vector<double> common_ratios(const TuneTrial& trial, const TuneTrial& other) {
  std::vector<double> ratios;
  for (const auto& [round, rate] : trial.rates) {
    const auto same = other.rates.find(round);
    if (same != other.rates.end()) ratios.push_back(rate / same->second);
  }
  return ratios;
}

// The most that `trial` may reach of `leader`'s speed, going by what was measured.
double at_best(const TuneTrial& trial, const TuneTrial& leader) {
  const Statistics ratios = statistics(common_ratios(trial, leader));
  if (ratios.count == 0) return 2.0;  // nothing is known
  const double noise = ratios.count >= 3 ? std::max(ratios.deviation, kLeastNoise * ratios.median)
                                         : std::max(ratios.deviation, kUnknownNoise * ratios.median);
  return ratios.median + kConfidence * noise / std::sqrt(ratios.count);
}

double median_of(const std::map<int, double>& rates) {
  std::vector<double> values;
  for (const auto& [round, rate] : rates) values.push_back(rate);
  return statistics(std::move(values)).median;
}

}  // namespace

double TuneTrial::rate() const {
  return median_of(rates);
}

double speed_against(const TuneTrial& trial, const TuneTrial& other) {
  const std::vector<double> ratios = common_ratios(trial, other);
  return ratios.empty() ? trial.rate() / other.rate() : statistics(ratios).median;
}

std::vector<Setup> neighbours(const Setup& setup, const Space& space) {
  std::vector<Setup> found;
  const auto add = [&](Setup next) { found.push_back(std::move(next)); };
  if (setup.streams > 1) {
    Setup next = setup;
    next.streams = setup.streams / 2;
    if (space.hyper_threads && setup.streams * setup.threads > space.cores / 2) add(next);
    next.threads = std::max(setup.threads + 1, space.cores / next.streams);
    add(next);
  }
  if (space.takes_batches && setup.batch < kLargestBatch) {
    Setup next = setup;
    next.batch *= 2;
    add(next);
  }
  return found;
}

Search::Search(const Space& space, Stand& stand, double budget_seconds, const std::atomic<bool>& stop,
               TuneProgress progress)
    : space_(space),
      stand_(stand),
      budget_(budget_seconds),
      slice_(std::clamp(budget_seconds / 100.0, 0.05, 0.5)),
      start_(stand.seconds()),
      stop_(stop),
      progress_(std::move(progress)) {
  enlist(space.by_rule, true);
  for (const Setup& seed : space.seeds) enlist(seed, true);
  for (const Setup& shown : space.only_shown) enlist(shown, false);
}

void Search::enlist(const Setup& setup, bool choosable) {
  const bool known =
      std::any_of(trials_.begin(), trials_.end(), [&](const TuneTrial& trial) { return trial.setup == setup; });
  if (known) return;
  waiting_.push_back(trials_.size());
  trials_.push_back({.setup = setup, .choosable = choosable});
  invited_.push_back(!choosable);
}

bool Search::has_time_for(double seconds) const {
  return stand_.seconds() - start_ + seconds <= budget_;
}

void Search::leave(Index index) {
  std::erase(live_, index);
  stand_.unload(trials_[index].setup);
}

void Search::fail(Index index, const std::string& why) {
  trials_[index].fault = why;
  trials_[index].rates.clear();
  leave(index);
}

// Returns whether the search goes on.
bool Search::admit(Index index) {
  const bool first = index == 0;
  if (!first && !has_time_for(longest_load_ + kMargin * longest_measurement_)) return false;
  TuneTrial& trial = trials_[index];
  const double before = stand_.seconds();
  if (progress_) progress_(trial.setup, before - start_);
  try {
    trial.load_seconds = stand_.load(trial.setup);
    live_.push_back(index);
  } catch (const Error& error) {
    if (first) throw;
    trial.fault = error.message();
  }
  longest_load_ = std::max(longest_load_, stand_.seconds() - before);
  return true;
}

bool Search::admit_waiting() {
  while (!waiting_.empty() && live_.size() < kMostLive && !stop_) {
    if (!admit(waiting_.front())) return false;
    waiting_.pop_front();
  }
  return !stop_;
}

bool Search::measure(Index index) {
  TuneTrial& trial = trials_[index];
  const bool first = index == 0 && trial.rates.empty();
  const double known = spent_[index];
  if (!first && !has_time_for(kMargin * (known > 0 ? known : longest_measurement_))) return false;
  const double before = stand_.seconds();
  if (progress_) progress_(trial.setup, before - start_);
  try {
    const double rate = stand_.rate(trial.setup, slice_);
    if (stop_) return false;  // cut short: no measurement
    trial.rates[round_] = rate;
  } catch (const Error& error) {
    if (index == 0) throw;
    fail(index, error.message());
  }
  spent_[index] = stand_.seconds() - before;
  longest_measurement_ = std::max(longest_measurement_, spent_[index]);
  return true;
}

// Every live contender once; another one begins each round, so that none always follows the same other one.
bool Search::measure_round() {
  ++round_;
  std::vector<Index> order = live_;
  std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(round_ % static_cast<int>(order.size())),
              order.end());
  return std::all_of(order.begin(), order.end(), [&](Index index) { return measure(index); });
}

// The fastest of those that may be chosen: each is compared with the best before it.
Search::Index Search::leader() const {
  Index best = 0;
  for (Index i = 1; i < trials_.size(); ++i) {
    if (trials_[i].choosable && !trials_[i].rates.empty() && !trials_[i].dropped &&
        (trials_[best].rates.empty() || speed_against(trials_[i], trials_[best]) > 1.0))
      best = i;
  }
  return best;
}

void Search::drop_slow() {
  const Index first = leader();
  for (const Index index : std::vector<Index>(live_)) {
    TuneTrial& trial = trials_[index];
    const bool shown_enough = !trial.choosable && static_cast<int>(trial.rates.size()) >= kRoundsToJudge;
    if (index == first || trial.rates.empty()) continue;
    trial.dropped = at_best(trial, trials_[first]) < 1.0;
    const bool makes_room = !waiting_.empty() && is_settled(index, first);
    if (trial.dropped || shown_enough || makes_room) leave(index);
  }
}

void Search::invite_neighbours() {
  for (const Index index : std::vector<Index>(live_)) {
    if (invited_[index] || static_cast<int>(trials_[index].rates.size()) < kRoundsToJudge) continue;
    invited_[index] = true;
    for (const Setup& next : neighbours(trials_[index].setup, space_)) enlist(next, true);
  }
}

// More rounds would not find a difference that matters, and its neighbours were measured.
bool Search::is_settled(Index index, Index leader) const {
  const TuneTrial& trial = trials_[index];
  return invited_[index] &&
         (at_best(trial, trials_[leader]) < 1.0 + kIndifference || static_cast<int>(trial.rates.size()) >= kMostRounds);
}

// No contender is left that could beat the leader by a difference that matters.
bool Search::is_clear() const {
  if (!waiting_.empty()) return false;
  const Index first = leader();
  return std::all_of(live_.begin(), live_.end(), [&](Index index) {
    return index == first ? static_cast<bool>(invited_[index]) : is_settled(index, first);
  });
}

TuneResult Search::run() {
  bool clear = false;
  waiting_.pop_front();
  (void)(admit(0) && measure(0));  // what it takes tells how much time the others need
  for (bool time_left = true; time_left && !clear && !stop_;) {
    time_left = admit_waiting();
    if (live_.empty() || !measure_round()) break;
    drop_slow();
    invite_neighbours();
    clear = is_clear();
  }
  return result(clear);
}

// Among those that are as fast as the leader: what "auto" takes anyway, else the smallest batch, else what loads
// soonest.
Search::Index Search::choice(Index leader) const {
  Index best = leader;
  const auto cost = [&](Index i) { return std::make_tuple(i != 0, trials_[i].setup.batch, trials_[i].load_seconds); };
  for (Index i = 0; i < trials_.size(); ++i) {
    const TuneTrial& trial = trials_[i];
    if (!trial.choosable || trial.dropped || trial.rates.empty() || i == leader) continue;
    if (speed_against(trial, trials_[leader]) > 1.0 - kIndifference && cost(i) < cost(best)) best = i;
  }
  return best;
}

TuneResult Search::result(bool clear) const {
  TuneResult result;
  result.rounds = round_;
  result.elapsed_s = stand_.seconds() - start_;
  result.clear = clear;
  result.interrupted = stop_;
  const Index first = leader();
  const Index chosen = choice(first);
  std::vector<Index> order(trials_.size());
  std::iota(order.begin(), order.end(), Index{0});
  const auto speed = [&](Index i) {
    return trials_[i].rates.empty() ? 0.0 : speed_against(trials_[i], trials_[first]);
  };
  std::erase_if(order, [&](Index i) { return i != 0 && trials_[i].rates.empty() && trials_[i].fault.empty(); });
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return speed(a) > speed(b); });
  for (const Index i : order) {
    if (i == chosen) result.chosen = result.trials.size();
    if (i == 0) result.by_rule = result.trials.size();
    result.trials.push_back(trials_[i]);
  }
  return result;
}

}  // namespace pixmill::measure
