#include "pixmill/measure/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

namespace pixmill::measure {

Statistics statistics(std::vector<double> values) {
  Statistics result;
  if (values.empty()) return result;
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  result.count = static_cast<int>(values.size());
  result.min = values.front();
  result.max = values.back();
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  const std::size_t middle = values.size() / 2;
  result.median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  result.p95 = values[static_cast<std::size_t>(std::ceil(0.95 * count)) - 1];
  if (values.size() > 1) {
    double squares = 0.0;
    for (const double value : values) squares += (value - result.mean) * (value - result.mean);
    result.deviation = std::sqrt(squares / (count - 1));
  }
  return result;
}

double throughput(runtime::Session& session, const Subject& subject, int batch, double seconds,
                  const std::atomic<bool>& stop) {
  using Clock = std::chrono::steady_clock;
  std::vector<Tensor> batches;  // made before the clock runs
  for (std::size_t first = 0; first < subject.inputs.size(); first += static_cast<std::size_t>(batch)) {
    batches.push_back(subject.batch(first, batch));
  }
  std::atomic<std::int64_t> pictures = 0;
  std::exception_ptr failure;
  std::mutex mutex;  // guards `failure`
  const auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  const auto call = [&](std::size_t caller) {
    try {
      std::size_t next = caller;
      do {
        session.run({&batches[next++ % batches.size()], 1}, subject.wanted);
        pictures += batch;
      } while (elapsed() < seconds && !stop);
    } catch (...) {
      const std::scoped_lock lock(mutex);
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> callers;
  for (int i = 1; i < session.info().streams; ++i) callers.emplace_back(call, static_cast<std::size_t>(i));
  call(0);
  for (std::thread& caller : callers) caller.join();
  if (failure) std::rethrow_exception(failure);
  return static_cast<double>(pictures.load()) / elapsed();
}

}  // namespace pixmill::measure
