#include "tasks/embed/job.h"

#include <algorithm>
#include <filesystem>

#include "pixmill/core/error.h"
#include "pixmill/tasks/embed.h"
#include "pixmill/tasks/vector_flags.h"

namespace pixmill::tasks {
namespace {

using config::Flag;
using config::Kind;

// What a user calls a format, and the row that it is.
struct Format {
  std::string_view word, row;
};
constexpr Format kFormats[] = {{"npy", "npy"}, {"csv", "vectors-csv"}, {"jsonl", "vectors-jsonl"}};

std::vector<Flag> all_flags() {
  std::vector<Flag> flags = {{.name = "format",
                              .kind = Kind::choice,
                              .value = "F",
                              .fallback = "npy",
                              .group = config::kOutputs,
                              .help = "of the vectors; the ending of -o FILE says it too",
                              .choices = {"npy", "csv", "jsonl"},
                              .repeatable = true,
                              .basic = true,
                              .section_only = true}};
  for (const Flag& flag : vector_flags()) flags.push_back(flag);
  flags.push_back({.name = "fast-decode",
                   .group = kVectorFlags,
                   .help = "large JPEGs are read smaller: vectors may differ a little (docs/vectors.md)",
                   .changes_result = true});
  return flags;
}

std::string_view row_of(std::string_view word) {
  return std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& one) { return one.word == word; })
      ->row;
}

// The word that the ending of -o FILE names; empty where it is no file.
std::string ending_of(const std::string& output) {
  const std::string extension = std::filesystem::path(output).extension().string();
  if (extension.size() < 2 || output.ends_with('/') || std::filesystem::is_directory(output)) return {};
  return extension.substr(1);
}

std::vector<std::string> formats_for(const config::Values& values, const std::string& output) {
  const bool typed = values.all().at("format").origin == config::Origin::flag;
  const std::string ending = ending_of(output);
  std::vector<std::string> words = values.texts("format");
  if (!typed && !ending.empty()) {
    if (std::none_of(std::begin(kFormats), std::end(kFormats), [&](const Format& one) { return one.word == ending; }))
      throw Error(ErrorCode::usage, output + ": vectors are not written in this format",
                  "the ending may be .npy, .csv or .jsonl");
    words = {ending};
  }
  std::vector<std::string> rows;
  for (const std::string& word : words) rows.emplace_back(row_of(word));
  return rows;
}

// Beside "vectors.npy" "vectors.paths.txt", in a folder too.
void add_paths(const std::string& output, JobOptions& job) {
  if (std::find(job.formats.begin(), job.formats.end(), "npy") == job.formats.end() || output == "-") return;
  job.formats.emplace_back("vector-paths");
  if (!ending_of(output).empty())
    job.own_files["vector-paths"] = std::filesystem::path(output).replace_extension("paths.txt").string();
}

}  // namespace

const std::vector<Flag>& embed_flags() {
  static const std::vector<Flag> flags = all_flags();
  return flags;
}

JobOptions read_embed(const config::Values& values, const std::string& output, const codecs::DecodeOptions&) {
  JobOptions job;
  job.formats = formats_for(values, output);
  add_paths(output, job);
  job.make_task = [fast = values.on("fast-decode")](models::ModelCard card) {
    return make_embed(std::move(card), fast);
  };
  return job;
}

}  // namespace pixmill::tasks
