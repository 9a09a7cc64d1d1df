// Models that were made from others: which one stands for which.
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
  const ModelFile& file = base.card.files.front();
  return sha256 == base.content_hash || sha256 == file.sha256 ||
         std::find(file.also.begin(), file.also.end(), sha256) != file.also.end();
}

bool is_variant(const StoreEntry& entry, const ResolvedModel& base, std::string_view precision) {
  if (!entry.card.variant || entry.presence != Presence::present) return false;
  const VariantSpec& variant = *entry.card.variant;
  return variant.precision == precision && same_weights(variant.of_sha256, base) && entry.card.task == base.card.task;
}

std::filesystem::file_time_type age(const StoreEntry& entry) {
  std::error_code unknown;
  return std::filesystem::last_write_time(entry.path, unknown);
}

}  // namespace

ResolvedModel ModelStore::variant(const ResolvedModel& base, std::string_view precision) const {
  std::optional<StoreEntry> newest;
  for (StoreEntry& entry : list()) {
    if (is_variant(entry, base, precision) && (!newest || age(*newest) < age(entry))) newest = std::move(entry);
  }
  if (!newest) {
    throw Error(ErrorCode::not_found, "there is no " + std::string(precision) + " variant of " + base.name,
                "`pixmill quantize " + base.name + " --with PHOTOS/` makes one");
  }
  return resolve(newest->card.id, base.card.task, {});
}

}  // namespace pixmill::models
