// The pictures of an import: which labels belong to which, and what a record needs to know of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/imports/label_set.h"
#include "pixmill/pipeline/catalogue.h"
#include "pixmill/pipeline/importing.h"
#include "pixmill/pipeline/sources.h"

namespace pixmill::pipeline {

struct Pair {
  std::size_t picture = 0;  // index in the sources
  int labels = 0;           // index in the set
};

// Where pictures are looked for: as the spec says, else where the labels say or imply. Throws what find_sources()
// throws.
Sources pictures_for(const ImportSpec& spec, const imports::LabelSet& set, const std::atomic<bool>& stop);

// Which belong together, in the order of the pictures; the others are in `result`: without a picture, without labels,
// and failed where several fit alike or labels stand in several files.
std::vector<Pair> paired(const Sources& pictures, const imports::LabelSet& set, Imported& result);

// A picture as it is now.
struct Seen {
  FileStamp stamp;
  std::string content;  // its hash
  Size size;            // upright; 0: the catalogue knows the content, nobody read the header
};

// Not read where the catalogue knows the file by its stamp and `size_known`. Throws Error: what reading throws.
Seen seen(const Catalogue& catalogue, const std::filesystem::path& identity, bool size_known);

}  // namespace pixmill::pipeline
