// Finds the pictures of a job.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/pipeline/source_list.h"

namespace pixmill::pipeline {

struct Sources {
  SourceList items;                          // in natural order, each file once
  std::vector<std::filesystem::path> roots;  // folders that were walked
  std::vector<Failed> failed;                // named inputs that do not exist (a line of a list is an
                                             // item all the same), folders that cannot be read
  std::int64_t links_left_out = 0;
};

// Walks, filters, sorts, shards, limits. Throws Error: usage for a bad shard, an unreadable list, standard input that
// is wanted twice; interrupted when `stop` returns true.
Sources find_sources(
    const InputSpec& spec, const std::function<bool()>& stop = [] { return false; });

// "img2" before "img10": digits compare as numbers, the rest byte by byte.
bool natural_less(std::string_view left, std::string_view right);

// The paths of a list, as parts of `text`: one a line, '#' comments and blank lines left out, CR LF and a byte order
// mark accepted. Throws Error{usage} on NUL bytes.
std::vector<std::string_view> parse_list(std::string_view text);

// The same of a list whose paths end with NUL bytes, as `fd -0` and `find -print0` write it: nothing is left out but
// empty paths.
std::vector<std::string_view> parse_nul_list(std::string_view text);

// True where item number `hash(relative)` falls into shard `index` (1-based) of `count`.
bool in_shard(std::string_view relative, int index, int count);

}  // namespace pixmill::pipeline
