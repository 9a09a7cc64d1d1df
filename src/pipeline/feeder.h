// Reads pictures from disk, skips what is done, and passes the rest to the pipeline as memory allows.
#pragma once

#include <atomic>
#include <functional>

#include "pipeline/item.h"
#include "pipeline/naming.h"
#include "pipeline/reporter.h"

namespace pixmill::pipeline {

// Everything before the first stage, on the calling thread: reading is cheap beside the rest, and one reader keeps
// disks reading in order.
class Feeder {
 public:
  struct Parts {
    const JobSpec& spec;
    const Sources& sources;
    const Plan& plan;
    const ResultKey& key;  // model and settings; the content is filled in
    Journal& journal;
    Reporter& reporter;
    Budget& budget;
    std::function<std::size_t(Size)> cost;  // bytes of a picture of that size beside its file
  };
  explicit Feeder(const Parts& parts);

  // Calls `push` for every picture that is to be made, until `stop` returns true.
  void feed(const std::function<void(const ItemPtr&)>& push, const std::function<bool()>& stop);

  double seconds_waited() const { return seconds_waited_; }  // for room in the budget: the pipeline was the slower part

 private:
  ItemPtr read(std::size_t index);  // null when there is nothing to make; what went wrong is reported
  static bool has_result(const Item& item);
  ItemPtr skip(const Item& item, const char* reason) const;  // reports it; null
  bool settle_outputs(Item& item) const;
  std::size_t bytes_in_flight(const Item& item) const;

  Parts parts_;
  std::int64_t machine_bytes_;
  double seconds_waited_ = 0.0;
};

}  // namespace pixmill::pipeline
