// The fastest way to run a model on this machine, found by trying.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pixmill/measure/subject.h"
#include "pixmill/pipeline/tuning.h"

namespace pixmill::measure {

using pipeline::Setup;

// One setup and what was measured of it.
struct TuneTrial {
  Setup setup;
  bool choosable = true;  // its precision is one that the model's card calls good
  double load_seconds = 0.0;
  std::map<int, double> rates = {};  // pictures a second, by round
  std::string fault = {};            // why it cannot run here; empty when it can
  bool dropped = false;              // clearly slower than the leader

  double rate() const;  // the median; 0 for none
};

// How many times as fast as `other` a trial is: the median over the rounds in which both were measured, so that a
// machine that slows down for a while slows both; of their own medians when there is no such round. Both have rates.
double speed_against(const TuneTrial& trial, const TuneTrial& other);

struct TuneOptions {
  platform::Home home = {};      // where the speeds of this machine are stored: measured first where they are not known
  double budget_seconds = 60.0;  // with the time that loading takes; the first trial alone may exceed it
  bool all_precisions = false;   // measure those too that the card does not call good; they are never chosen
};

struct TuneResult {
  std::vector<TuneTrial> trials;  // fastest first, what cannot run last
  std::size_t chosen = 0;         // in `trials`
  std::size_t by_rule = 0;        // what "auto" takes without tuning
  int rounds = 0;
  double elapsed_s = 0.0;
  bool clear = false;  // the search ended with a clear winner, not because time was up
  bool interrupted = false;
  std::vector<std::string> findings = {};  // messages for the user

  const TuneTrial& winner() const { return trials[chosen]; }
  // Pictures a second of one that ran, compared with the fastest round by round, so that figures shown side by side
  // are comparable although a busy machine slowed some rounds down.
  double rate_of(const TuneTrial& trial) const { return trials.front().rate() * speed_against(trial, trials.front()); }
  double gain() const { return speed_against(trials[chosen], trials[by_rule]); }  // of the winner over the rule
};

// "4.32", "43.2", "432": pictures a second as a person reads them.
std::string rate_text(double rate);

// Called before each measurement: what is measured, and seconds since the start.
using TuneProgress = std::function<void(const Setup& setup, double elapsed_s)>;

// Rounds over all contenders, each of them once a round; contenders that are clearly slower than the leader leave,
// the others add their neighbours: other numbers of streams and threads, a larger batch. Sessions of all contenders are
// in memory side by side. Throws what loading the setup of "auto" throws.
TuneResult tune(const Subject& subject, const TuneOptions& options, const std::atomic<bool>& stop,
                const TuneProgress& progress = {});

// What tune() would load and measure first, the setup of "auto" before the others. Loads no model.
std::vector<Setup> first_contenders(const Subject& subject, const TuneOptions& options);

// What is stored of a result: the winner, then the fastest of each other device and precision, so that a job that asks
// for one of these gets its best.
pipeline::Tuning tuning_of(const TuneResult& result, const Subject& subject);

}  // namespace pixmill::measure
