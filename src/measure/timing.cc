#include "pixmill/measure/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <mutex>
#include <numeric>
#include <semaphore>
#include <thread>

#include "pixmill/core/tensor_batch.h"
#include "pixmill/platform/cores.h"
#include "pixmill/tasks/direct_context.h"

namespace pixmill::measure {
namespace {

// The inputs in batches, made before the clock runs.
std::vector<Tensor> batches_of(const Subject& subject, int batch) {
  std::vector<Tensor> batches;
  for (std::size_t first = 0; first < subject.inputs.size(); first += static_cast<std::size_t>(batch))
    batches.push_back(subject.batch(first, batch));
  return batches;
}

// Calls `work(number)` from `callers` threads, each with numbers of its own, until `seconds` have passed (at least once
// each) or `stop` turns true. Returns calls a second; throws what a call threw.
template <typename Work>
double calls_a_second(int callers, double seconds, const std::atomic<bool>& stop, const Work& work) {
  using Clock = std::chrono::steady_clock;
  std::atomic<std::int64_t> calls = 0;
  std::exception_ptr failure;
  std::mutex mutex;  // guards `failure`
  const auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  const auto call = [&](std::size_t caller) {
    try {
      std::size_t number = caller;
      do {
        work(number++);
        ++calls;
      } while (elapsed() < seconds && !stop);
    } catch (...) {
      const std::scoped_lock lock(mutex);
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < callers; ++i) threads.emplace_back(call, static_cast<std::size_t>(i));
  call(0);
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
  return static_cast<double>(calls.load()) / elapsed();
}

std::vector<Tensor> copy_of(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> copies;
  for (const Tensor& tensor : tensors) copies.push_back(tensor.clone());
  return copies;
}

}  // namespace

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
  const std::vector<Tensor> batches = batches_of(subject, batch);
  return batch * calls_a_second(session.info().streams, seconds, stop, [&](std::size_t number) {
           session.run({&batches[number % batches.size()], 1}, subject.wanted);
         });
}

Answers answers_of(runtime::Session& session, const Subject& subject) {
  const std::int64_t declared = session.signature().inputs.front().shape.front();
  const int batch = std::max(1, static_cast<int>(declared));
  Answers answers;
  for (std::size_t i = 0; i < subject.inputs.size(); ++i) {
    const Tensor input = subject.batch(i, batch);
    std::vector<Tensor> outputs = session.run({&input, 1}, subject.wanted);
    if (batch > 1) {
      for (Tensor& output : outputs) output = std::move(split(output, 1).front());
    }
    answers.push_back(std::move(outputs));
  }
  return answers;
}

double job_throughput(runtime::Session& session, const Subject& subject, const Answers& answers, int batch,
                      double seconds, const std::atomic<bool>& stop) {
  if (!subject.task || answers.size() != subject.photos.size())
    return throughput(session, subject, batch, seconds, stop);
  constexpr int kCallersPerCore = 2;  // as a job has workers
  const std::vector<Tensor> batches = batches_of(subject, batch);
  std::counting_semaphore<> streams(session.info().streams);
  return batch * calls_a_second(kCallersPerCore * platform::usable_cores(), seconds, stop, [&](std::size_t number) {
           for (int i = 0; i < batch; ++i) {
             const std::size_t picture =
                 (number * static_cast<std::size_t>(batch) + static_cast<std::size_t>(i)) % subject.photos.size();
             tasks::DirectContext context([&](int, const tasks::Tensors&) { return copy_of(answers[picture]); });
             subject.task->run(subject.photos[picture].clone(), context);
           }
           streams.acquire();
           try {
             session.run({&batches[number % batches.size()], 1}, subject.wanted);
           } catch (...) {
             streams.release();
             throw;
           }
           streams.release();
         });
}

}  // namespace pixmill::measure
