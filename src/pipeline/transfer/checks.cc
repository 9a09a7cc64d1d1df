#include "pipeline/transfer/checks.h"

#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "pipeline/path_table.h"
#include "pipeline/transfer/standing.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using Entry = FileLayer::Entry;

fs::path resolved_folder(const fs::path& path) {
  fs::path folder = platform::resolved(path);
  return folder.has_filename() ? folder : folder.parent_path();
}

// "12.3"
std::string mega_text(std::uint64_t bytes) {
  const std::uint64_t tenths = (bytes + 99'999) / 100'000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

// Why nothing can be made in a folder or taken from it; 0: it can.
int refusal_of(const fs::path& folder) {
  return ::access(folder.c_str(), W_OK | X_OK) == 0 ? 0 : errno;
}

// The folder, or the nearest above it that is there.
fs::path require_writable(fs::path folder) {
  std::error_code none;
  while (!fs::exists(fs::symlink_status(folder, none)) && folder.has_relative_path()) folder = folder.parent_path();
  if (!fs::is_directory(folder, none))
    throw Error(ErrorCode::unwritable, folder.string() + " is not a folder", "choose another -o");
  if (const int number = refusal_of(folder))
    throw Error(ErrorCode::unwritable,
                folder.string() + " cannot be written: " + std::generic_category().message(number),
                "choose another -o, or give this user the right to write");
  return folder;
}

void refuse_feedback(const TransferSpec& spec, const fs::path& target) {
  std::error_code none;
  for (const fs::path& root : spec.roots) {
    if (fs::is_directory(root, none) && platform::lies_in(target, resolved_folder(root)))
      throw Error(ErrorCode::collision,
                  target.string() + " lies in the input folder " + root.string() +
                      ", and its pictures would be inputs of the next run",
                  "choose another folder with -o");
  }
}

class Check {
 public:
  Check(const TransferSpec& spec, const fs::path& target, const std::set<fs::path>& moved, FileLayer& files)
      : spec_(spec), target_(target), moved_(moved), files_(files) {}

  CheckedTransfer run() {
    refuse_feedback(spec_, target_);
    ground_ = require_writable(target_);
    device_ = files_.entry(ground_).value_or(Entry()).device;
    for (std::size_t i = 0; i < spec_.files.size(); ++i) check(i);
    refuse_collisions();
    if (!result_.rows.empty()) require_space();
    result_.folders.assign(new_folders_.begin(), new_folders_.end());
    return std::move(result_);
  }

 private:
  void check(std::size_t index) {
    const TransferFile& file = spec_.files[index];
    const fs::path to = (target_ / file.relative).lexically_normal();
    if (file.relative.is_absolute() || !platform::lies_in(to, target_) || !to.has_filename() || to == target_)
      throw Error(ErrorCode::usage, file.source.string() + " would lie outside of " + target_.string(),
                  "name the folder of the pictures as the input");
    if (const auto twin = targets_.add(to.native(), static_cast<std::uint32_t>(index)))
      return collide(spec_.files[*twin].source.string() + " and " + file.source.string() + " would both be " +
                     to.string());
    if (moved_.contains(file.source)) {
      ++result_.there;
      return;
    }
    if (const auto row = source_row(file)) check_target(*row, to);
  }

  // Empty where the file cannot be taken.
  std::optional<PlanRow> source_row(const TransferFile& file) {
    PlanRow row;
    row.source = file.source;
    row.relative = file.relative;
    try {
      auto entry = files_.entry(file.source);
      if (entry && entry->kind == Entry::Kind::link) {
        if (spec_.action == TransferAction::move)
          throw Error(ErrorCode::unsupported, file.source.string() + " is a symbolic link, which is not moved",
                      "move the file that it means, or use --to symlink");
        std::error_code none;
        row.source = fs::canonical(file.source, none);
        entry = files_.entry(row.source);
      }
      if (!entry)
        throw Error(ErrorCode::not_found, file.source.string() + " is not there any more",
                    "run the same command again");
      if (entry->kind != Entry::Kind::file)
        throw Error(ErrorCode::unsupported, file.source.string() + " is not a file");
      if (file.stamp.mtime_ns != 0 && !same_stamp(file.stamp, entry->stamp))
        throw Error(ErrorCode::collision, file.source.string() + " changed since it was looked at",
                    "run the same command again");
      row.stamp = entry->stamp;
      check_source(row, *entry);
      return row;
    } catch (const Error& error) {
      result_.failed.push_back({file.source, error.code(), error.message(), error.hint()});
    } catch (const std::system_error& error) {
      result_.failed.push_back(
          {file.source, ErrorCode::unreadable, file.source.string() + ": " + error.code().message(), {}});
    }
    return std::nullopt;
  }

  void check_source(const PlanRow& row, const Entry& entry) {
    const bool other_device = entry.device != device_;
    if (spec_.action == TransferAction::link && other_device)
      refused_.unsupported = refused_.unsupported.empty() ? row.source.string() : refused_.unsupported;
    const bool is_copied =
        spec_.action == TransferAction::copy || (spec_.action == TransferAction::move && other_device);
    if (is_copied && ::access(row.source.c_str(), R_OK) != 0)
      throw Error(ErrorCode::unreadable, row.source.string() + ": " + std::generic_category().message(errno));
    const int number = spec_.action == TransferAction::move ? rights(row.source.parent_path()) : 0;
    if (number != 0)
      throw Error(ErrorCode::unwritable,
                  row.source.string() +
                      " cannot be moved: its folder cannot be written: " + std::generic_category().message(number),
                  "give this user the right to write there, or use --to copy");
    if (is_copied) bytes_ += static_cast<std::uint64_t>(row.stamp.size);
  }

  // refusal_of(), asked once.
  int rights(const fs::path& folder) {
    const auto [known, is_new] = rights_.emplace(folder, 0);
    if (is_new) known->second = refusal_of(folder);
    return known->second;
  }

  void check_target(const PlanRow& row, const fs::path& to) {
    const std::optional<Entry> there = target_entry(to);
    if (!there) {
      add_folders(to.parent_path());
      result_.rows.push_back(row);
    } else if (is_done(row, to, *there)) {
      ++result_.there;
      if (spec_.action == TransferAction::copy) bytes_ -= static_cast<std::uint64_t>(row.stamp.size);
    } else {
      collide(to.string() + " is there already, and is " +
              (there->kind == Entry::Kind::folder ? "a folder" : "another file than " + row.source.string()));
    }
  }

  std::optional<Entry> target_entry(const fs::path& to) {
    try {
      return files_.entry(to);
    } catch (const std::system_error& error) {
      throw Error(ErrorCode::unwritable, to.string() + ": " + error.code().message(), "choose another -o");
    }
  }

  // Whether the same is there that the action would make. A move has nothing that tells its file from a stranger's.
  bool is_done(const PlanRow& row, const fs::path& to, const Entry& there) const {
    switch (spec_.action) {
      case TransferAction::copy:
        return there.kind == Entry::Kind::file && there.stamp.size == row.stamp.size &&
               (there.stamp.mtime_ns == row.stamp.mtime_ns || same_content(row.source, to));
      case TransferAction::link: return there.device == device_ && there.stamp.inode == row.stamp.inode;
      case TransferAction::symlink: return there.kind == Entry::Kind::link && link_text(to) == row.source;
      case TransferAction::move: return false;
    }
    return false;
  }

  // Those that are missing.
  void add_folders(fs::path folder) {
    while (folder != ground_ && !new_folders_.contains(folder)) {
      if (known_folders_.contains(folder)) return;
      if (const auto there = target_entry(folder)) {
        (void)require_writable(folder);
        known_folders_.insert(folder);
        return;
      }
      new_folders_.insert(folder);
      folder = folder.parent_path();
    }
  }

  void collide(std::string message) {
    if (refused_.collisions++ == 0) refused_.collision = std::move(message);
  }

  void refuse_collisions() const {
    if (!refused_.unsupported.empty())
      throw Error(ErrorCode::unsupported,
                  refused_.unsupported + " lies on another file system than " + target_.string() +
                      ", and hard links do not cross it",
                  "--to symlink or --to copy");
    if (refused_.collisions == 0) return;
    std::string message = refused_.collision;
    if (refused_.collisions > 1) message += "; and " + std::to_string(refused_.collisions - 1) + " more";
    message += "; nothing was touched";
    throw Error(ErrorCode::collision, std::move(message), "choose another folder with -o, or move what is there away");
  }

  // Copies may share blocks on some file systems: nothing is known of their space.
  void require_space() const {
    struct statfs kind {};
    struct statvfs space {};
    if (bytes_ == 0 || ::statfs(ground_.c_str(), &kind) != 0 || ::statvfs(ground_.c_str(), &space) != 0) return;
    const auto magic = static_cast<std::uint32_t>(kind.f_type);
    if (magic == BTRFS_SUPER_MAGIC || magic == XFS_SUPER_MAGIC || space.f_blocks == 0) return;
    const std::uint64_t free = std::uint64_t{space.f_bavail} * space.f_frsize;
    if (bytes_ <= free) return;
    throw Error(ErrorCode::disk_full,
                target_.string() + ": the files need " + mega_text(bytes_) + " MB, and " + mega_text(free) +
                    " MB are free there",
                "free some space, or choose another -o");
  }

  const TransferSpec& spec_;
  const fs::path& target_;
  const std::set<fs::path>& moved_;
  FileLayer& files_;
  CheckedTransfer result_;
  fs::path ground_;           // the target, or the nearest folder above it that is there
  std::uint64_t device_ = 0;  // of that
  std::uint64_t bytes_ = 0;   // that are to be copied
  PathTable targets_;
  std::map<fs::path, int> rights_;
  std::set<fs::path> new_folders_, known_folders_;
  struct {
    std::int64_t collisions = 0;
    std::string collision, unsupported;  // the first
  } refused_;
};

}  // namespace

fs::path target_folder(const TransferSpec& spec) {
  if (spec.target.empty() || spec.target == "-")
    throw Error(ErrorCode::usage, "--to " + std::string(name_of(spec.action)) + " needs a folder", "-o FOLDER");
  return resolved_folder(spec.target);
}

void require_target(const TransferSpec& spec) {
  const fs::path target = target_folder(spec);
  refuse_feedback(spec, target);
  (void)require_writable(target);
}

CheckedTransfer check_transfer(const TransferSpec& spec, const fs::path& target, const std::set<fs::path>& moved,
                               FileLayer& files) {
  return Check(spec, target, moved, files).run();
}

}  // namespace pixmill::pipeline
