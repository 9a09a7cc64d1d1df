#include "pipeline/commit.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <system_error>

#include "pipeline/catalogue/claims.h"
#include "pipeline/fingerprint.h"
#include "pipeline/naming.h"
#include "pipeline/side_by_side.h"
#include "pipeline/standard_output.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostInGroup = 256;
constexpr std::size_t kMostUnfinished = 1024;

const fs::path& identity_of(const Item& item) {
  return item.identity.empty() ? item.input : item.identity;
}

template <typename Values>
auto value_at(const Values& values, std::size_t index) {
  return index < values.size() ? values[index] : typename Values::value_type();
}

[[noreturn]] void throw_sync_error(const fs::path& output, const std::system_error& error) {
  throw Error(error.code() == std::errc::no_space_on_device ? ErrorCode::disk_full : ErrorCode::unwritable,
              output.string() + ": the disk did not take it: " + error.code().message(), "check the disk");
}

}  // namespace

Committer::Committer(Parts parts) : parts_(std::move(parts)), thread_([this] { work(); }) {}

Committer::~Committer() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Committer::commit(const ItemPtr& item, Made made) {
  Pending pending;
  attempt(*item, [&] {
    const StageTimer timer(item->times, Stage::write);
    pending = stage(item, made);
  });
  if (!pending.item) return end(*item);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return unfinished_ < kMostUnfinished; });
  waiting_.push_back(std::move(pending));
  ++unfinished_;
  lock.unlock();
  changed_.notify_all();
}

// A file of its own goes where temporary files go when it cannot lie beside the output.
fs::path Committer::name_beside(const fs::path& output) {
  return parts_.writer.name_beside(output == kStandardOutput ? fs::temp_directory_path() / "picture" : output);
}

void Committer::show(const MadeFile& made) {
  if (made.file.empty()) return write_to_standard_output(made.bytes);
  std::ifstream stream(made.file, std::ios::binary);
  std::vector<char> block(std::size_t{1} << 20);
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())), stream.gcount() > 0)
    write_to_standard_output(std::as_bytes(std::span(block).first(static_cast<std::size_t>(stream.gcount()))));
  discard(made.file);
}

void Committer::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return unfinished_ == 0; });
}

void Committer::end(Item& item) {
  if (item.failure && item.failure->code == ErrorCode::disk_full) parts_.disk_full = true;
  parts_.ended(item);
}

// Without an item: nothing is left to be done.
Committer::Pending Committer::stage(const ItemPtr& item, Made& made) {
  if (made.files.size() != item->outputs.size()) {
    throw Error(ErrorCode::internal, "the task made " + std::to_string(made.files.size()) + " results where " +
                                         std::to_string(item->outputs.size()) + " were planned");
  }
  if (!item->outputs.empty() && item->outputs.front() == kStandardOutput) {
    show(made.files.front());
    return {};
  }
  Pending pending;
  pending.entry = {identity_of(*item), item->stamp, item->key, {}, std::move(made.records)};
  try {
    for (std::size_t i = 0; i < made.files.size(); ++i) stage_file(pending, i, *item, made.files[i]);
  } catch (...) {
    discard(pending);
    for (const MadeFile& file : made.files) {
      if (!file.file.empty()) parts_.writer.discard(file.file);
    }
    throw;
  }
  pending.item = item;
  return pending;
}

void Committer::stage_file(Pending& pending, std::size_t index, const Item& item, const MadeFile& made) {
  Catalogue::Coming coming;
  coming.path = item.outputs[index];
  coming.replaces = value_at(item.replace, index);
  coming.seen_owner = value_at(item.owners, index);
  const bool on_disk = !made.file.empty();
  coming.made = on_disk ? fingerprint_of(made.file).value_or(Fingerprint()) : fingerprint_of(std::span(made.bytes));
  FileLayer& files = parts_.writer.files();
  pending.staged.emplace_back();
  const auto there = value_at(item.compare, index) ? fingerprint_of(coming.path) : std::nullopt;
  if (there) {
    if (*there != coming.made) {
      throw Error(ErrorCode::collision, *refusal_of({Standing::changed, {}}, coming.path, false),
                  "--overwrite replaces it");
    }
    coming.stands = true;  // what the catalogue had lost
    coming.stamp = files.stamp(coming.path).value_or(FileStamp());
    if (on_disk) parts_.writer.discard(made.file);
  } else if (on_disk) {
    pending.staged.back() = made.file;
    coming.stamp = files.stamp(made.file).value_or(FileStamp());
  } else {
    Writer::Staged staged = parts_.writer.stage(coming.path, made.bytes);
    pending.staged.back() = std::move(staged.file);
    coming.stamp = staged.stamp;
  }
  pending.entry.outputs.push_back(std::move(coming));
}

