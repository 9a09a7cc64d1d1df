// Figures of a catalogue, for `pixmill doctor` and `pixmill cache`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "pixmill/platform/home.h"

namespace pixmill::pipeline {

std::filesystem::path catalogue_file(const platform::Home& home);

// The journal of earlier versions, whose rows the catalogue takes over when it is made.
std::filesystem::path old_journal_file(const platform::Home& home);

struct CatalogueFigures {
  std::int64_t results = 0;  // files that are remembered
  std::int64_t open = 0;     // of them: commits whose end is not written down; the next result there ends them
  std::int64_t bytes = 0;    // of all results together
  std::int64_t newest = 0;   // when the last one was made, in seconds since 1970; 0 without any
};

// Of the catalogue; of the old journal where there is no catalogue yet. Empty where there is neither. Nothing is
// created or repaired. Throws Error{corrupt, unreadable}.
std::optional<CatalogueFigures> read_catalogue_figures(const platform::Home& home);

}  // namespace pixmill::pipeline
