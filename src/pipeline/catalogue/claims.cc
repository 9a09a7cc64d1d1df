#include "pipeline/catalogue/claims.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include "pipeline/file_layer.h"
#include "pipeline/fingerprint.h"
#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

enum class Found { made, prior, changed };

bool is_gone(const fs::path& file) {
  std::error_code error;
  return fs::symlink_status(file, error).type() == fs::file_type::not_found;
}

bool is_special(const fs::file_status& status) {
  return fs::is_character_file(status) || fs::is_block_file(status) || fs::is_fifo(status) || fs::is_socket(status);
}

// Which of the files that the row tells of stands there.
Found found_at(Catalogue& catalogue, const fs::path& output, const Catalogue::Output& row, bool checksum) {
  const std::optional<FileStamp> stamp = FileLayer::of_the_system().stamp(output);
  if (!stamp) return Found::changed;
  if (!checksum && row.stamp.same_as(*stamp)) return Found::made;
  const auto has_size = [&](const Fingerprint& one) { return one.size == stamp->size; };
  if (!has_size(row.made) && std::none_of(row.prior.begin(), row.prior.end(), has_size)) return Found::changed;
  const std::optional<Fingerprint> fingerprint = fingerprint_of(output);
  if (!fingerprint) return Found::changed;
  if (*fingerprint == row.made) {
    if (!row.stamp.same_as(*stamp)) catalogue.saw_output(output, settled(*stamp), row.made);
    return Found::made;
  }
  const bool known = std::find(row.prior.begin(), row.prior.end(), *fingerprint) != row.prior.end();
  return known ? Found::prior : Found::changed;
}

}  // namespace

Claim claim_of(Catalogue& catalogue, const fs::path& output, const Asker& asker) {
  const std::optional<Catalogue::Output> row = catalogue.output(output);
  Claim claim;
  if (row) claim.owner = row->owner;
  std::error_code error;
  const fs::file_status status = fs::symlink_status(output, error);
  if (!fs::exists(status)) return claim;
  if (is_special(status))
    throw Error(ErrorCode::collision, output.string() + " is a device or a pipe, and not a file to replace",
                "choose another name with -o or --name");
  claim.standing = fs::is_regular_file(status) ? Standing::unknown : Standing::changed;
  if (!row || claim.standing == Standing::changed) return claim;
  const Found found = found_at(catalogue, output, *row, asker.checksum);
  if (found == Found::changed) {
    claim.standing = Standing::changed;
    return claim;
  }
  const bool same_content = row->key.content == asker.key.content;
  const bool same_key = found == Found::made && row->key == asker.key;
  claim.standing = same_key ? Standing::done : Standing::stale;
  if (row->owner == asker.input) return claim;
  const bool moved = same_content && !row->owner.empty() && is_gone(row->owner);
  if (same_content) catalogue.saw_input(asker.input, asker.stamp, asker.key.content);
  if (moved) {
    catalogue.moved(row->owner, asker.input);
  } else if (same_content && row->owner.empty()) {
    catalogue.adopt(output, asker.input);
  } else if (!same_key) {
    claim.standing = Standing::of_another;
  }
  return claim;
}

std::optional<std::string> refusal_of(const Claim& claim, const std::filesystem::path& output, bool may_compare) {
  switch (claim.standing) {
    case Standing::of_another:
      if (claim.owner.empty()) {
        return output.string() +
               " was made by an earlier pixmill, of another picture or of an earlier version of this one";
      }
      return output.string() + " is the result of " + claim.owner.string();
    case Standing::unknown:
      if (may_compare) return std::nullopt;
      return output.string() + " exists and was not made by pixmill (a run compares it with what it makes)";
    case Standing::changed: return output.string() + " exists and was not made by pixmill, or was changed since";
    default: return std::nullopt;
  }
}

}  // namespace pixmill::pipeline
