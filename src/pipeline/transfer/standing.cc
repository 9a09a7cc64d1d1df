#include "pipeline/transfer/standing.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "pipeline/fingerprint.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

using Entry = FileLayer::Entry;
using Kind = Entry::Kind;

bool is_file(const std::optional<Entry>& entry) {
  return entry && entry->kind == Kind::file;
}

bool is_original(const std::optional<Entry>& source, const PlanRow& row) {
  return is_file(source) && source->stamp.size == row.stamp.size && source->stamp.mtime_ns == row.stamp.mtime_ns;
}

// A file that was moved or copied keeps its size and time. Where these say no, the content may still say yes: a file
// system with coarse times, or one that numbers its files anew.
bool is_made_by(const PlanRow& row, const Entry& target, const fs::path& path, const std::optional<Entry>& source) {
  if (target.kind != Kind::file || target.stamp.size != row.stamp.size) return false;
  if (row.state == PlanRow::State::done && same_stamp(target.stamp, row.made)) return true;
  if (row.state != PlanRow::State::done && std::abs(target.stamp.mtime_ns - row.stamp.mtime_ns) <= kCoarsestTick)
    return !is_original(source, row) || same_content(row.source, path);
  if (!row.content.empty()) return fingerprint_of(path).value_or(Fingerprint()).digest == row.content;
  return is_original(source, row) && same_content(row.source, path);
}

Standing of_move(const PlanRow& row, const fs::path& path, const std::optional<Entry>& source,
                 const std::optional<Entry>& target) {
  if (!target) return {source || row.state != PlanRow::State::done ? Outcome::untouched : Outcome::gone};
  if (!is_made_by(row, *target, path, source)) {
    const bool was_moved = row.state == PlanRow::State::done && !is_original(source, row);
    return {was_moved ? Outcome::changed : Outcome::untouched, target->stamp};
  }
  if (!source) return {Outcome::done, target->stamp};
  const bool same = is_original(source, row) && same_content(row.source, path);
  return {same ? Outcome::both : Outcome::taken, target->stamp};
}

Standing of_copy(const PlanRow& row, const fs::path& path, const std::optional<Entry>& source, const Entry& target) {
  if (!is_made_by(row, target, path, source))
    return {row.state == PlanRow::State::done ? Outcome::changed : Outcome::untouched, target.stamp};
  return {is_original(source, row) ? Outcome::done : Outcome::last, target.stamp};
}

Standing of_link(const PlanRow& row, const std::optional<Entry>& source, const Entry& target) {
  if (target.kind != Kind::file || target.stamp.inode != row.stamp.inode)
    return {row.state == PlanRow::State::done ? Outcome::changed : Outcome::untouched, target.stamp};
  const bool has_other_name =
      is_file(source) && source->stamp.inode == target.stamp.inode && source->device == target.device;
  return {has_other_name ? Outcome::done : Outcome::last, target.stamp};
}

Standing of_symlink(const PlanRow& row, const fs::path& path, const Entry& target) {
  if (target.kind == Kind::link && link_text(path) == row.source) return {Outcome::done, target.stamp};
  return {row.state == PlanRow::State::done ? Outcome::changed : Outcome::untouched, target.stamp};
}

// One folder became a link to the other: what looks like two files is one, under one name.
bool are_one_name(const fs::path& one, const fs::path& other) {
  return one.filename() == other.filename() && fs::equivalent(one.parent_path(), other.parent_path());
}

}  // namespace

Standing standing_of(FileLayer& files, TransferAction action, const PlanRow& row, const fs::path& target) {
  const std::optional<Entry> source = files.entry(row.source), made = files.entry(target);
  if (source && made && are_one_name(row.source, target))
    return {action == TransferAction::move ? Outcome::taken : Outcome::last, made->stamp, source->stamp};
  Standing standing;
  if (action == TransferAction::move) {
    standing = of_move(row, target, source, made);
  } else if (made && action == TransferAction::copy) {
    standing = of_copy(row, target, source, *made);
  } else if (made && action == TransferAction::link) {
    standing = of_link(row, source, *made);
  } else if (made) {
    standing = of_symlink(row, target, *made);
  }
  if (source) standing.source = source->stamp;
  return standing;
}

bool same_stamp(const FileStamp& one, const FileStamp& other) {
  return one.size == other.size && one.mtime_ns == other.mtime_ns && one.inode == other.inode;
}

bool same_content(const fs::path& one, const fs::path& other) {
  std::array<std::ifstream, 2> streams = {std::ifstream(one, std::ios::binary), std::ifstream(other, std::ios::binary)};
  const std::array<const fs::path*, 2> paths = {&one, &other};
  std::array<std::array<char, 1 << 16>, 2> blocks{};
  while (true) {
    std::array<std::streamsize, 2> counts{};
    for (std::size_t i = 0; i < 2; ++i) {
      if (!streams[i].is_open()) throw Error(ErrorCode::unreadable, paths[i]->string() + " cannot be read");
      streams[i].read(blocks[i].data(), blocks[i].size());
      if (streams[i].bad()) throw Error(ErrorCode::unreadable, paths[i]->string() + " cannot be read");
      counts[i] = streams[i].gcount();
    }
    if (counts[0] != counts[1] || !std::equal(blocks[0].begin(), blocks[0].begin() + counts[0], blocks[1].begin()))
      return false;
    if (counts[0] == 0) return true;
  }
}

fs::path link_text(const fs::path& link) {
  std::error_code none;
  return fs::read_symlink(link, none);
}

}  // namespace pixmill::pipeline
