#include "pipeline/transfer/file_steps.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "pipeline/side_by_side.h"
#include "pipeline/transfer/standing.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using State = FileStep::State;

std::string reason(int number) {
  return std::generic_category().message(number);
}

Error not_allowed(const FileStep& step, int number) {
  for (const fs::path& folder : {step.to.parent_path(), step.from.parent_path()}) {
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
      return {ErrorCode::unwritable,
              step.from.string() + ": " + folder.string() + " cannot be written: " + reason(errno),
              "give this user the right to write there"};
  }
  return {ErrorCode::unwritable, step.from.string() + " to " + step.to.string() + ": " + reason(number)};
}

Error changed(const fs::path& file) {
  return {ErrorCode::collision, file.string() + " changed meanwhile", "run the same command again"};
}

Error error_for(const FileStep& step, int number) {
  const std::string from = step.from.string(), to = step.to.string();
  switch (number) {
    case ENOENT:
      return {ErrorCode::not_found, from + " or " + step.to.parent_path().string() + " is not there any more",
              "run the same command again"};
    case EEXIST: return {ErrorCode::collision, to + " appeared meanwhile, and is not replaced", "move it away"};
    case EBUSY: return changed(step.from);
    case EXDEV:
    case EMLINK:
    case EOPNOTSUPP:
      return {ErrorCode::unsupported, from + " cannot have a second name " + to + ": " + reason(number),
              "--to symlink or --to copy"};
    case ENOSPC:
    case EDQUOT:
      return {ErrorCode::disk_full, to + ": " + reason(number),
              "free some space and run the same command again: it resumes where it stopped"};
    case EACCES:
    case EPERM:
    case EROFS: return not_allowed(step, number);
    default: return {ErrorCode::unwritable, from + " to " + to + ": " + reason(number)};
  }
}

// `work` on a step; what it throws becomes the step's failure.
template <typename Work>
void attempt_step(FileStep& step, Work work) {
  try {
    work();
  } catch (const std::system_error& error) {
    step.failure = error_for(step, error.code().value());
  } catch (const Error& error) {
    step.failure = error;
  }
  if (step.failure) step.state = State::failed;
}

bool is_in(const FileStep& step, State state) {
  return step.state == state;
}

// Throws Error{not_found, collision} where it is not that any more.
void require_unchanged(FileLayer& files, const fs::path& path, const FileStamp& stamp) {
  const auto entry = files.entry(path);
  if (!entry) throw Error(ErrorCode::not_found, path.string() + " is not there any more", "run the same command again");
  if (!same_stamp(entry->stamp, stamp)) throw changed(path);
}

// side_by_side() of work that may be done twice; one after the other where no thread can be started.
template <typename Work>
void on_all(std::size_t count, const Work& work) {
  try {
    side_by_side(count, work);
  } catch (const std::system_error&) {
    for (std::size_t i = 0; i < count; ++i) work(i);
  }
}

}  // namespace

const Error* FileSteps::full_disk(std::span<const FileStep> steps) {
  const auto found = std::find_if(steps.begin(), steps.end(), [](const FileStep& step) {
    return step.failure && step.failure->code() == ErrorCode::disk_full;
  });
  return found == steps.end() ? nullptr : &*found->failure;
}

void FileSteps::run(TransferAction action, std::span<FileStep> steps) {
  for (FileStep& step : steps) {
    if (stop_) break;
    attempt_step(step, [&] { start(action, step); });
    if (step.failure && step.failure->code() == ErrorCode::disk_full) break;
  }
  sync_staged(steps);
  name_staged(steps);
  sync_targets(steps);
  if (action == TransferAction::move) remove_sources(steps);
  for (FileStep& step : steps) {
    if (is_in(step, State::named)) step.state = State::done;
  }
}

void FileSteps::start(TransferAction action, FileStep& step) {
  require_unchanged(files_, step.from, step.expected);
  enter(step.to.parent_path());
  step.made = step.expected;
  try {
    switch (action) {
      case TransferAction::copy: return stage(action, step);
      case TransferAction::move: files_.rename(step.from, step.to, false); break;
      case TransferAction::link: files_.link(step.from, step.to); break;
      case TransferAction::symlink: files_.symlink(step.from, step.to); break;
    }
  } catch (const std::system_error& error) {
    if (action != TransferAction::move || error.code().value() != EXDEV) throw;
    return stage(action, step);
  }
  step.state = State::named;
}

void FileSteps::stage(TransferAction action, FileStep& step) {
  const fs::path staged = writer_.name_beside(step.to);
  step.made = files_.copy(step.from, staged, action == TransferAction::move);
  step.staged = staged;
  step.state = State::staged;
}

void FileSteps::enter(const fs::path& folder) {
  if (entered_.contains(folder)) return;
  for (fs::path& changed : files_.make_folders(folder)) new_folders_.push_back(std::move(changed));
  writer_.sweep(folder);
  entered_.insert(folder);
}

void FileSteps::sync_staged(std::span<FileStep> steps) {
  on_all(steps.size(), [&](std::size_t i) {
    FileStep& step = steps[i];
    if (!is_in(step, State::staged)) return;
    attempt_step(step, [&] { files_.sync_file(step.staged); });
    if (step.failure) writer_.discard(step.staged);
  });
}

