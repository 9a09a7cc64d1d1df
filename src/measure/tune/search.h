// The search behind tune(), apart from sessions and clocks so that a test can put numbers in their place.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <vector>

#include "pixmill/measure/tune.h"

namespace pixmill::measure {

// Where setups are tried.
class Stand {
 public:
  virtual ~Stand() = default;

  virtual double seconds() = 0;  // a steady clock
  // Makes a setup ready, its slow first inference behind it; returns what loading took. Throws Error: it cannot run.
  virtual double load(const Setup& setup) = 0;
  // Pictures a second, measured for so long at least. Only of what is loaded. Throws Error.
  virtual double rate(const Setup& setup, double seconds) = 0;
  virtual void unload(const Setup& setup) = 0;
};

// The setups that a search may reach.
struct Space {
  Setup by_rule;                  // what "auto" takes without tuning: measured first
  std::vector<Setup> seeds;       // one for each other device and precision
  std::vector<Setup> only_shown;  // measured, never chosen, and without neighbours
  int cores = 1;
  bool hyper_threads = false;  // two cores may be one
  bool takes_batches = false;
};

// Those next to `setup`: half the streams with twice the threads, half the streams alone where cores are hyper-threads,
// twice the batch.
std::vector<Setup> neighbours(const Setup& setup, const Space& space);

class Search {
 public:
  Search(const Space& space, Stand& stand, double budget_seconds, const std::atomic<bool>& stop, TuneProgress progress);

  TuneResult run();

 private:
  using Index = std::size_t;

  bool admit(Index index);
  bool measure(Index index);
  bool admit_waiting();
  bool measure_round();
  bool has_time_for(double seconds) const;
  void drop_slow();
  void invite_neighbours();
  bool is_settled(Index index, Index leader) const;
  bool is_clear() const;
  void fail(Index index, const std::string& why);
  void leave(Index index);
  void enlist(const Setup& setup, bool choosable);
  Index leader() const;
  Index choice(Index leader) const;
  TuneResult result(bool clear) const;

  const Space& space_;
  Stand& stand_;
  const double budget_;
  const double slice_;  // seconds of one measurement
  const double start_;
  const std::atomic<bool>& stop_;
  const TuneProgress progress_;
  std::vector<TuneTrial> trials_;  // [0] is the rule's
  std::deque<Index> waiting_;      // not loaded
  std::vector<Index> live_;        // loaded, measured once a round
  std::vector<bool> invited_;      // whose neighbours are enlisted
  std::map<Index, double> spent_;  // seconds that the last measurement of a trial took
  double longest_load_ = 0.0, longest_measurement_ = 0.0;
  int round_ = 0;
};

}  // namespace pixmill::measure
