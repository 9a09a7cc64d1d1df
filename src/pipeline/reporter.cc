#include "pipeline/reporter.h"

#include "pixmill/platform/memory.h"

namespace pixmill::pipeline {
namespace {

constexpr auto kTick = std::chrono::milliseconds(200);
constexpr auto kRateWindow = std::chrono::seconds(15);

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

void Reporter::skipped(const Skipped& event) {
  const std::scoped_lock lock(mutex_);
  ++totals_.skipped;
  emit(event);
}

void Reporter::failed(const Failed& event) {
  const std::scoped_lock lock(mutex_);
  ++totals_.failed;
  emit(event);
}

void Reporter::item_ended(const Item& item) {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < kStages; ++i) totals_.times[i] += item.times[i];
  if (item.failure) {
    ++totals_.failed;
    emit(*item.failure);
  } else {
    ++totals_.done;
    emit(pipeline::Done{item.input, item.outputs, item.size, item.times});
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
    const auto now = Clock::now();
    marks_.emplace_back(now, totals_.done);
    while (marks_.size() > 2 && now - marks_.front().first > kRateWindow) marks_.pop_front();
  }
}

Ended Reporter::totals() {
  if (ticker_.joinable()) {
    ticker_.request_stop();
    ticker_.join();
  }
  const std::scoped_lock lock(mutex_);
  if (!marks_.empty()) emit(progress());
  Ended totals = totals_;
  totals.elapsed_s = seconds(Clock::now() - start_);
  totals.rate = totals.elapsed_s > 0 ? static_cast<double>(totals.done) / totals.elapsed_s : 0.0;
  totals.peak_memory_bytes = platform::peak_memory_bytes();
  return totals;
}

void Reporter::ended(const Ended& event) {
  const std::scoped_lock lock(mutex_);
  emit(event);
}

}  // namespace pixmill::pipeline
