// Counts what a job did and tells it: the one place from which events leave.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
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
  void skipped(const Skipped& event);
  void failed(const Failed& event);
  void item_ended(const Item& item);  // Done or Failed

  std::int64_t failures() const;
  std::int64_t pictures_left() const;  // that have not ended, those in work among them

  // The counts and stage times so far, as the start of an Ended; stops the ticker.
  Ended totals();
  void ended(const Ended& event);

 private:
  using Clock = std::chrono::steady_clock;

  void emit(const Event& event) { sink_(event); }  // mutex_ held
  Progress progress() const;                       // mutex_ held
  void tick(const std::stop_token& stop);

  const EventSink& sink_;
  mutable std::mutex mutex_;  // guards everything below, and serialises the sink
  std::condition_variable_any wake_;
  Clock::time_point start_ = Clock::now();
  std::deque<std::pair<Clock::time_point, std::int64_t>> marks_;  // (when, done) of the last seconds, for the rate
  Ended totals_;
  std::filesystem::path current_;
  std::jthread ticker_;
};

}  // namespace pixmill::pipeline
