// A transfer is checked as a whole before its first file.
#pragma once

#include <filesystem>
#include <set>
#include <vector>

#include "pipeline/file_layer.h"
#include "pipeline/transfer/journal.h"
#include "pixmill/pipeline/transfer.h"

namespace pixmill::pipeline {

struct CheckedTransfer {
  std::vector<PlanRow> rows;                   // what is to be done
  std::int64_t there = 0;                      // files that stand at their targets already
  std::vector<Failed> failed;                  // files that cannot be taken
  std::vector<std::filesystem::path> folders;  // that will be made, without those that hold them only if they are there
};

// Absolute, links resolved as far as it is there. Throws Error{usage}.
std::filesystem::path target_folder(const TransferSpec& spec);

// `target`: of target_folder(). `moved`: sources that are there already. Throws Error, see transfer(). Writes nothing.
CheckedTransfer check_transfer(const TransferSpec& spec, const std::filesystem::path& target,
                               const std::set<std::filesystem::path>& moved, FileLayer& files);

}  // namespace pixmill::pipeline
