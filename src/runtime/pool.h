// A pool of objects that serve one caller at a time.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace pixmill::runtime {

// Thread-safe. Must outlive its leases.
template <typename Thing>
class Pool {
 public:
  void add(Thing thing) {
    {
      const std::lock_guard lock(mutex_);
      free_.push_back(std::move(thing));
    }
    returned_.notify_one();
  }

  // One of them for as long as this lives; waits until one is free.
  class Lease {
   public:
    explicit Lease(Pool& pool) : pool_(pool), thing_(pool.take()) {}
    ~Lease() { pool_.add(std::move(thing_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Thing& operator*() { return thing_; }
    Thing* operator->() { return &thing_; }

   private:
    Pool& pool_;
    Thing thing_;
  };

 private:
  Thing take() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return !free_.empty(); });
    Thing thing = std::move(free_.back());
    free_.pop_back();
    return thing;
  }

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Thing> free_;  // guarded by mutex_
};

}  // namespace pixmill::runtime
