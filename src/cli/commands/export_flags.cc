// The flags of `pixmill export`: its own, and those that the formats read.
#include <algorithm>

#include "cli/commands/flag_tables.h"
#include "pixmill/exports/export.h"

namespace pixmill::cli {
namespace {

using config::Flag;
using config::Kind;

const std::vector<Flag>& own_flags() {
  static const std::vector<Flag> flags = {
      {.name = "from",
       .kind = Kind::path,
       .value = "FOLDER",
       .group = config::kInputs,
       .help = "pictures that a job has looked at; may be repeated; default: the current folder",
       .repeatable = true,
       .basic = true,
       .setting = false},
  };
  return flags;
}

}  // namespace

std::vector<const Flag*> export_flags() {
  std::vector<const Flag*> all = config::pointers(own_flags(), {"output", "name", "overwrite"});
  for (const exports::ExportRow& row : exports::exports()) {
    if (row.flags == nullptr) continue;
    for (const Flag& flag : row.flags()) {
      const auto same = [&](const Flag* other) { return other->name == flag.name; };
      if (std::none_of(all.begin(), all.end(), same)) all.push_back(&flag);
    }
  }
  return all;
}

}  // namespace pixmill::cli