void FileSteps::name_staged(std::span<FileStep> steps) {
  for (FileStep& step : steps) {
    if (!is_in(step, State::staged)) continue;
    attempt_step(step, [&] {
      files_.rename(step.staged, step.to, false);
      step.state = State::named;
    });
    if (step.failure) writer_.discard(step.staged);
  }
}

// New names and new folders. A file whose name may not be on disk counts as failed: it is looked for when the plan goes
// on or is taken back.
void FileSteps::sync_targets(std::span<FileStep> steps) {
  std::set<fs::path> folders;
  for (fs::path& folder : std::exchange(new_folders_, {})) folders.insert(std::move(folder));
  for (const FileStep& step : steps) {
    if (is_in(step, State::named)) folders.insert(step.to.parent_path());
  }
  const std::vector<fs::path> all(folders.begin(), folders.end());
  std::vector<int> failures(all.size(), 0);
  on_all(all.size(), [&](std::size_t i) {
    try {
      files_.sync_folder(all[i]);
    } catch (const std::system_error& error) {
      failures[i] = error.code().value();
    }
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (failures[i] == 0) continue;
    new_folders_.push_back(all[i]);  // no later file counts as done before it is synced
    for (FileStep& step : steps) fail(step, all[i], failures[i]);
  }
}

void FileSteps::fail(FileStep& step, const fs::path& folder, int number) {
  if (!is_in(step, State::named) || !platform::lies_in(step.to, folder)) return;
  step.state = State::failed;
  step.named = true;
  step.failure = Error(ErrorCode::unwritable, step.to.string() + ": the disk did not take it: " + reason(number),
                       "check the disk");
}

// Of files that were copied; renamed ones are gone from there, and that too shall last.
void FileSteps::remove_sources(std::span<FileStep> steps) {
  std::set<fs::path> folders;
  for (FileStep& step : steps) {
    if (!is_in(step, State::named)) continue;
    if (!step.staged.empty()) attempt_step(step, [&] { remove_source(step); });
    if (step.failure) keep_one(step);
    folders.insert(step.from.parent_path());
  }
  const std::vector<fs::path> all(folders.begin(), folders.end());
  on_all(all.size(), [&](std::size_t i) {
    try {
      files_.sync_folder(all[i]);
    } catch (const std::system_error&) {
      return;  // after a power cut the file may stand at both places, which is not lost
    }
  });
}

// Other copies came between its own and this.
void FileSteps::remove_source(FileStep& step) {
  if (!files_.entry(step.from)) return;  // somebody else removed it: the copy is the file now
  require_unchanged(files_, step.from, step.expected);
  try {
    files_.unlink(step.from);
  } catch (const std::system_error& error) {
    if (error.code().value() != ENOENT) throw;
  }
}

// The copy of a file that could not be removed goes, if that is still there as it was.
void FileSteps::keep_one(FileStep& step) {
  if (is_there(step.from, step.expected) && is_there(step.to, step.made)) return files_.remove(step.to);
  step.named = true;
}

bool FileSteps::is_there(const fs::path& path, const FileStamp& stamp) const {
  try {
    const auto entry = files_.entry(path);
    return entry && same_stamp(entry->stamp, stamp);
  } catch (const std::system_error&) {
    return false;
  }
}

// What stays when another name goes: bytes and name. A symbolic link holds nothing.
void FileSteps::sync_kept(TransferAction action, std::span<FileStep> steps) {
  if (action == TransferAction::symlink) return;
  if (action != TransferAction::link) {
    on_all(steps.size(), [&](std::size_t i) { attempt_step(steps[i], [&] { files_.sync_file(steps[i].from); }); });
  }
  std::set<fs::path> synced;
  for (FileStep& step : steps) {
    if (!step.failure) attempt_step(step, [&] { sync_way(step.from.parent_path(), synced); });
  }
}

// A folder and those above it on the same file system: any of them may be new.
void FileSteps::sync_way(const fs::path& folder, std::set<fs::path>& synced) {
  if (synced.contains(folder)) return;
  files_.sync_folder(folder);
  const auto here = files_.entry(folder), above = files_.entry(folder.parent_path());
  if (here && above && here->device == above->device && folder.has_relative_path())
    sync_way(folder.parent_path(), synced);
  synced.insert(folder);
}

void FileSteps::remove(TransferAction action, std::span<FileStep> steps) {
  sync_kept(action, steps);
  std::set<fs::path> folders;
  for (FileStep& step : steps) {
    if (stop_) break;
    if (step.failure) continue;
    attempt_step(step, [&] {
      require_unchanged(files_, step.to, step.expected);
      files_.unlink(step.to);
      step.state = State::named;
    });
    if (is_in(step, State::named)) folders.insert(step.to.parent_path());
  }
  for (const fs::path& folder : folders) {
    try {
      files_.sync_folder(folder);
    } catch (const std::system_error&) {
      continue;  // then it may be there again after a power cut, and be removed again
    }
  }
  for (FileStep& step : steps) {
    if (is_in(step, State::named)) step.state = State::done;
  }
}

}  // namespace pixmill::pipeline
