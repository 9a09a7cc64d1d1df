// A group of files gets other names, all with one wait for the disk.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "pipeline/file_layer.h"
#include "pipeline/writer.h"
#include "pixmill/core/error.h"
#include "pixmill/pipeline/transfer.h"

namespace pixmill::pipeline {

struct FileStep {
  enum class State { waiting, staged, named, done, failed };  // `named`: perhaps not on disk yet

  std::filesystem::path from, to;
  FileStamp expected{};  // of `from` (to be removed: of `to`): another file there is not touched
  std::size_t row = 0;   // the caller's

  State state = State::waiting;    // afterwards waiting (stopped before it was tried), done or failed
  FileStamp made{};                // of `to`
  std::optional<Error> failure{};  // where it failed: everything is as it was, unless
  bool named = false;              // it has its new name, which may not be on disk or may not be the only one
  std::filesystem::path staged{};  // under a temporary name beside `to`
};

// Not synchronised. Nothing is thrown by what goes wrong with a file.
class FileSteps {
 public:
  FileSteps(Writer& writer, const std::atomic<bool>& stop) : writer_(writer), files_(writer.files()), stop_(stop) {}

  // A file appears at `to` whole or not at all, and never in the place of another. A move removes `from` when the new
  // name is on disk, if it is still what was copied. Stops at `stop` and at a full disk.
  void run(TransferAction action, std::span<FileStep> steps);

  // `to` is removed, which `action` made of `from` or left there, once `from` is on disk. Stops at `stop`.
  void remove(TransferAction action, std::span<FileStep> steps);

  // The first that met a full disk.
  static const Error* full_disk(std::span<const FileStep> steps);

 private:
  void start(TransferAction action, FileStep& step);
  void stage(TransferAction action, FileStep& step);
  void enter(const std::filesystem::path& folder);
  void sync_staged(std::span<FileStep> steps);
  void name_staged(std::span<FileStep> steps);
  void sync_targets(std::span<FileStep> steps);
  void remove_sources(std::span<FileStep> steps);
  void remove_source(FileStep& step);
  void keep_one(FileStep& step);
  void sync_kept(TransferAction action, std::span<FileStep> steps);
  void sync_way(const std::filesystem::path& folder, std::set<std::filesystem::path>& synced);
  bool is_there(const std::filesystem::path& path, const FileStamp& stamp) const;
  void fail(FileStep& step, const std::filesystem::path& folder, int number);

  Writer& writer_;
  FileLayer& files_;
  const std::atomic<bool>& stop_;
  std::set<std::filesystem::path> entered_;         // target folders that are there
  std::vector<std::filesystem::path> new_folders_;  // folders with new folders in them, not synced yet
};

}  // namespace pixmill::pipeline
