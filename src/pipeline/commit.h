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
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// A result: its bytes, or a file that Committer::reserve() named.
struct MadeFile {
  std::vector<std::byte> bytes;
  std::filesystem::path staged;
};

// What was made of one picture: a file for each of the item's outputs, in their order, and what was found out.
struct Made {
  std::vector<MadeFile> files;
  std::vector<tasks::Record> records;
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

  // An empty file, under a temporary name, for what shall become `output`. Throws Error{disk_full, unwritable}.
  std::filesystem::path reserve(const std::filesystem::path& output);
  void discard(const std::filesystem::path& reserved) noexcept { parts_.writer.discard(reserved); }

  // Returns when `ended` was called for every item.
  void drain() {}

 private:
  void write(Item& item, const Made& made);
  void show(const MadeFile& file);
  void name(const Item& item, const Made& made);
  bool made_meanwhile(const Item& item);

  Parts parts_;
};

}  // namespace pixmill::pipeline
