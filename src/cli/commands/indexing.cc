#include "cli/commands/indexing.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

#include "cli/app.h"
#include "cli/commands/commands.h"
#include "cli/commands/job.h"
#include "cli/output/terminal.h"
#include "cli/output/text.h"
#include "pixmill/core/error.h"
#include "pixmill/core/format_text.h"
#include "pixmill/platform/cores.h"
#include "pixmill/tasks/embed.h"

namespace pixmill::cli {
namespace fs = std::filesystem;
namespace {

using pipeline::IndexFacts;
using pipeline::VectorIndex;

constexpr std::size_t kAtOnce = 4096;  // pictures that are added in one step
constexpr std::array<std::string_view, 4> kOthers = {"model", "precision", "imgsz", "provider-option"};

bool makes_vectors(const Flag& flag) {
  return flag.changes_result || std::find(kOthers.begin(), kOthers.end(), flag.name) != kOthers.end();
}

// A model's file by a name that holds in every folder.
std::string absolute_if_file(const std::string& text) {
  std::error_code error;
  return fs::is_regular_file(text, error) ? fs::absolute(text).lexically_normal().string() : text;
}

}  // namespace

std::string vector_options(const Invocation& embed) {
  std::string lines;
  for (const Flag* flag : embed.values.command().flags) {
    if (!makes_vectors(*flag)) continue;
    for (const std::string& text : embed.values.texts(flag->name))
      lines += std::string(flag->name) + "=" + (flag->name == "model" ? absolute_if_file(text) : text) + "\n";
  }
  return lines;
}

void take_vector_options(const std::string& options, const fs::path& index, Values& embed) {
  std::map<std::string, std::vector<std::string>> texts;
  std::istringstream lines(options);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) texts[line.substr(0, equals)].push_back(line.substr(equals + 1));
  }
  for (const Flag* flag : embed.command().flags) {
    if (!makes_vectors(*flag)) continue;
    const std::vector<std::string>& wanted = texts[std::string(flag->name)];
    std::vector<std::string> said = embed.texts(flag->name);
    if (flag->name == "model" && !said.empty()) said.front() = absolute_if_file(said.front());
    if (typed(embed, flag->name) && said != wanted) {
      throw Error(ErrorCode::usage,
                  "--" + std::string(flag->name) + (said.empty() ? "" : " " + said.front()) + ": the index " +
                      index.string() + " was made with " + (wanted.empty() ? "none" : wanted.front()) +
                      ", and other vectors cannot be compared with its own",
                  "leave --" + std::string(flag->name) + " out");
    }
    embed.set(*flag, wanted, Origin::flag, index.string());
  }
}

std::string facts_text(const IndexFacts& facts) {
  std::string text = count_text(static_cast<std::int64_t>(facts.pictures), "picture") + ", vectors of " +
                     std::to_string(facts.columns) + " numbers by " + facts.origin.model;
  if (facts.lists == 0) return text + "; flat: a query is compared with all";
  return text + "; ivf: a query looks into " + std::to_string(facts.probes.lists) + " of " +
         std::to_string(facts.lists) + " lists and finds " + format_text("%.1f %%", 100 * facts.probes.recall) +
         " of the ten nearest";
}

void limit_search_threads(const pipeline::JobSpec& spec) {
  const int cores = platform::usable_cores();
  vectors::use_threads(spec.workers > 0 ? std::min(spec.workers, cores) : cores);
}

vectors::Sorting shown_on(LiveLine& line, const std::string& what) {
  return {[&line, what](std::string_view step, double share) {
            line.show(what + ": " + std::string(step) + " " + std::to_string(static_cast<int>(100 * share)) + "%");
          },
          &interrupted()};
}

void compact_and_show(VectorIndex& index, VectorIndex::Compaction how, bool quiet) {
  LiveLine line(!quiet);
  how.sorting = shown_on(line, "index");
  index.compact(how);
}

void Indexing::operator()(const pipeline::Recorded& recorded) const {
  if (spec_.dry_run) return;
  limit_search_threads(spec_);
  const fs::path folder = invocation_.values.text("index");
  const bool quiet = invocation_.values.on("quiet") || invocation_.values.on("json");
  std::optional<VectorIndex> index;
  std::vector<VectorIndex::Picture> pictures;
  std::vector<float> values;
  std::size_t columns = 0, added = 0;
  const auto flush = [&] {
    if (!pictures.empty()) added += index->add(pictures, {values, columns});
    pictures.clear();
    values.clear();
  };
  const pipeline::VectorOrigin origin{recorded.key(), spec_.model, vector_options(invocation_)};
  LiveLine line(!quiet);
  recorded.each(tasks::kEmbedding, [&](std::size_t at, const pipeline::StoredRecord& record) {
    const pipeline::Recorded::Picture picture = recorded.at(at);
    if (!index) {
      columns = record.body.size() / sizeof(float);
      index.emplace(VectorIndex::make_or_open(folder, origin, columns));
    }
    const auto input = recorded.catalogue().input(picture.identity);
    if (!input || index->content_of(picture.identity) == input->content) return;
    const std::vector<float> vector = tasks::unpack_embedding(record.kind, record.body, picture.path.string());
    if (vector.size() != columns)
      throw Error(ErrorCode::corrupt, picture.path.string() + ": its vector has another length than those before it",
                  "run pixmill embed --force on it");
    pictures.push_back({picture.identity, input->content});
    values.insert(values.end(), vector.begin(), vector.end());
    if (pictures.size() == kAtOnce) {
      flush();
      line.show("index: " + count_text(static_cast<std::int64_t>(added), "picture") + " added");
    }
  });
  line.clear();
  if (!index) return;
  flush();
  if (index->wants_compaction()) compact_and_show(*index, {}, quiet);
  if (!quiet) {
    std::fprintf(stderr, "%s: %s added; %s\n", printable(folder.string()).c_str(),
                 count_text(static_cast<std::int64_t>(added), "picture").c_str(),
                 printable(facts_text(index->facts())).c_str());
  }
}

}  // namespace pixmill::cli
