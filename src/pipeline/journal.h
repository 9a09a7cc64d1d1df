// Records which output was made of what, so that a stopped job resumes where it stopped. SQLite, survives kill -9.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pixmill::pipeline {

// What an output was made of. Equal keys mean equal results.
struct ResultKey {
  std::string content;   // hash of the input file
  std::string model;     // hash of the model file
  std::string settings;  // hash of everything else that changes pixels

  bool operator==(const ResultKey&) const = default;
};

// A file as it is known by size and content.
struct Fingerprint {
  std::int64_t size = 0;
  std::string digest;

  bool operator==(const Fingerprint&) const = default;
};

// Of a file on disk; empty when it is missing. Throws Error{unreadable}.
std::optional<Fingerprint> fingerprint_of(const std::filesystem::path& file);
Fingerprint fingerprint_of(std::span<const std::byte> bytes);
std::string hash_of(std::span<const std::byte> bytes);  // 128 bits in hex

// Thread-safe; several processes may share one journal. A journal that cannot be opened or is damaged is replaced by
// one in memory (or set aside): the job runs, warnings() says that it cannot be resumed.
class Journal {
 public:
  // `file`: created with its folders. Empty: in memory.
  explicit Journal(const std::filesystem::path& file);
  ~Journal();

  enum class State {
    absent,   // no such file: make it
    done,     // made by this key: skip
    stale,    // made by pixmill of something else: may be replaced
    foreign,  // not pixmill's, or changed since: not to be replaced
  };
  // Completes or undoes commits that a kill interrupted.
  State state_of(const std::filesystem::path& output, const ResultKey& key);

  // A commit in two steps. begin() before the rename that makes `output` appear, finish() after. In between the file is
  // the old one or the new one, and state_of() can tell which.
  void begin(const std::filesystem::path& output, const ResultKey& key, const Fingerprint& made);
  void finish(const std::filesystem::path& output);

  const std::vector<std::string>& warnings() const;

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

}  // namespace pixmill::pipeline
