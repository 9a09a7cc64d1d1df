// What `embed --index DIR` does with the vectors when the last picture has ended.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cli/output/live_line.h"
#include "cli/parse.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/pipeline/recorded.h"
#include "pixmill/pipeline/vector_index.h"

namespace pixmill::cli {

// The options that make the vectors what they are, a line each: "precision=auto".
std::string vector_options(const Invocation& embed);

// Gives an invocation of embed the options of an index. Throws Error{usage} where the command line says others.
void take_vector_options(const std::string& options, const std::filesystem::path& index, Values& embed);

class Indexing {
 public:
  Indexing(const Invocation& invocation, const pipeline::JobSpec& spec) : invocation_(invocation), spec_(spec) {}

  // Adds what is new, and says what the index has then.
  void operator()(const pipeline::Recorded& recorded) const;

 private:
  const Invocation& invocation_;
  const pipeline::JobSpec& spec_;
};

// The searches of this process take the cores that --threads and --jobs leave them.
void limit_search_threads(const pipeline::JobSpec& spec);

// What can be stopped by Ctrl-C, and shows how far it is: "index: sorting 40%". Borrows the line.
vectors::Sorting shown_on(LiveLine& line, const std::string& what);

// Sorts or gives back what was removed, with progress on the terminal.
void compact_and_show(pipeline::VectorIndex& index, pipeline::VectorIndex::Compaction how, bool quiet);

// "1,000 vectors of 512 numbers by resnet18, each compared with a query (flat)"
std::string facts_text(const pipeline::IndexFacts& facts);

}  // namespace pixmill::cli
