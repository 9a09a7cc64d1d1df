// Counts what a job did and emits its events.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/item.h"
#include "pixmill/pipeline/event.h"

namespace pixmill::pipeline {

// Thread-safe. Emits Progress a few times a second between began() and ended().
class Reporter {
 public:
  explicit Reporter(const EventSink& sink);
  ~Reporter();
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;

  void began(Began event);
  void planned(const Planned& event);
  void working_on(const std::filesystem::path& input);
  void warning(std::string message);
  void tell(const Event& event);  // a warning counts as one; anything else is handed on
  // A device ran so many pictures in one go. Told as BatchEnded a few times a second at most.
  void batch_ended(const std::string& device, int pictures, double ms);
  void skipped(const Skipped& event);
  void known(const Known& event);
  void failed(const Failed& event);
  void item_ended(const Item& item);  // Done or Failed

  std::int64_t failures() const;
  // The reason of a picture that failed, as the user named it; empty where none is known. The first ten thousand are.
  std::string why_failed(const std::string& input) const;
  std::int64_t pictures_left() const;  // that have not ended, those in work among them

  // The counts and stage times so far, as the start of an Ended; stops the ticker.
  Ended totals();
  void exported(const Exported& event);
  void ended(const Ended& event);

 private:
  using Clock = std::chrono::steady_clock;

  void emit(const Event& event) { sink_(event); }  // mutex_ held
  void count_failed(const Failed& event);          // mutex_ held
  Progress progress() const;                       // mutex_ held
  void tick(const std::stop_token& stop);
  void measure();  // mutex_ held

  const EventSink& sink_;
  mutable std::mutex mutex_;  // guards everything below, and serialises the sink
  std::condition_variable_any wake_;
  Clock::time_point start_ = Clock::now();
  std::deque<std::pair<Clock::time_point, std::int64_t>> marks_;  // (when, done) of the last seconds, for the rate
  Ended totals_;
  std::map<std::string, std::string> reasons_;  // of pictures that failed
  struct Device {
    std::deque<std::pair<int, double>> latest;  // (pictures, ms) of the last batches
    Clock::time_point told;
  };
  std::map<std::string, Device> devices_;
  double memory_sum_ = 0.0;  // of the samples
  std::int64_t memory_most_ = 0;
  std::int64_t memory_samples_ = 0;
  std::filesystem::path current_;
  std::jthread ticker_;
};

}  // namespace pixmill::pipeline
