// The connections of a catalogue: one writes, one reads; and what happens when the file turns out to be damaged.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/catalogue/database.h"
#include "pipeline/catalogue/tables.h"
#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

// Thread-safe. Nothing but statements of SQLite runs under its locks.
struct Catalogue::State {
 public:
  State(std::filesystem::path file, Options options);

  // `work(Tables&)` with its lock held. Where the file is damaged it is set aside and the work done again on a new one.
  template <typename Work>
  auto read(Work work) {
    return with(alone_ ? writer_ : reader_, std::move(work));
  }
  template <typename Work>
  auto write(Work work) {
    return with(writer_, std::move(work));
  }

  template <typename Add>
  std::size_t add(Add add) {
    const std::scoped_lock lock(notes_);
    add(corrections_);
    return corrections_.size();
  }
  std::size_t waiting() {
    return add([](Corrections&) {});
  }
  // With the corrections, which are kept for the next time where it fails.
  void write_all(const char* durability, std::span<const Coming> finished, std::span<Entry> entries);
  std::vector<std::string> take_warnings() {
    const std::scoped_lock lock(notes_);
    return std::exchange(warnings_, {});
  }

 private:
  struct Connection {
    std::mutex mutex;  // guards the tables
    std::unique_ptr<Tables> tables;
  };

  template <typename Work>
  auto with(Connection& connection, Work work) {
    const std::uint64_t seen = generation_;
    try {
      const std::scoped_lock lock(connection.mutex);
      return work(*connection.tables);
    } catch (const Damaged&) {
      replace_damaged(seen);
    }
    try {
      const std::scoped_lock lock(connection.mutex);
      return work(*connection.tables);
    } catch (const Damaged&) {
      throw CatalogueError(ErrorCode::corrupt, file_.string() + " was damaged twice",
                           "check the disk that PIXMILL_HOME is on");
    }
  }

  Corrections take_corrections();
  void give_back(Corrections corrections);
  void open();  // the file, or throws
  void open_or_do_without();
  void open_in_memory();
  void copy_into_memory();
  void set_aside();
  void replace_damaged(std::uint64_t seen);
  void warn(std::string message);
  std::unique_ptr<Tables> connect(bool first);

  const std::filesystem::path file_;
  const Options options_;
  Connection writer_;
  Connection reader_;                // without tables where `alone_`
  std::atomic<bool> alone_ = false;  // in memory: the writer reads
  std::atomic<std::uint64_t> generation_ = 0;
  std::uint64_t inode_ = 0;  // of the file that is open
  std::mutex notes_;         // guards those below
  Corrections corrections_;
  std::vector<std::string> warnings_;
};

}  // namespace pixmill::pipeline
