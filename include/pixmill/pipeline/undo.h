// Plans of transfer.h, listed and taken back.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "pixmill/pipeline/transfer.h"

namespace pixmill::pipeline {

enum class PlanState {
  running,  // by a process that lives
  stopped,  // in the middle; the same command goes on with it
  done,
  partly_undone,  // files were left, or the undo was stopped
  undone,
};
std::string_view name_of(PlanState state);  // "partly undone"

struct Plan {
  std::string id;            // "20261122-143012-a1b2", in UTC; in the order of time
  std::int64_t created = 0;  // seconds since 1970
  TransferAction action = TransferAction::copy;
  std::string asked;
  std::filesystem::path target;
  std::int64_t files = 0;   // of the plan
  std::int64_t undone = 0;  // of these: taken back
  PlanState state = PlanState::done;
};

// All that the journal knows, the newest first.
std::vector<Plan> list_plans(const platform::Home& home);

struct UndoSpec {
  std::string plan;  // its id, or a beginning that only one has; empty: the newest
  bool dry_run = false;
  platform::Home home;
};

struct Undone {
  Plan plan;                      // as it is now
  bool was_undone = false;        // before: nothing was to be done
  std::int64_t taken_back = 0;    // files; in a dry run, those that would be
  std::int64_t nothing = 0;       // files that the plan had not touched, or that were taken back before
  std::vector<Failed> left = {};  // changed meanwhile, or in the way; `input` is the file that was left
  bool interrupted = false;
  std::vector<std::string> warnings = {};
};

// Moved files go back where they were, if they are still the same and the old place is free. Copies and links are
// removed, if they are still the same and their original is. Folders that the plan made are removed if they are empty.
// May be stopped or killed, and run again. Throws Error: not_found (no plan, none of that name), usage (a beginning of
// several), collision (the plan is running), and what the journal meets.
Undone undo(const UndoSpec& spec, const TransferWatch& watch, const std::atomic<bool>& stop);

}  // namespace pixmill::pipeline
