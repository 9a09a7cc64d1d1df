// A disk cache of model outputs: the same picture with another background, mask or crop needs no second inference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pixmill/core/tensor.h"

namespace pixmill::pipeline {

std::filesystem::path result_folder(const std::filesystem::path& cache);

// The limit that is meant by `wanted` bytes: that, or, where it is negative, 1 GiB or a quarter of the free disk if
// that is less.
std::int64_t result_cache_limit(std::int64_t wanted, const std::filesystem::path& cache);

// Entries are found by a hash of the model's input tensors and of everything else that its output depends on.
// So no change of decoding or preprocessing can return a wrong one; file names and dates do not matter.
//
// Outputs are cached only where that pays: where the quickest inference of this run took kWorthMs a picture or more,
// and kWorthTimes as long as writing an output does. Quick models do not wear out the disk.
//
// Thread-safe. Several processes may share a folder: entries appear whole, a damaged one is deleted and counts as a
// miss, and the ones used longest ago go when the limit is passed. Trouble with the disk costs the cache, never a
// picture.
class ResultCache {
 public:
  static constexpr double kWorthMs = 50.0;
  static constexpr double kWorthTimes = 5.0;

  struct Key {
    std::string digest;  // empty: the cache is off
    std::string engine;  // that it was made for
  };

  struct Stats {
    std::int64_t hits = 0, misses = 0;
    std::int64_t stored = 0;
    std::int64_t bytes_read = 0, bytes_written = 0;  // on disk
  };

  // `limit`: bytes on disk; 0 turns the cache off. `engine`: all that the output depends on beside the input: model,
  // backend and its version, device, precision, outputs.
  ResultCache(std::filesystem::path folder, std::int64_t limit, std::string engine);

  // The engine turned out to be another one: keys made before this call find nothing and store nothing.
  void set_engine(std::string engine);

  bool is_current(const Key& key) const;

  // `graph`: index of the model file that the inputs are for.
  Key key_of(int graph, std::span<const Tensor* const> inputs) const;
  Key key_of(const Tensor& input) const {
    const Tensor* const inputs[] = {&input};
    return key_of(0, inputs);
  }
  std::optional<std::vector<Tensor>> find(const Key& key);

  // `inference_ms`: how long the inference of this picture took.
  void store(const Key& key, std::span<const Tensor> outputs, double inference_ms);

  bool on() const { return limit_ > 0; }
  Stats stats() const;
  std::string trouble() const;  // why nothing more is cached in this run, as a message; empty when all is well

 private:
  std::filesystem::path file_of(const Key& key) const;
  bool is_worth_it(double inference_ms);
  void write(const Key& key, std::span<const Tensor> outputs);
  void make_room(std::int64_t added);

  const std::filesystem::path folder_;
  const std::int64_t limit_;

  mutable std::mutex mutex_;  // guards everything below
  std::string engine_;
  Stats stats_;
  std::string trouble_;
  double quickest_ms_ = std::numeric_limits<double>::infinity();
  double write_ms_ = 0.0;                      // sum
  std::optional<std::int64_t> bytes_on_disk_;  // as far as this process knows
};

}  // namespace pixmill::pipeline
