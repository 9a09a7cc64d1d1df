// Folders of things that can be made again: how much they hold, and keeping that within limits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

namespace pixmill::platform {

// Where models lie that were compiled for a device (TensorRT, OpenVINO), and how many bytes of them stay.
inline std::filesystem::path engine_folder(const std::filesystem::path& cache) {
  return cache / "engines";
}
inline constexpr std::int64_t kEngineLimit = std::int64_t{8} << 30;

struct FolderUse {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t oldest = 0;  // when the file was used that was used longest ago, in seconds since 1970; 0: no file
};

// All below `folder`; nothing where there is no such folder, or a link in its place. Links are not followed.
FolderUse measure_folder(const std::filesystem::path& folder);

// Deletes the files that were used longest ago until no more than `limit` bytes are left. Returns what was deleted.
// Safe while other processes read, write and trim there; what cannot be deleted stays.
FolderUse trim_folder(const std::filesystem::path& folder, std::int64_t limit);

// Deletes all files that were last used before a time (seconds since 1970). Returns what was deleted.
FolderUse clear_folder(const std::filesystem::path& folder,
                       std::int64_t before = std::numeric_limits<std::int64_t>::max());

}  // namespace pixmill::platform
