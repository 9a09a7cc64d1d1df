// Chosen pictures are copied, moved or linked by a plan that is on disk before the first file is touched, so that it
// can be taken back: undo.h. The same for every job.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/pipeline/catalogue.h"
#include "pixmill/pipeline/event.h"
#include "pixmill/platform/home.h"

namespace pixmill::pipeline {

enum class TransferAction { copy, move, link, symlink };
std::string_view name_of(TransferAction action);                            // "copy", "move", ...
std::optional<TransferAction> transfer_action_from(std::string_view name);  // empty: "list", or no such word
const std::vector<config::Flag>& transfer_flags();                          // --to list|copy|move|link|symlink

struct TransferFile {
  std::filesystem::path source;    // absolute; its folder without links
  std::filesystem::path relative;  // below the target folder
  FileStamp stamp{};               // as it was when it was chosen; 0: not compared
};

struct TransferSpec {
  TransferAction action = TransferAction::copy;
  std::vector<TransferFile> files = {};
  std::vector<std::filesystem::path> roots = {};  // folders of the files: the target lies in none of them
  std::filesystem::path target = {};              // a folder; made when it is missing
  std::string asked = {};                         // who asks, as `undo --list` shows it: the command line
  bool dry_run = false;
  platform::Home home = {};
};

struct TransferProgress {
  std::int64_t total = 0, done = 0, there = 0, failed = 0;
  std::int64_t bytes = 0;  // copied
};

// Called from the calling thread. Both may be empty.
struct TransferWatch {
  // A file got its new name for good; in a dry run, would get it.
  std::function<void(const std::filesystem::path& from, const std::filesystem::path& to)> file = {};
  std::function<void(const TransferProgress&)> progress = {};  // after every few files
};

struct Transferred {
  std::string plan;                  // for undo; empty: nothing was to be done, or a dry run
  std::filesystem::path target;      // absolute
  bool resumed = false;              // it is the plan of an earlier run that was stopped
  TransferProgress count;            // `there`: the same file stood at the target already
  std::vector<Failed> failed = {};   // left where they are
  bool interrupted = false;          // by `stop`
  std::string stopped_because = {};  // in words, where it gave up before the last file: a full disk
  std::vector<std::string> warnings = {};
};

// Whether the target can take files at all: what can be said before they are chosen. `roots` may be empty; `files` are
// not looked at. Throws Error{usage, collision, unwritable}, as transfer() does.
void require_target(const TransferSpec& spec);

// All is checked before the first file. Then the plan is written and synced, and the files follow; each appears whole
// or not at all, and never in the place of another file. After a stop, a kill or a power cut no file is lost, and the
// same call goes on with the same plan. A moved file keeps what the catalogue knows of it. Sidecar files stay.
//
// What goes wrong with one file is in `failed`. Throws Error: usage (no target), collision (two files of one name,
// another file at a target, a target among the inputs), unwritable, unsupported (links that the file system does not
// make), disk_full, and what the journal of plans meets. Nothing was touched then.
Transferred transfer(const TransferSpec& spec, Catalogue& catalogue, const TransferWatch& watch,
                     const std::atomic<bool>& stop);

}  // namespace pixmill::pipeline
