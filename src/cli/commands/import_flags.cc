// The flags of `pixmill import`.
#include "cli/commands/flag_tables.h"
#include "pixmill/imports/import.h"

namespace pixmill::cli {
namespace {

using config::Flag;
using config::Kind;

// "of the labels: yolo, coco, ...; auto: by content"
std::string_view format_help() {
  static const std::string text = [] {
    std::string names;
    for (const imports::ImportRow& row : imports::imports()) names += std::string(row.name) + ", ";
    return "of the labels: " + names + "auto: by their content";
  }();
  return text;
}

const std::vector<Flag>& own_flags() {
  static const std::vector<Flag> flags = {
      {.name = "format",
       .kind = Kind::text,
       .value = "FORMAT",
       .fallback = "auto",
       .group = config::kInputs,
       .help = format_help(),
       .basic = true,
       .setting = false},
      {.name = "pictures",
       .kind = Kind::path,
       .value = "FOLDER",
       .group = config::kInputs,
       .help = "of the labelled pictures; may be repeated; default: where the labels say, or a folder `images` beside",
       .repeatable = true,
       .basic = true,
       .setting = false},
      {.name = "names",
       .kind = Kind::path,
       .value = "FILE",
       .group = config::kInputs,
       .help = "the classes, a name a line, or data.yaml, or the word coco-80; default: as they lie beside the labels",
       .basic = true,
       .setting = false},
  };
  return flags;
}

}  // namespace

std::vector<const Flag*> import_flags() {
  return config::pointers(own_flags(), {"dry-run", "quiet", "verbose"});
}

}  // namespace pixmill::cli
