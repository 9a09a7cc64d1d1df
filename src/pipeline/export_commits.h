// The files of exports on their way to the disk: whose they are, whether they may be replaced, how many were written.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/commit.h"
#include "pipeline/export_names.h"
#include "pipeline/fingerprint.h"
#include "pipeline/writer.h"
#include "pixmill/pipeline/catalogue.h"
#include "pixmill/pipeline/event.h"

namespace pixmill::pipeline {

std::vector<std::byte> bytes_of_text(std::string_view text);

// Whose a file is: a picture, or the folder of all of them.
struct ExportOwner {
  std::filesystem::path identity;
  FileStamp stamp;
  std::string content;
};

// Thread-safe.
class ExportCommits {
 public:
  // `state`: the folder of runs, see Writer. `overwrite`: files that pixmill did not make. `keep`: every file that
  // stands there stays as it is.
  ExportCommits(Catalogue& catalogue, const std::filesystem::path& state, bool overwrite, bool keep = false);
  ExportCommits(const ExportCommits&) = delete;
  ExportCommits& operator=(const ExportCommits&) = delete;

  ExportOwner owner_of(const ExportInput& input) const;
  static ExportOwner owner_of_all(const std::filesystem::path& root);

  // Hands a file over to the committer, unless it stands there already. `result`, which counts it, must live until
  // drain() returns; `shown` stands in messages. What goes wrong later is in `result`. Throws Error{collision}.
  // `made_of`: a hash of what makes the file besides the content of the owner, for stands(); empty: not asked.
  void settle(Exported& result, const ExportOwner& owner, const std::filesystem::path& shown,
              const std::filesystem::path& output, MadeFile made, const std::string& made_of = {});

  // Whether the file that stands there was made of that, so that it need not be made to be compared.
  bool stands(const Exported& result, const ExportOwner& owner, const std::filesystem::path& output,
              const std::string& made_of) const;
  void count_unchanged(Exported& result, std::size_t files);
  // There is to be no file: one that this format made of that picture goes, any other stays.
  void retract(const Exported& result, const ExportOwner& owner, const std::filesystem::path& output);

  void fail(Exported& result, Failed failure);
  void count_picture(Exported& result);
  void add_notes(Exported& result, const std::vector<std::string>& notes);  // each sentence once

  // A name for a file that grows until it is settled. Its folder must be there.
  std::filesystem::path name_beside(const std::filesystem::path& output) { return writer_.name_beside(output); }
  bool disk_full() const { return disk_full_; }
  // Returns when all files are on disk, or failed.
  void drain() { committer_.drain(); }

 private:
  bool is_kept(const std::filesystem::path& output) const;
  bool stands_as(const std::filesystem::path& output, const Fingerprint& fingerprint) const;
  void ended(Item& item);

  Catalogue& catalogue_;
  const bool overwrite_, keep_;
  std::mutex mutex_;  // guards the results
  std::atomic<bool> disk_full_ = false;
  Writer writer_;
  Committer committer_;  // ends first: it calls back
};

}  // namespace pixmill::pipeline
