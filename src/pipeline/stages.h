// What happens to one item at each station of the line. Failures end up in the items, never as exceptions.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "pipeline/batcher.h"
#include "pipeline/line.h"

namespace pixmill::pipeline {

// Thread-safe: the stations share nothing but the parts, which are.
class Stages {
 public:
  explicit Stages(const LineParts& parts);

  void decode_and_prepare(Item& item) const;
  // On out-of-memory a batch is halved and the same items run again; items alone then fail.
  void infer(Batch& batch) const;
  void finish_and_write(Item& item) const;

 private:
  void run_batch(const Batch& batch) const;
  void commit(const Item& item, const std::vector<std::vector<std::byte>>& files) const;
  bool made_meanwhile(const Item& item) const;
  void write(Item& item, const std::vector<std::vector<std::byte>>& files) const;

  LineParts parts_;
  std::vector<int> wanted_outputs_;
  std::size_t fixed_batch_ = 0;  // 0: dynamic
};

}  // namespace pixmill::pipeline
