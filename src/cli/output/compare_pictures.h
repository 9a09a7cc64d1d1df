// A picture and what became of it, small enough for a page.
#pragma once

#include <filesystem>
#include <string>

#include "cli/output/event_json.h"

namespace pixmill::cli {

// What the page shows of a pair, pictures as data: addresses. In pixels of the files: "before" and "after" are their
// sizes. "whole" has both pictures, of at most `side` pixels; where that is smaller than the result, "detail" has the
// sharpest part of it at its own size. Large pictures are read a few rows at a time. Throws Error where one of them
// cannot be read, or is too large for the memory and of a format that is not read by rows.
nlohmann::ordered_json compared_pair(const std::filesystem::path& before, const std::filesystem::path& after, int side);

// One picture of at most `side` pixels as a data: address. Throws as compared_pair() does.
std::string picture_address(const std::filesystem::path& path, int side);

}  // namespace pixmill::cli
