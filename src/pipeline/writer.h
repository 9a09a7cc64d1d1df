// Files appear whole or not at all.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "pipeline/file_layer.h"

namespace pixmill::pipeline {

// Writes under a temporary name in the same folder, then renames. Temporary files of runs that were killed are swept
// when their folder is written again. Thread-safe.
class Writer {
 public:
  // `home`: keeps a lock file for the time of this run, by which other runs see that its temporary files are in use.
  explicit Writer(const std::filesystem::path& home, FileLayer& files = FileLayer::of_the_system());
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  struct Staged {
    std::filesystem::path file;
    FileStamp stamp;
  };
  // The bytes under a temporary name beside `output`; its folder is made when it is missing.
  // Throws Error{disk_full, unwritable}; nothing is left then.
  Staged stage(const std::filesystem::path& output, std::span<const std::byte> bytes);

  // The same for a file that somebody else writes: a temporary name beside `output`, whose folder is there.
  std::filesystem::path name_beside(const std::filesystem::path& output);

  // The folders that were made since the last call, by those that hold them: they last once these are synced.
  std::vector<std::filesystem::path> take_changed_folders();

  // Gives a staged file its name. Without `replace`, a file that stands there meanwhile is Error{collision}.
  void commit(const std::filesystem::path& staged, const std::filesystem::path& output, bool replace);

  void discard(const std::filesystem::path& staged) noexcept;

  // Removes the temporary files of runs that were killed, once for each folder.
  void sweep(const std::filesystem::path& folder);

  FileLayer& files() const { return files_; }

 private:
  void enter(const std::filesystem::path& folder);
  bool is_abandoned(const std::string& file_name) const;

  void make_folder(const std::filesystem::path& folder);  // mutex_ held

  FileLayer& files_;
  std::filesystem::path locks_;
  std::string run_;
  int lock_ = -1;
  std::atomic<std::uint64_t> next_ = 0;
  std::mutex mutex_;                         // guards those below
  std::set<std::filesystem::path> entered_;  // folders made
  std::set<std::filesystem::path> swept_;
  std::vector<std::filesystem::path> changed_;  // see take_changed_folders()
};

}  // namespace pixmill::pipeline
