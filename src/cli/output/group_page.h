// Groups of pictures that look alike side by side, in one HTML file with nothing beside it.
#pragma once

#include <atomic>
#include <filesystem>
#include <vector>

#include "cli/output/group_list.h"

namespace pixmill::cli {

// Throws Error{usage} where the file may not be written: see check_output_file().
void check_group_page(const std::filesystem::path& file, bool overwrite);

// Reads the pictures, and says on standard error what it wrote and, `quiet` or not, what it left out. Throws Error:
// unwritable, disk_full, interrupted.
void write_group_page(const std::filesystem::path& file, bool overwrite, const std::vector<Group>& groups, bool quiet,
                      const std::atomic<bool>& stop);

}  // namespace pixmill::cli
