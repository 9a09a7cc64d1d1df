#include "models/store_layout.h"

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <system_error>

#include "models/built_in.h"
#include "pixmill/platform/files.h"

namespace pixmill::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestText = 1 << 20;  // bytes; parse_card() is stricter

std::string megabytes(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f MB", bytes < 10'000'000 ? 1 : 0, static_cast<double>(bytes) / 1e6);
  return text;
}

}  // namespace

ModelCard load_card(const fs::path& path) {
  return parse_card(platform::read_text(path, kLargestText), path.string());
}

Presence glance(const StoreLayout& layout, const ModelCard& card, bool users_own) {
  if (!users_own && built_in_weights(card.id)) return Presence::built_in;
  Presence presence = Presence::present;
  for (std::size_t i = 0; i < card.files.size(); ++i) {
    std::error_code absent;
    const std::uintmax_t size = fs::file_size(layout.weights(card, i), absent);
    if (absent) return Presence::absent;
    const std::int64_t wanted = card.files[i].also.empty() ? card.files[i].bytes : 0;
    if (wanted > 0 && static_cast<std::int64_t>(size) != wanted) presence = Presence::damaged;
  }
  return presence;
}

std::string recorded_hash(const StoreLayout& layout, std::string_view id, std::string_view file_name) {
  std::string text;
  try {
    text = platform::read_text(layout.sums(id), kLargestText);
  } catch (const Error&) {
    return {};
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > 66 && line.substr(66) == file_name) return line.substr(0, 64);
  }
  return {};
}

void record_hash(const StoreLayout& layout, std::string_view id, std::string_view file_name,
                 const std::string& sha256) {
  std::string text;
  std::error_code unknown;
  if (fs::exists(layout.sums(id), unknown)) {
    std::istringstream lines(platform::read_text(layout.sums(id), kLargestText));
    for (std::string line; std::getline(lines, line);) {
      if (line.size() <= 66 || line.substr(66) != file_name) text += line + "\n";
    }
  }
  platform::write_whole(layout.sums(id), text + sha256 + "  " + std::string(file_name) + "\n");
}

bool is_the_file(const ModelFile& file, const platform::FileHashes& hashes, const std::string& recorded) {
  if (!file.sha256.empty()) {
    return hashes.sha256 == file.sha256 ||
           std::find(file.also.begin(), file.also.end(), hashes.sha256) != file.also.end();
  }
  if (!recorded.empty()) return hashes.sha256 == recorded;
  return file.md5.empty() || hashes.md5 == file.md5;
}

const StoreEntry* known_by_content(const std::vector<StoreEntry>& entries, const platform::FileHashes& hashes) {
  for (const StoreEntry& entry : entries) {
    if (entry.card.files.empty()) continue;
    const ModelFile& file = entry.card.files[0];
    const bool has_hash = !file.sha256.empty() || !file.md5.empty();
    if (has_hash && is_the_file(file, hashes, {})) return &entry;
  }
  return nullptr;
}

void find_beside(const fs::path& path, ModelCard& card) {
  for (std::size_t i = 1; i < card.graphs.size(); ++i) {
    GraphFile& graph = card.graphs[i];
    std::error_code absent;
    if (fs::exists(path.parent_path() / graph.file, absent)) continue;
    std::vector<std::string> candidates;
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, absent)) {
      const std::string name = entry.path().filename().string();
      if (entry.path().extension() == ".onnx" && name.find(graph.role) != std::string::npos) candidates.push_back(name);
    }
    if (candidates.size() != 1) {
      throw Error(ErrorCode::not_found,
                  path.string() + " is the " + card.graphs.front().role + " of a model of two files, and " +
                      (candidates.empty() ? "its " + graph.role + " is not beside it"
                                          : "several files beside it may be its " + graph.role),
                  "put the other file into the same folder as " + graph.file + ", or name both in a card");
    }
    card.files[i].name = graph.file = candidates.front();
  }
}

Error weights_missing(const ModelCard& card) {
  std::int64_t bytes = 0;
  bool on_the_web = true;
  for (const ModelFile& file : card.files) {
    bytes += file.bytes;
    on_the_web = on_the_web && !file.url.empty();
  }
  std::string hint;
  if (on_the_web) {
    hint = "`pixmill models pull " + card.id + "` downloads them (" + (bytes > 0 ? megabytes(bytes) + ", " : "") +
           "licence: " + card.licence + ")";
  } else {
    hint = card.how_to_get.empty() ? "`pixmill models add FILE.onnx --id " + card.id + "` adds them" : card.how_to_get;
    hint += "\nlicence: " + card.licence;
  }
  return {ErrorCode::not_found, "the weights of the model '" + card.id + "' are not on this machine", hint};
}

}  // namespace pixmill::models
