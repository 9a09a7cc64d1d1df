// What is known about every picture: what it looked like, what was made of it, and by which models and settings. One
// SQLite file; it survives kill -9 and power cuts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// What a result was made of. Equal keys mean equal results.
struct ResultKey {
  std::string content;   // hash of the input file
  std::string model;     // hash of the model files
  std::string settings;  // hash of everything else that changes the result
  std::string task;      // its name: jobs with one task share their results; empty in rows of an old journal

  bool operator==(const ResultKey& other) const {
    return content == other.content && model == other.model && settings == other.settings &&
           (task == other.task || task.empty() || other.task.empty());
  }
};

// A file by its content.
struct Fingerprint {
  std::int64_t size = 0;
  std::string digest;  // 128 bits in hex

  bool operator==(const Fingerprint&) const = default;
};

// A file as it is recognised without being read. Equal to nothing while `mtime_ns` is 0: it may have changed unseen.
struct FileStamp {
  std::int64_t size = 0;
  std::int64_t mtime_ns = 0;  // since 1970
  std::uint64_t inode = 0;

  bool same_as(const FileStamp& other) const {
    return mtime_ns != 0 && size == other.size && mtime_ns == other.mtime_ns && inode == other.inode;
  }
};

// What a task found in a picture, for exports and filters.
using StoredRecord = tasks::Record;

// Thread-safe; several processes may share one. All paths are absolute, inputs with their links resolved.
//
// A file that is damaged is set aside with a warning, also in the middle of a run, and a new one begins. Where none can
// be made, or a newer pixmill made it, or it can only be read, the run goes on with one in memory and a warning.
// Everything else that keeps it from being read or written is Error{unreadable, unwritable, disk_full}, never "not
// known".
class Catalogue {
 public:
  struct Options {
    int busy_ms = 20'000;                 // how long another process may hold it
    std::optional<bool> on_network{};     // WAL needs shared memory; empty: asked of the file system
    std::filesystem::path old_journal{};  // read once when the catalogue is made; empty: none
  };
  // `file`: created with its folders. Empty: in memory.
  Catalogue(const std::filesystem::path& file, const Options& options);
  explicit Catalogue(const std::filesystem::path& file) : Catalogue(file, Options()) {}
  ~Catalogue();

  // What is known of a file at a path of an output.
  struct Output {
    std::filesystem::path owner;     // the input; empty: an old journal did not say
    ResultKey key;                   // of `made`
    FileStamp stamp;                 // of `made`
    Fingerprint made;                // the file that was made last
    std::vector<Fingerprint> prior;  // while a commit is open: files that may still be there in its place
    bool open = false;
  };
  std::optional<Output> output(const std::filesystem::path& path) const;

  // The content hash of an input that still looks as it did when it was read.
  std::optional<std::string> content_of(const std::filesystem::path& input, const FileStamp& stamp) const;

  // An input as it was read last.
  struct Input {
    FileStamp stamp;
    std::string content;
  };
  std::optional<Input> input(const std::filesystem::path& path) const;

  // Whether a result of this key is there with its records. Says nothing about files.
  bool has_result(const std::filesystem::path& input, const ResultKey& key) const;
  bool has_result(const ResultKey& key) const;  // of any input; some of those that were made lately are not found

  // A file on its way to the name `path`.
  struct Coming {
    std::filesystem::path path{};
    FileStamp stamp{};
    Fingerprint made{};
    bool replaces = false;               // a file stands there, and may be replaced
    bool stands = false;                 // this very file stands there already: no rename follows
    std::filesystem::path seen_owner{};  // as output() told it; one that came since is not pushed aside
    bool made_meanwhile = false;  // set by begin(): another process made it of the same key; nothing is to be done
  };
  struct Entry {
    std::filesystem::path input;
    FileStamp stamp;
    ResultKey key;
    std::vector<Coming> outputs;
    std::vector<StoredRecord> records;
    std::filesystem::path refused_for{};  // set by begin(): the input that owns an output; nothing was written
    std::filesystem::path refused_at{};   // that output
  };
  // A commit in two steps: begin() before the renames that make the files appear, finish() when they have their names
  // for good. In between the old file or the new one stands there, and both are known. begin() ends earlier commits,
  // `finished`, in passing. What it wrote is on disk when it returns.
  void begin(std::span<Entry> entries, std::span<const Coming> finished = {});
  void finish(std::span<const Coming> finished);  // does not wait for the disk

  // Corrections, kept in memory and written by the next begin(), finish() or the destructor.
  void saw_input(const std::filesystem::path& input, const FileStamp& stamp, const std::string& content);
  void saw_output(const std::filesystem::path& output, const FileStamp& stamp, const Fingerprint& made);
  void adopt(const std::filesystem::path& output, const std::filesystem::path& input);  // of an old journal's row
  void moved(const std::filesystem::path& from, const std::filesystem::path& to);       // an input, with all it owns
  // What an equal picture has of this key is the result of `input` as well.
  void share_result(const std::filesystem::path& input, const FileStamp& stamp, const ResultKey& key);

  // Records of one kind ("detections/2"; "detections/*": of any version), of the newest result of each input that has
  // some; of results of `key` (whose content is not compared) where that is given. Records of an input that changed
  // since are left out. No lock is held while `take` runs, which may throw.
  using TakeRecord = std::function<void(const std::filesystem::path& input, const StoredRecord& record)>;
  void records_of(std::span<const std::filesystem::path> inputs, std::string_view kind, const TakeRecord& take,
                  const ResultKey* key = nullptr) const;
  // Of all inputs below a folder, in natural order.
  void records_under(const std::filesystem::path& folder, std::string_view kind, const TakeRecord& take,
                     const ResultKey* key = nullptr) const;
  std::vector<std::filesystem::path> inputs_under(const std::filesystem::path& folder) const;

  std::vector<std::string> take_warnings();  // since the last call

 private:
  friend class Facts;  // its questions about found things
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pixmill::pipeline
