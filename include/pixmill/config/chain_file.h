// Chains: jobs one after the other with their options, in a file. No meaning is given to names of jobs and options.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/config/settings.h"

namespace pixmill::config {

struct ChainFileStep {
  std::string job;
  std::string name;              // that messages give it; empty: none
  std::vector<Setting> options;  // no sections
  int line = 0;                  // 1-based
};

struct ChainFile {
  std::string name;              // that of the file where it says none
  std::vector<Setting> options;  // of the whole run
  std::vector<ChainFileStep> steps;
  std::filesystem::path file;
};

// chains/ beside the settings file.
std::filesystem::path chain_folder(const std::filesystem::path& settings_file);

// Names of the chains in the folder, sorted.
std::vector<std::string> chain_names(const std::filesystem::path& folder);

// The chain of this name there. Throws what read_chain() throws.
ChainFile find_chain(const std::string& name, const std::filesystem::path& folder);

// Throws Error{usage} with the line: an unknown key with the nearest known one, a key that stands twice, no steps, what
// is not YAML; Error{not_found, unreadable}.
ChainFile read_chain(const std::filesystem::path& file);
ChainFile parse_chain(std::string_view yaml, const std::filesystem::path& file);

}  // namespace pixmill::config
