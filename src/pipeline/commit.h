// The end of every item: its files get their names.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "pipeline/item.h"
#include "pipeline/journal.h"
#include "pipeline/writer.h"

namespace pixmill::pipeline {

// What was made of one picture: a whole file for each of the item's outputs, in their order.
struct Made {
  std::vector<std::vector<std::byte>> files;
};

// Takes what was made of an item, writes it and says when it is there for good. Thread-safe.
class Committer {
 public:
  struct Parts {
    Writer& writer;
    Journal& journal;
    std::atomic<bool>& disk_full;      // set when an output met a full disk: going on would only burn time
    std::function<void(Item&)> ended;  // called once for each item, from any thread, also where it failed meanwhile
  };
  explicit Committer(Parts parts) : parts_(std::move(parts)) {}

  // The bytes of `made` are on disk when this returns; the names and the call of `ended` may follow later, on another
  // thread. Until then only `input`, `outputs`, `replace`, `key`, `size`, `times` and `failure` of the item are used.
  // Must not be called for an item that failed. Nothing is thrown: what goes wrong becomes the item's failure.
  void commit(const ItemPtr& item, Made made);

  // Returns when `ended` was called for every item.
  void drain() {}

 private:
  void write(Item& item, const Made& made);
  void name(const Item& item, const Made& made);
  bool made_meanwhile(const Item& item);

  Parts parts_;
};

}  // namespace pixmill::pipeline
