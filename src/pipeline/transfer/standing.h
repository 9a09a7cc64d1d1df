// What became of a file of a plan: asked of the file system, since a kill may have come before its row was marked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "pipeline/file_layer.h"
#include "pipeline/transfer/journal.h"

namespace pixmill::pipeline {

enum class Outcome {
  untouched,  // nothing of it stands at the target
  done,       // it stands there as the plan made it
  both,       // a move: it stands at both places, and the source may be removed or the target
  taken,      // it was moved, and something else stands in its old place
  gone,       // it was moved, and stands at neither place
  changed,    // what stands at the target is not, or not any more, what the plan made
  last,       // a copy or link, and the original is not there any more as it was: this may be the only one left
};

struct Standing {
  Outcome outcome = Outcome::untouched;
  FileStamp target{};  // of what stands there
  FileStamp source{};  // the same of the old place; for both, 0: nothing
};

// Throws Error{unreadable}, std::system_error.
Standing standing_of(FileLayer& files, TransferAction action, const PlanRow& row, const std::filesystem::path& target);

// Size, time and inode. Other than FileStamp::same_as() it takes the time 0 for a time.
bool same_stamp(const FileStamp& one, const FileStamp& other);

// Whether both hold the same bytes. Throws Error{unreadable}.
bool same_content(const std::filesystem::path& one, const std::filesystem::path& other);

// std::filesystem::read_symlink(), empty where it is none.
std::filesystem::path link_text(const std::filesystem::path& link);

}  // namespace pixmill::pipeline
