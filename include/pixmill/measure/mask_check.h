// Whether a program of photogrammetry will take the masks of a folder, whoever made them.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/tasks/mask_profiles.h"

namespace pixmill::measure {

struct MaskFinding {
  bool error = true;      // else it is worth a look
  std::string_view kind;  // "missing", "ignored", "size", "orientation", "unreadable", "channels", "depth", "gray",
                          // "black", "polarity", "name"
  std::filesystem::path file;  // the photograph, or the mask; below its folder
  std::string message;         // a sentence without the file
};

struct MaskCheck {
  std::string_view profile;
  std::size_t photographs = 0, used = 0, missing = 0, ignored = 0;  // of masks: used, ignored
  std::vector<MaskFinding> findings;  // in the order of the photographs, then of the masks

  bool good() const;  // nothing is an error
};

// `masks` may be `photographs` itself, where the program wants masks beside them. Reads every mask whole. Throws Error:
// usage (no folder), interrupted.
MaskCheck check_masks(const tasks::MaskProfile& profile, const std::filesystem::path& photographs,
                      const std::filesystem::path& masks, const std::atomic<bool>& stop);

}  // namespace pixmill::measure
