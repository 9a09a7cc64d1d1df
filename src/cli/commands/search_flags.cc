// The flags of `search` and `index`.
#include "cli/commands/flag_tables.h"
#include "cli/names.h"

namespace pixmill::cli {
namespace {

constexpr std::string_view kSearch = "Search";

const std::vector<Flag>& own_flags() {
  static const std::vector<Flag> flags = {
      {.name = "index",
       .kind = Kind::path,
       .value = "DIR",
       .group = kSearch,
       .help = "the index that is asked: pixmill embed photos/ --index DIR makes one",
       .basic = true},
      {.name = "text",
       .kind = Kind::text,
       .value = "TEXT",
       .group = kSearch,
       .help = "a query in words, where the model of the index takes texts too (CLIP); may be repeated",
       .repeatable = true,
       .basic = true,
       .setting = false},
      {.name = "top",
       .kind = Kind::integer,
       .value = "N",
       .fallback = "10",
       .group = kSearch,
       .help = "so many pictures for each query",
       .minimum = 1,
       .maximum = 10'000,
       .basic = true},
      {.name = "min",
       .kind = Kind::real,
       .value = "S",
       .group = kSearch,
       .help = "only pictures that are at least so similar: the cosine, -1 to 1",
       .minimum = -1,
       .maximum = 1,
       .basic = true},
      {.name = "together", .group = kSearch, .help = "all queries are one: the pictures most like their mean"},
      {.name = "exact", .group = kSearch, .help = "compare with every vector, also where they are sorted into lists"},
      {.name = "format",
       .kind = Kind::choice,
       .value = "F",
       .fallback = "txt",
       .group = kOutputs,
       .help = "of the answers",
       .choices = {"txt", "csv", "json"},
       .basic = true,
       .section_only = true},
      {.name = "paths", .group = kOutputs, .help = "only the paths, one a line", .basic = true},
      {.name = "print0",
       .letter = '0',
       .group = kOutputs,
       .help = "with --paths: they end with NUL: pixmill search ... --paths -0 | xargs -0 ..."},
      {.name = "html",
       .kind = Kind::path,
       .value = "FILE",
       .group = kOutputs,
       .help = "a page with each query and its answers",
       .basic = true}};
  return flags;
}

}  // namespace

const std::vector<const Flag*>& search_flags() {
  static const std::vector<const Flag*> flags = [] {
    std::vector<const Flag*> all = config::pointers(own_flags());
    for (const Flag& flag : job_flags()) all.push_back(&flag);
    return all;
  }();
  return flags;
}

const std::vector<Flag>& index_flags() {
  static const std::vector<Flag> flags = {
      {.name = "missing",
       .group = kRun,
       .help = "with remove: the pictures whose files are gone",
       .basic = true,
       .setting = false},
      {.name = "kind",
       .kind = Kind::choice,
       .value = "K",
       .group = kRun,
       .help = "with compact: flat compares a query with all; ivf with some lists; auto is ivf from 50,000 on",
       .choices = {"auto", "flat", "ivf"},
       .basic = true,
       .setting = false},
      {.name = "recall",
       .kind = Kind::real,
       .value = "R",
       .group = kRun,
       .help = "with compact: the share of the ten nearest that ivf has to find; at first 0.97",
       .minimum = 0.5,
       .maximum = 1,
       .basic = true,
       .setting = false},
  };
  return flags;
}

}  // namespace pixmill::cli
