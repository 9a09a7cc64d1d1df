// Exports that are made in parallel: several pictures are worked on at once; each is read and decoded once for all
// formats that show it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/budget.h"
#include "pipeline/export_commits.h"
#include "pipeline/workers.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/pipeline/exporting.h"

namespace pixmill::pipeline {

// From the folder of a file to a picture, '/' between; empty where one of them is no file.
std::string way_from(const std::filesystem::path& file, const std::filesystem::path& picture);

// A record and how far it is from the one that is asked for.
struct NearRecord {
  int offset = 0;
  StoredRecord record;
};

// How pictures of exports are worked on.
struct PictureWork {
  codecs::DecodeOptions decode = {.metadata = false};
  int workers = 0;               // 0: as many as there are cores
  std::size_t memory_bytes = 0;  // of the pictures in work; 0: an eighth of the machine's, a gigabyte at most
  // The records of so many inputs before and behind that one, in its folder; by their offset.
  std::function<std::vector<NearRecord>(std::size_t index, int reach)> near = {};
};

// A format that shows the pictures or is made in parallel, while it is written.
struct ShownFormat {
  const ExportFormat* format = nullptr;
  Exported* result = nullptr;
  exports::Exporter* exporter = nullptr;  // never null; add() and end() are called with Scope::job alone
  exports::Sink sink = {};                // of Scope::job
};

// One thread calls it. What goes wrong with a picture is in the results of the formats.
class PictureExports {
 public:
  PictureExports(ExportCommits& files, const ExportNames& names, const PictureWork& work);
  PictureExports(const PictureExports&) = delete;
  PictureExports& operator=(const PictureExports&) = delete;
  ~PictureExports();

  // Begins to make the files of one picture, unless they stand there, made of this record and these options; waits
  // for room. Formats of whole jobs get their entries in the order of the calls, on the calling thread. `formats` must
  // live until drain() returns. Throws Error{usage}: of this picture or one before.
  void add(const std::vector<ShownFormat*>& formats, const ExportInput& input, std::size_t index,
           const StoredRecord& record);
  // Returns when all is made and handed to the committer. Throws as add().
  void drain();

 private:
  struct Task;
  struct Picture;
  struct Pool;

  static std::size_t bytes_of(const Picture& picture);
  bool is_there(Task& task, const Picture& picture) const;
  void make(Picture& picture);
  void make_files(Task& task, Picture& picture);
  void settle(const Task& task, const Picture& picture, const std::filesystem::path& file, const std::string& bytes);
  void pass_on(Picture& picture);
  void pass_on_finished(bool all);
  void attempt(Task& task, const Picture& picture, const std::function<void()>& work);
  void check();

  ExportCommits& files_;
  const ExportNames& names_;
  const PictureWork work_;
  Budget budget_;
  std::unique_ptr<Pool> pool_;
  std::deque<std::shared_ptr<Picture>> waiting_;  // begun, in their order; only of the calling thread
  std::mutex mutex_;                              // guards those below, and Picture::made
  std::condition_variable made_one_;
  std::exception_ptr usage_;
};

}  // namespace pixmill::pipeline
