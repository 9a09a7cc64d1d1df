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
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

std::filesystem::path result_folder(const std::filesystem::path& cache);

// The limit that is meant by `wanted` bytes: that, or, where it is negative, 1 GiB or a quarter of the free disk if
// that is less.
std::int64_t result_cache_limit(std::int64_t wanted, const std::filesystem::path& cache);

// Entries are found by a hash of the model's input tensors and of everything else that its output depends on.
// So no change of decoding or preprocessing can return a wrong one; file names and dates do not matter.
//
// Outputs are cached only where that pays: where the quickest inference of the graph in this run took kWorthMs a
// picture or more, and kWorthTimes as long as writing an output does. Quick models do not wear out the disk. What a
// task wants kept (tasks::Keep) is cached whatever it costs.
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
    int graph = 0;
    std::string engine;  // that it was made for
  };

  struct Stats {
    std::int64_t hits = 0, misses = 0;
    std::int64_t stored = 0;
    std::int64_t bytes_read = 0, bytes_written = 0;  // on disk
  };

  // `limit`: bytes on disk; 0 turns the cache off. `engines`, one for each graph: all that the output depends on beside
  // the input: model, backend and its version, device, precision, outputs.
  ResultCache(std::filesystem::path folder, std::int64_t limit, std::vector<std::string> engines);
  ResultCache(std::filesystem::path folder, std::int64_t limit, std::string engine)
      : ResultCache(std::move(folder), limit, std::vector<std::string>{std::move(engine)}) {}

  // The engine of a graph turned out to be another one: its keys of before find nothing and store nothing.
  void set_engine(std::string engine, int graph = 0);

  bool is_current(const Key& key) const;

  // `graph`: index of the model file that the inputs are for.
  Key key_of(int graph, std::span<const Tensor* const> inputs) const;
  Key key_of(const Tensor& input) const {
    const Tensor* const inputs[] = {&input};
    return key_of(0, inputs);
  }
  std::optional<std::vector<Tensor>> find(const Key& key);

  // `inference_ms`: how long the inference of this picture took.
  void store(const Key& key, std::span<const Tensor> outputs, double inference_ms,
             tasks::Keep keep = tasks::Keep::where_it_pays);

  bool on() const { return limit_ > 0; }
  Stats stats() const;
  std::string trouble() const;  // why nothing more is cached in this run, as a message; empty when all is well

 private:
  std::filesystem::path file_of(const Key& key) const;
  bool is_worth_it(int graph, double inference_ms, tasks::Keep keep);
  void write(const Key& key, std::span<const Tensor> outputs);
  void make_room(std::int64_t added);

  const std::filesystem::path folder_;
  const std::int64_t limit_;

  mutable std::mutex mutex_;  // guards everything below
  struct Engine {
    std::string text;
    double quickest_ms = std::numeric_limits<double>::infinity();
  };
  std::vector<Engine> engines_;  // of the graphs
  Stats stats_;
  std::string trouble_;
  double write_ms_ = 0.0;                      // sum
  std::optional<std::int64_t> bytes_on_disk_;  // as far as this process knows
};

}  // namespace pixmill::pipeline
