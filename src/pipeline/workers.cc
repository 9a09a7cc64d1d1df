#include "pipeline/workers.h"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task.h>
#include <oneapi/tbb/task_arena.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <semaphore>
#include <thread>
#include <utility>

namespace pixmill::pipeline {
namespace {

// Counts what was started and has not ended.
class Open {
 public:
  void begin() {
    const std::scoped_lock lock(mutex_);
    ++count_;
  }
  void end() {
    const std::scoped_lock lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [&] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::int64_t count_ = 0;
};

class ResumableWorkers final : public Workers {
 public:
  ~ResumableWorkers() override { open_.wait(); }

  void start(std::function<void()> work) override {
    open_.begin();
    arena_.enqueue([this, work = std::move(work)] {
      work();
      open_.end();
    });
  }

  void suspend(std::function<void(Resume)> wait) override {
    tbb::task::suspend([&wait](tbb::task::suspend_point here) {
      const auto call = std::move(wait);  // the suspended stack may go on before this returns
      call([here] { tbb::task::resume(here); });
    });
  }

  void drain() override { open_.wait(); }

 private:
  tbb::task_arena arena_{tbb::task_arena::attach()};
  Open open_;
};

class PlainWorkers final : public Workers {
 public:
  explicit PlainWorkers(int threads) : places_(threads) {}
  ~PlainWorkers() override { open_.wait(); }

  void start(std::function<void()> work) override {
    open_.begin();
    std::thread([this, work = std::move(work)]() mutable {
      places_.acquire();
      work();
      work = {};
      places_.release();
      open_.end();
    }).detach();
  }

  void suspend(std::function<void(Resume)> wait) override {
    const auto go_on = std::make_shared<std::binary_semaphore>(0);
    places_.release();
    wait([go_on] { go_on->release(); });
    go_on->acquire();
    places_.acquire();
  }

  void drain() override { open_.wait(); }

 private:
  std::counting_semaphore<> places_;
  Open open_;
};

}  // namespace

std::unique_ptr<Workers> make_resumable_workers() {
  return std::make_unique<ResumableWorkers>();
}

std::unique_ptr<Workers> make_plain_workers(int threads) {
  return std::make_unique<PlainWorkers>(threads);
}

codecs::SideBySide side_by_side() {
  if (plain_threads_wanted()) return {};
  return [](std::size_t count, const std::function<void(std::size_t)>& part) {
    // Isolated: a thread that waits for its parts takes no other picture meanwhile.
    tbb::this_task_arena::isolate([&] { tbb::parallel_for(std::size_t{0}, count, part); });
  };
}

bool plain_threads_wanted() {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return true;
#else
  return false;
#endif
}

}  // namespace pixmill::pipeline
