// Text for people: columns, line breaks, counts, times.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "pixmill/pipeline/event.h"

namespace pixmill::cli {

// As terminals show it: an accent has none, Chinese, Japanese, Korean and emoji have two a character.
int columns_of(std::string_view text);

// The first `columns` of it at most, and the last ones after "…": the tail says more of a path than its head. A wide
// character is not cut in two.
std::string head_of(const std::string& text, int columns);
std::string tail_of(const std::string& text, int columns);

// Broken at spaces so that lines end at `width` columns where a word allows it; every line but the first starts with
// `indent` spaces, and the first begins at that column.
std::string wrapped(std::string_view text, int indent, int width);

// "1 picture", "2 pictures".
std::string count_text(std::int64_t count, std::string_view thing);

// A time in UTC, by a pattern of strftime.
std::string utc_text(std::time_t moment, const char* pattern);

// "labels: yolo of 50 pictures, 52 files written, 1 as it was".
std::string export_text(const pipeline::Exported& exported);

}  // namespace pixmill::cli
