// How the user's models lie in the store's folder:
//   ID/card.yaml    the user's own card; a shipped card of the same id stands back
//   ID/WEIGHTS      the files that the card names
//   ID/SHA256SUMS   hashes as they were seen at download, for cards that know none
//   .ID.lock        held by who writes there
//   .hashes         HashCache
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "models/hash_cache.h"
#include "pixmill/core/error.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/digest.h"

namespace pixmill::models {

class StoreLayout {
 public:
  explicit StoreLayout(std::filesystem::path home) : home_(std::move(home)) {}

  const std::filesystem::path& home() const { return home_; }
  std::filesystem::path folder(std::string_view id) const { return home_ / id; }
  std::filesystem::path card(std::string_view id) const { return folder(id) / "card.yaml"; }
  std::filesystem::path sums(std::string_view id) const { return folder(id) / "SHA256SUMS"; }
  std::filesystem::path weights(const ModelCard& card, std::size_t file = 0) const {
    return folder(card.id) / card.files[file].name;
  }
  std::filesystem::path lock(std::string_view id) const { return home_ / std::string(".").append(id).append(".lock"); }
  HashCache hashes() const { return HashCache(hash_file()); }
  std::filesystem::path hash_file() const { return home_ / ".hashes"; }

 private:
  std::filesystem::path home_;
};

// The user's card in `path` as it is. Throws Error: not_found, unreadable, usage.
ModelCard load_card(const std::filesystem::path& path);

// What is there without hashing: files and their sizes.
Presence glance(const StoreLayout& layout, const ModelCard& card, bool users_own);

// The hash that SHA256SUMS in the model's folder has for a file; empty when none.
std::string recorded_hash(const StoreLayout& layout, std::string_view id, std::string_view file_name);
void record_hash(const StoreLayout& layout, std::string_view id, std::string_view file_name, const std::string& sha256);

// Whether a file with these hashes is the one that the card means: by sha256 (or one of `also`), else by `recorded`,
// else by md5. True when nothing is known.
bool is_the_file(const ModelFile& file, const platform::FileHashes& hashes, const std::string& recorded);

// Which of `entries` knows weights of these hashes by content; null when none.
const StoreEntry* known_by_content(const std::vector<StoreEntry>& entries, const platform::FileHashes& hashes);

// A card that was guessed for the file `path` names the other files of the model as they are usually called; where one
// lies beside it under another name, the card gets that. Throws Error{not_found} where there is none, or several.
void find_beside(const std::filesystem::path& path, ModelCard& card);

// Error{not_found} that says how to come by the weights of `card`.
Error weights_missing(const ModelCard& card);

}  // namespace pixmill::models