void Committer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) break;
    std::vector<Pending> group;
    while (!waiting_.empty() && group.size() < kMostInGroup) {
      group.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    lock.unlock();
    commit_group(group);
    lock.lock();
    unfinished_ -= group.size();
    changed_.notify_all();
  }
  lock.unlock();
  try {
    parts_.catalogue.finish(finished_);
  } catch (const Error&) {
    // The rows stay open: the next run sees that the new files stand there.
  }
}

void Committer::commit_group(std::vector<Pending>& group) {
  sync_files(group);
  write_rows(group);
  for (Pending& pending : group) {
    attempt(*pending.item, [&] { name_files(pending); });
    if (pending.item->failure) discard(pending);
  }
  sync_folders(group);
  for (Pending& pending : group) end(*pending.item);
}

void Committer::sync_files(std::vector<Pending>& group) {
  side_by_side(group.size(), [&](std::size_t at) {
    Pending& pending = group[at];
    attempt(*pending.item, [&] {
      for (std::size_t i = 0; i < pending.staged.size(); ++i) {
        if (pending.staged[i].empty()) continue;
        try {
          parts_.writer.files().sync_file(pending.staged[i]);
        } catch (const std::system_error& error) {
          throw_sync_error(pending.item->outputs[i], error);
        }
      }
    });
  });
}

// All in one transaction. What the catalogue refuses, or where it fails, is the failure of the items.
void Committer::write_rows(std::vector<Pending>& group) {
  std::vector<Catalogue::Entry> entries;
  std::vector<Pending*> of;
  for (Pending& pending : group) {
    if (pending.item->failure) continue;
    entries.push_back(std::move(pending.entry));
    of.push_back(&pending);
  }
  std::optional<Error> trouble;
  try {
    parts_.catalogue.begin(entries, finished_);
    finished_.clear();
  } catch (const Error& error) {
    trouble = error;
  }
  for (std::size_t i = 0; i < of.size(); ++i) {
    Pending& pending = *of[i];
    pending.entry = std::move(entries[i]);
    attempt(*pending.item, [&] {
      if (trouble) throw Error(*trouble);
      if (pending.entry.refused_for.empty()) return;
      throw Error(ErrorCode::collision,
                  pending.entry.refused_at.string() + " is the result of " + pending.entry.refused_for.string(),
                  "choose another -o or --name; --overwrite replaces it");
    });
  }
}

void Committer::name_files(Pending& pending) {
  for (std::size_t i = 0; i < pending.staged.size(); ++i) {
    const Catalogue::Coming& coming = pending.entry.outputs[i];
    if (coming.stands || pending.staged[i].empty()) continue;
    if (coming.made_meanwhile) {
      parts_.writer.discard(pending.staged[i]);  // its file may differ in bytes, not in kind
      continue;
    }
    try {
      parts_.writer.commit(pending.staged[i], coming.path, coming.replaces);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::collision || !made_meanwhile(pending, i)) throw;
    }
    finished_.push_back(coming);
  }
}

// Another process may run the same job: what it made of the same picture in the same way is this item's result too.
bool Committer::made_meanwhile(const Pending& pending, std::size_t index) {
  const Asker asker{pending.entry.input, pending.entry.stamp, pending.entry.key};
  return claim_of(parts_.catalogue, pending.entry.outputs[index].path, asker).standing == Standing::done;
}

void Committer::sync_folders(std::vector<Pending>& group) {
  std::set<fs::path> folders;
  for (fs::path& folder : parts_.writer.take_changed_folders()) folders.insert(std::move(folder));
  for (const Pending& pending : group) {
    if (pending.item->failure) continue;
    for (const fs::path& output : pending.item->outputs) folders.insert(output.parent_path());
  }
  const std::vector<fs::path> all(folders.begin(), folders.end());
  std::vector<std::optional<std::system_error>> failures(all.size());
  side_by_side(all.size(), [&](std::size_t i) {
    try {
      parts_.writer.files().sync_folder(all[i]);
    } catch (const std::system_error& error) {
      failures[i] = error;
    }
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!failures[i]) continue;
    std::erase_if(finished_, [&](const Catalogue::Coming& coming) { return coming.path.parent_path() == all[i]; });
    for (Pending& pending : group) {
      for (const fs::path& output : pending.item->outputs) {
        if (output.parent_path() != all[i] || failures[i]->code() == std::errc::no_such_file_or_directory) continue;
        attempt(*pending.item, [&] { throw_sync_error(output, *failures[i]); });
      }
    }
  }
}

void Committer::discard(Pending& pending) noexcept {
  for (const fs::path& file : pending.staged) {
    if (!file.empty()) parts_.writer.discard(file);  // one that has its name by now is not there
  }
}

}  // namespace pixmill::pipeline
