// `pixmill index`: what an index of vectors has, and its care.
#include <cstdio>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/commands/indexing.h"
#include "cli/commands/job.h"
#include "cli/output/event_json.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/bytes_text.h"
#include "pixmill/core/error.h"
#include "pixmill/pipeline/vector_index.h"
#include "pixmill/platform/files.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

using nlohmann::ordered_json;
using pipeline::IndexFacts;
using pipeline::VectorIndex;

ordered_json to_json(const std::string& folder, const IndexFacts& facts) {
  return {{"index", folder},
          {"pictures", facts.pictures},
          {"numbers", facts.columns},
          {"model", facts.origin.model},
          {"kind", name_of(facts.lists == 0 ? pipeline::IndexKind::flat : pipeline::IndexKind::ivf)},
          {"wanted_kind", name_of(facts.wanted)},
          {"lists", facts.lists},
          {"probes", facts.lists == 0 ? 0 : facts.probes.lists},
          {"recall", facts.lists == 0 ? 1.0 : rounded(facts.probes.recall)},
          {"sorted", facts.sorted},
          {"forgotten", facts.forgotten},
          {"bytes", facts.bytes}};
}

void print(const Invocation& invocation, const std::string& folder, const IndexFacts& facts) {
  if (invocation.values.on("json")) {
    std::puts(dump(to_json(folder, facts)).c_str());
    return;
  }
  std::printf("%s: %s\n", printable(folder).c_str(), printable(facts_text(facts)).c_str());
  if (facts.lists > 0 && facts.pictures > facts.sorted)
    std::printf("%s added since are compared with every query\n",
                count_text(static_cast<std::int64_t>(facts.pictures - facts.sorted), "picture").c_str());
  if (facts.forgotten > 0)
    std::printf("%s of removed pictures: pixmill index compact gives their place back\n",
                count_text(static_cast<std::int64_t>(facts.forgotten), "vector").c_str());
  std::printf("%s on disk\n", bytes_text(facts.bytes).c_str());
}

// Whether it is one of `names`, or lies below one.
bool is_meant(const fs::path& picture, const std::set<fs::path>& names) {
  for (fs::path part = picture; part.has_relative_path(); part = part.parent_path()) {
    if (names.contains(part)) return true;
  }
  return false;
}

int remove(const Invocation& invocation, const std::string& folder, const std::vector<std::string>& named) {
  const bool missing = invocation.values.on("missing");
  if (named.empty() == !missing)
    throw Error(ErrorCode::usage, "index remove: which pictures?", "name files or folders, or say --missing");
  VectorIndex index = VectorIndex::open_to_write(folder);
  std::set<fs::path> names;
  for (const std::string& name : named) names.insert(platform::resolved(name));
  std::vector<fs::path> pictures;
  index.each_picture([&](const fs::path& picture) {
    std::error_code error;
    if (missing ? fs::status(picture, error).type() == fs::file_type::not_found : is_meant(picture, names))
      pictures.push_back(picture);
  });
  const std::size_t removed = index.remove(pictures);
  if (index.wants_compaction()) compact_and_show(index, {}, invocation.values.on("json"));
  if (invocation.values.on("json")) {
    std::puts(dump({{"removed", removed}}).c_str());
  } else {
    std::printf("%s removed from %s\n", count_text(static_cast<std::int64_t>(removed), "picture").c_str(),
                printable(folder).c_str());
  }
  return kAllGood;
}

int compact(const Invocation& invocation, const std::string& folder) {
  const Values& values = invocation.values;
  VectorIndex index = VectorIndex::open_to_write(folder);
  VectorIndex::Compaction how;
  if (values.has("kind")) how.kind = pipeline::index_kind_from(values.text("kind"));
  if (values.has("recall")) how.recall = values.real("recall");
  compact_and_show(index, how, values.on("json"));
  print(invocation, folder, index.facts());
  return kAllGood;
}

int list(const std::string& folder) {
  VectorIndex::open(folder).each_picture([](const fs::path& picture) { std::puts(picture.c_str()); });
  return kAllGood;
}

}  // namespace

int run_index(const Invocation& invocation) {
  const std::vector<std::string>& words = invocation.arguments;
  if (words.empty()) throw_unknown_word(invocation.values.command(), "");
  const std::string& word = words.front();
  const auto& known = invocation.values.command().words;
  if (std::find(known.begin(), known.end(), word) == known.end()) throw_unknown_word(invocation.values.command(), word);
  for (const auto& [flag, of] : {std::pair("missing", "remove"), {"kind", "compact"}, {"recall", "compact"}}) {
    if (typed(invocation.values, flag) && word != of)
      throw Error(ErrorCode::usage, "--" + std::string(flag) + " goes with index " + of, "");
  }
  if (words.size() < 2)
    throw Error(ErrorCode::usage, "index " + word + ": which index?", "pixmill index " + word + " DIR");
  if (words.size() > 2 && word != "remove")
    throw Error(ErrorCode::usage, "index " + word + " is for one index", "leave '" + words[2] + "' out");
  const std::string& folder = words[1];
  if (word == "remove") return remove(invocation, folder, {words.begin() + 2, words.end()});
  if (word == "compact") return compact(invocation, folder);
  if (word == "list") return list(folder);
  print(invocation, folder, VectorIndex::open(folder).facts());
  return kAllGood;
}

}  // namespace pixmill::cli
