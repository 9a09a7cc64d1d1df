#include "pipeline/reporter.h"

#include <algorithm>

#include "pixmill/platform/memory.h"

namespace pixmill::pipeline {
namespace {

constexpr auto kTick = std::chrono::milliseconds(200);
constexpr auto kRateWindow = std::chrono::seconds(15);
constexpr auto kPeakWindow = std::chrono::seconds(1);
constexpr std::size_t kBatchesAveraged = 10;
constexpr std::size_t kMostReasons = 10'000;

double seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string_view name_of(Stage stage) {
  switch (stage) {
    case Stage::read: return "read";
    case Stage::decode: return "decode";
    case Stage::preprocess: return "preprocess";
    case Stage::infer: return "infer";
    case Stage::postprocess: return "postprocess";
    case Stage::encode: return "encode";
    case Stage::write: return "write";
  }
  return "";
}

Reporter::Reporter(const EventSink& sink) : sink_(sink) {}

Reporter::~Reporter() = default;

void Reporter::began(Began event) {
  const std::scoped_lock lock(mutex_);
  totals_.total = event.total;
  totals_.model = event.model;
  start_ = Clock::now();
  marks_.emplace_back(start_, 0);
  emit(event);
  ticker_ = std::jthread([this](const std::stop_token& stop) { tick(stop); });
}

void Reporter::planned(const Planned& event) {
  const std::scoped_lock lock(mutex_);
  emit(event);
}

void Reporter::working_on(const std::filesystem::path& input) {
  const std::scoped_lock lock(mutex_);
  current_ = input;
}

void Reporter::warning(std::string message) {
  const std::scoped_lock lock(mutex_);
  totals_.warnings.push_back(message);
  emit(Warning{std::move(message)});
}

void Reporter::tell(const Event& event) {
  if (const auto* warned = std::get_if<Warning>(&event)) return warning(warned->message);
  const std::scoped_lock lock(mutex_);
  emit(event);
}

void Reporter::batch_ended(const std::string& device, int pictures, double ms) {
  const std::scoped_lock lock(mutex_);
  ++totals_.batches;
  Device& at = devices_[device];
  at.latest.emplace_back(pictures, ms);
  if (at.latest.size() > kBatchesAveraged) at.latest.pop_front();
  const auto now = Clock::now();
  if (now - at.told < kTick) return;
  at.told = now;
  const auto rate = [](double count, double milliseconds) {
    return milliseconds > 0 ? 1000.0 * count / milliseconds : 0.0;
  };
  std::pair<double, double> sum;
  for (const auto& [count, milliseconds] : at.latest) {
    sum.first += count;
    sum.second += milliseconds;
  }
  emit(BatchEnded{device, pictures, ms, rate(pictures, ms), rate(sum.first, sum.second), platform::memory_bytes(),
                  totals_.batches});
}

void Reporter::skipped(const Skipped& event) {
  const std::scoped_lock lock(mutex_);
  ++totals_.skipped;
  emit(event);
}

void Reporter::known(const Known& event) {
  const std::scoped_lock lock(mutex_);
  totals_.skipped += event.pictures;
  emit(event);
}

void Reporter::failed(const Failed& event) {
  const std::scoped_lock lock(mutex_);
  count_failed(event);
}

void Reporter::count_failed(const Failed& event) {
  ++totals_.failed;
  if (reasons_.size() < kMostReasons) reasons_.emplace(event.input.string(), event.message);
  emit(event);
}

std::string Reporter::why_failed(const std::string& input) const {
  const std::scoped_lock lock(mutex_);
  const auto found = reasons_.find(input);
  return found == reasons_.end() ? "" : found->second;
}

void Reporter::item_ended(const Item& item) {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < kStages; ++i) totals_.times[i] += item.times[i];
  if (item.failure) {
    count_failed(*item.failure);
  } else {
    ++totals_.done;
    for (const auto& [name, count] : item.tallies) add_to(totals_.tallies, name, count);
    emit(pipeline::Done{item.input, item.outputs, item.size, item.times, item.notes});
  }
}

std::int64_t Reporter::failures() const {
  const std::scoped_lock lock(mutex_);
  return totals_.failed;
}

std::int64_t Reporter::pictures_left() const {
  const std::scoped_lock lock(mutex_);
  return totals_.total - totals_.done - totals_.skipped - totals_.failed;
}

Progress Reporter::progress() const {
  Progress now;
  now.total = totals_.total;
  now.done = totals_.done;
  now.skipped = totals_.skipped;
  now.failed = totals_.failed;
  now.elapsed_s = seconds(Clock::now() - start_);
  now.current = current_;
  const double window = seconds(Clock::now() - marks_.front().first);
  const auto worked = totals_.done - marks_.front().second;
  if (worked > 0 && window > 0) {
    now.rate = static_cast<double>(worked) / window;
    now.eta_s = static_cast<double>(now.total - now.done - now.skipped - now.failed) / now.rate;
  }
  return now;
}

void Reporter::tick(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    wake_.wait_for(lock, stop, kTick, [] { return false; });
    if (stop.stop_requested()) return;
    emit(progress());
    measure();
  }
}

// What the rates and averages are made of.
void Reporter::measure() {
  const std::int64_t memory = platform::memory_bytes();
  memory_sum_ += static_cast<double>(memory);
  memory_most_ = std::max(memory_most_, memory);
  ++memory_samples_;
  const auto now = Clock::now();
  const auto second_ago =
      std::find_if(marks_.rbegin(), marks_.rend(), [&](const auto& mark) { return now - mark.first >= kPeakWindow; });
  if (second_ago != marks_.rend()) {
    totals_.peak_rate = std::max(
        totals_.peak_rate, static_cast<double>(totals_.done - second_ago->second) / seconds(now - second_ago->first));
  }
  marks_.emplace_back(now, totals_.done);
  while (marks_.size() > 2 && now - marks_.front().first > kRateWindow) marks_.pop_front();
}

Ended Reporter::totals() {
  if (ticker_.joinable()) {
    ticker_.request_stop();
    ticker_.join();
  }
  const std::scoped_lock lock(mutex_);
  if (!marks_.empty()) {
    emit(progress());
    measure();
  }
  Ended totals = totals_;
  totals.elapsed_s = seconds(Clock::now() - start_);
  totals.rate = totals.elapsed_s > 0 ? static_cast<double>(totals.done) / totals.elapsed_s : 0.0;
  totals.peak_rate = std::max(totals.peak_rate, totals.rate);
  totals.peak_memory_bytes = std::max(platform::peak_memory_bytes(), memory_most_);  // the kernel's peak may lag behind
  if (memory_samples_ > 0)
    totals.average_memory_bytes = static_cast<std::int64_t>(memory_sum_ / static_cast<double>(memory_samples_));
  return totals;
}

void Reporter::exported(const Exported& event) {
  const std::scoped_lock lock(mutex_);
  totals_.exports_failed += static_cast<std::int64_t>(event.failed.size());
  emit(event);
}

void Reporter::ended(const Ended& event) {
  const std::scoped_lock lock(mutex_);
  emit(event);
}

}  // namespace pixmill::pipeline
