// Variants: models that were made from others, and which one is used for which.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include "pixmill/core/error.h"
#include "pixmill/models/model_store.h"

namespace pixmill::models {
namespace {

// Whether these are the weights of `base`: the same file, or another one that its card knows them in.
bool same_weights(const std::string& sha256, const ResolvedModel& base) {
  if (sha256 == base.content_hash) return true;
  if (base.card.files.empty()) return false;  // a card that was made up for a file without one
  const ModelFile& file = base.card.files.front();
  return sha256 == file.sha256 || std::find(file.also.begin(), file.also.end(), sha256) != file.also.end();
}

bool is_variant(const StoreEntry& entry, const ResolvedModel& base, std::string_view precision) {
  const bool here = entry.presence == Presence::present || entry.presence == Presence::built_in;
  if (!entry.card.variant || !here) return false;
  const VariantSpec& variant = *entry.card.variant;
  return variant.precision == precision && same_weights(variant.of_sha256, base) && entry.card.task == base.card.task;
}

// When the file was written: the least there is for one that is built in, so that the user's own goes before it.
std::filesystem::file_time_type age(const StoreEntry& entry) {
  std::error_code unknown;
  return std::filesystem::last_write_time(entry.path, unknown);
}

}  // namespace

std::optional<StoreEntry> ModelStore::find_variant(const ResolvedModel& base, std::string_view precision) const {
  std::optional<StoreEntry> newest;
  for (StoreEntry& entry : list()) {
    if (is_variant(entry, base, precision) && (!newest || age(*newest) < age(entry))) newest = std::move(entry);
  }
  return newest;
}

ResolvedModel ModelStore::variant(const ResolvedModel& base, std::string_view precision) const {
  const std::optional<StoreEntry> newest = find_variant(base, precision);
  if (!newest) {
    throw Error(ErrorCode::not_found, "there is no " + std::string(precision) + " variant of " + base.name,
                "`pixmill quantize " + base.name + " --with PHOTOS/` makes one");
  }
  return resolve(newest->card.id, base.card.task, {});
}

}  // namespace pixmill::models
