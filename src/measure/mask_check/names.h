// Which mask of a folder belongs to which photograph, as a program looks for it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/tasks/mask_profiles.h"

namespace pixmill::measure {

// Names of masks that a program looks for, below the folder of masks, the usual one first. `photograph`: below its own.
std::vector<std::string> wanted_names(const tasks::MaskProfile& profile, const std::filesystem::path& photograph);

// What is left of a file's name without folders, extensions and the word mask: "012" of "a/012.jpg.png",
// "012_mask.png".
std::string bare_name(const std::filesystem::path& file);

}  // namespace pixmill::measure
