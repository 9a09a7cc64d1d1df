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
using config::Origin;

// What a user calls a format, and the row that it is.
struct Format {
  std::string_view word, row;
};
constexpr Format kFormats[] = {
    {"npy", "npy"}, {"npz", "npz"}, {"faiss", "faiss"}, {"csv", "vectors-csv"}, {"jsonl", "vectors-jsonl"}};

std::vector<Flag> all_flags() {
  std::vector<Flag> flags = {
      {.name = "format",
       .kind = Kind::text,
       .value = "LIST",
       .fallback = "npy",
       .group = config::kOutputs,
       .help = "of the vectors, comma between: npy, npz, faiss, csv, jsonl; the ending of -o FILE says it too",
       .repeatable = true,
       .basic = true,
       .section_only = true}};
  for (const Flag& flag : vector_flags()) flags.push_back(flag);
  flags.push_back({.name = "fast-decode",
                   .group = kVectorFlags,
                   .help = "large JPEGs are read smaller: vectors may differ a little (docs/vectors.md)",
                   .changes_result = true});
  flags.push_back({.name = "index",
                   .kind = Kind::path,
                   .value = "DIR",
                   .group = kVectorFlags,
                   .help = "adds the vectors to the index in DIR, or makes it, for pixmill search",
                   .basic = true,
                   .setting = false});
  return flags;
}

const Format* find_format(std::string_view word) {
  const auto* found =
      std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& one) { return one.word == word; });
  return found == std::end(kFormats) ? nullptr : found;
}

// The word that the ending of -o FILE names; empty where it is no file.
std::string ending_of(const std::string& output) {
  const std::string extension = std::filesystem::path(output).extension().string();
  if (extension.size() < 2 || output.ends_with('/') || std::filesystem::is_directory(output)) return {};
  return extension.substr(1);
}

// Of --format, whose values are lists.
std::vector<std::string> typed_words(const config::Values& values) {
  std::vector<std::string> words;
  for (const std::string& list : values.texts("format")) {
    for (std::size_t start = 0; start <= list.size();) {
      const std::size_t comma = std::min(list.find(',', start), list.size());
      words.push_back(list.substr(start, comma - start));
      start = comma + 1;
      if (find_format(words.back()) == nullptr)
        throw Error(ErrorCode::usage, "--format: '" + words.back() + "' is no format of vectors",
                    "it may be npy, npz, faiss, csv or jsonl");
    }
  }
  return words;
}

std::vector<std::string> formats_for(const config::Values& values, const std::string& output) {
  const bool typed = values.all().at("format").origin == Origin::flag;
  const std::string ending = ending_of(output);
  std::vector<std::string> words = typed_words(values);
  if (!ending.empty() && find_format(ending) == nullptr)
    throw Error(ErrorCode::usage, output + ": vectors are not written in this format",
                "the ending may be .npy, .npz, .faiss, .csv or .jsonl");
  if (!ending.empty() && typed && words != std::vector{ending})
    throw Error(ErrorCode::usage, output + ": --format " + values.text("format") + " has another ending",
                "leave --format out, or name a folder");
  if (!ending.empty()) words = {ending};
  std::vector<std::string> rows;
  for (const std::string& word : words) rows.emplace_back(find_format(word)->row);
  return rows;
}

// Beside "vectors.npy" and "vectors.faiss" "vectors.paths.txt", in a folder too.
void add_paths(const std::string& output, JobOptions& job) {
  const bool rows_alone = std::any_of(job.formats.begin(), job.formats.end(),
                                      [](const std::string& row) { return row == "npy" || row == "faiss"; });
  if (!rows_alone || output == "-") return;
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
  const bool index_alone = values.has("index") && output.empty() && values.all().at("format").origin != Origin::flag;
  if (!index_alone) job.formats = formats_for(values, output);
  add_paths(output, job);
  job.make_task = [fast = values.on("fast-decode")](models::ModelCard card) {
    return make_embed(std::move(card), fast);
  };
  return job;
}

}  // namespace pixmill::tasks
