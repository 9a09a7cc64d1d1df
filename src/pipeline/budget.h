// A limit for bytes and items in flight.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace pixmill::pipeline {

// One thread acquires, any thread gives back. An item larger than the whole budget is let in when it is alone, so that
// no picture is too large for a job. Must outlive its shares.
class Budget {
 public:
  Budget(std::size_t bytes, std::size_t items) : bytes_(bytes), items_(items) {}

  // What one item holds; gives it back at its end. Move-only.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    Share& operator=(Share&& other) noexcept {
      if (this != &other) {
        give_back();
        budget_ = std::exchange(other.budget_, nullptr);
        bytes_ = other.bytes_;
      }
      return *this;
    }
    ~Share() { give_back(); }

   private:
    friend class Budget;
    Share(Budget* budget, std::size_t bytes) : budget_(budget), bytes_(bytes) {}
    void give_back() {
      if (budget_ != nullptr) std::exchange(budget_, nullptr)->release(bytes_);
    }
    Budget* budget_ = nullptr;
    std::size_t bytes_ = 0;
  };

  // Waits until `bytes` fit, or nothing else is in flight. `waited` tells whether it had to.
  Share acquire(std::size_t bytes, bool& waited) {
    std::unique_lock lock(mutex_);
    const auto fits = [&] { return used_items_ == 0 || (used_items_ < items_ && used_bytes_ + bytes <= bytes_); };
    waited = !fits();
    changed_.wait(lock, fits);
    used_bytes_ += bytes;
    ++used_items_;
    return Share(this, bytes);
  }

  // Lets so many items in at once from now on.
  void allow(std::size_t items) {
    const std::scoped_lock lock(mutex_);
    items_ = items;
    changed_.notify_one();
  }

  std::size_t items_in_flight() const {
    const std::scoped_lock lock(mutex_);
    return used_items_;
  }

 private:
  void release(std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    used_bytes_ -= bytes;
    --used_items_;
    changed_.notify_one();
  }

  const std::size_t bytes_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::size_t items_;
  std::size_t used_bytes_ = 0;
  std::size_t used_items_ = 0;
};

}  // namespace pixmill::pipeline
