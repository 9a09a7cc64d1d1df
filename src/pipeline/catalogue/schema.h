// The tables of the catalogue, and rows of the journal that it grew out of.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/catalogue/database.h"
#include "pixmill/pipeline/catalogue.h"

namespace pixmill::pipeline {

inline constexpr int kSchema = 3;  // 1: the journal; 2: without the index of things

// Makes the tables where they are missing, and takes the rows of `old_journal` over when it makes them. Returns what
// the user should know; empty: nothing.
std::string set_up(Database& database, const std::filesystem::path& old_journal);

// Several fingerprints in one text, the oldest first.
std::string packed(const std::vector<Fingerprint>& fingerprints);
std::vector<Fingerprint> unpacked(std::string_view text);

}  // namespace pixmill::pipeline
