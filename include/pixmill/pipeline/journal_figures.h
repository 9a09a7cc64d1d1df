// Figures of a journal, for `pixmill doctor` and `pixmill cache`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "pixmill/platform/home.h"

namespace pixmill::pipeline {

std::filesystem::path journal_file(const platform::Home& home);

struct JournalFigures {
  std::int64_t results = 0;  // remembered
  std::int64_t open = 0;     // of them: commits that a kill interrupted, settled when they are next asked for
  std::int64_t bytes = 0;    // of all results together
  std::int64_t newest = 0;   // when the last one was made, in seconds since 1970; 0 without any
};

// Empty where there is no journal. Nothing is created or repaired. Throws Error{corrupt, unreadable}.
std::optional<JournalFigures> read_journal_figures(const std::filesystem::path& file);

}  // namespace pixmill::pipeline
