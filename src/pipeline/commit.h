// The end of every item: its files get their names, and the catalogue its rows.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/item.h"
#include "pipeline/writer.h"
#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

// One whole file: in memory, or on disk under Writer::name_beside() its output, which then belongs to the committer.
struct MadeFile {
  std::vector<std::byte> bytes = {};
  std::filesystem::path file = {};
};

// What was made of one picture: a file for each of the item's outputs, in their order, and what was found in it.
struct Made {
  std::vector<MadeFile> files;
  std::vector<StoredRecord> records;
};

// Takes what was made of an item, writes it and says when it is there for good: also after a power cut. Items that come
// while the disk is busy share the next wait for it. Thread-safe.
//
// The order is: files under temporary names; their bytes on disk; rows on disk, which tell the old file and the new
// one; names; the names on disk; rows closed, with the next items' rows. So there is never a row without its file nor
// a file that nobody knows.
class Committer {
 public:
  struct Parts {
    Writer& writer;
    Catalogue& catalogue;
    std::atomic<bool>& disk_full;      // set when an output met a full disk: going on would only burn time
    std::function<void(Item&)> ended;  // called once for each item, from any thread, also where it failed meanwhile
  };
  explicit Committer(Parts parts);
  ~Committer();

  // The bytes of `made` are written when this returns, though perhaps not on disk; `ended` is called later, on another
  // thread. Until then `input`, `identity`, `outputs`, `replace`, `compare`, `owners`, `key`, `stamp`, `size`, `times`
  // and `failure` of the item are used, and nothing else. Must not be called for an item that failed. Nothing is
  // thrown: what goes wrong becomes the item's failure. Waits while very many are on their way.
  void commit(const ItemPtr& item, Made made);

  // A name for a file that shall become `output`, and what gives up such a file. Thread-safe.
  std::filesystem::path name_beside(const std::filesystem::path& output);
  void discard(const std::filesystem::path& file) noexcept { parts_.writer.discard(file); }

  // Returns when `ended` was called for every item.
  void drain();

 private:
  struct Pending {
    ItemPtr item;
    Catalogue::Entry entry;
    std::vector<std::filesystem::path> staged;  // per output; empty: no file is on its way
  };

  Pending stage(const ItemPtr& item, Made& made);
  void stage_file(Pending& pending, std::size_t index, const Item& item, const MadeFile& made);
  void show(const MadeFile& made);
  void end(Item& item);
  void work();
  void commit_group(std::vector<Pending>& group);
  void sync_files(std::vector<Pending>& group);
  void write_rows(std::vector<Pending>& group);
  void name_files(Pending& pending);
  bool made_meanwhile(const Pending& pending, std::size_t index);
  void sync_folders(std::vector<Pending>& group);
  void discard(Pending& pending) noexcept;

  Parts parts_;
  std::vector<Catalogue::Coming> finished_;  // on the committing thread: named for good, their rows still open
  std::mutex mutex_;                         // guards those below
  std::condition_variable changed_;
  std::deque<Pending> waiting_;
  std::size_t unfinished_ = 0;  // waiting or in work
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace pixmill::pipeline
