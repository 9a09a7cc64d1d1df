#include "pipeline/export_commits.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "pipeline/catalogue/claims.h"
#include "pipeline/naming.h"
#include "pipeline/standard_output.h"
#include "pixmill/core/error.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

// All items of this committer are these.
struct ExportItem : Item {
  Exported* result = nullptr;
};

// A file of a folder that is gone belongs to nobody.
void refuse_foreign(const Claim& claim, const fs::path& output) {
  std::error_code error;
  const bool of_another = claim.standing == Standing::of_another;
  if (of_another && !claim.owner.empty() && !fs::exists(claim.owner, error)) return;
  if (const auto refusal = refusal_of(claim, output, true)) {
    throw Error(ErrorCode::collision, *refusal,
                of_another ? "choose another -o; --overwrite replaces it" : "--overwrite replaces it");
  }
}

ResultKey key_of(const Exported& result, const ExportOwner& owner, const std::string& made_of) {
  return {owner.content, "", made_of, "export " + result.format};
}

}  // namespace

std::vector<std::byte> bytes_of_text(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

ExportCommits::ExportCommits(Catalogue& catalogue, const fs::path& state, bool overwrite, bool keep)
    : catalogue_(catalogue),
      overwrite_(overwrite),
      keep_(keep),
      writer_(state),
      committer_({writer_, catalogue, disk_full_, [this](Item& item) { ended(item); }}) {}

ExportOwner ExportCommits::owner_of(const ExportInput& input) const {
  const std::optional<Catalogue::Input> known = catalogue_.input(input.identity);
  return known ? ExportOwner{input.identity, known->stamp, known->content} : ExportOwner{input.identity, {}, {}};
}

ExportOwner ExportCommits::owner_of_all(const fs::path& root) {
  return {root, {}, hash_of(std::as_bytes(std::span(root.native())))};
}

void ExportCommits::settle(Exported& result, const ExportOwner& owner, const fs::path& shown, const fs::path& output,
                           MadeFile made, const std::string& made_of) {
  if (output == kStandardOutput) return write_to_standard_output(made.bytes);
  if (is_kept(output)) {
    if (!made.file.empty()) writer_.discard(made.file);
    return count_unchanged(result, 1);
  }
  const Fingerprint fingerprint = made.file.empty() ? fingerprint_of(std::span<const std::byte>(made.bytes))
                                                    : fingerprint_of(made.file).value_or(Fingerprint());
  auto item = std::make_shared<ExportItem>();
  item->result = &result;
  item->input = shown;
  item->identity = owner.identity;
  item->stamp = owner.stamp;
  item->key = key_of(result, owner, made_of);
  item->outputs = {output};
  const Claim claim = claim_of(catalogue_, output, {owner.identity, owner.stamp, item->key});
  if (claim.standing == Standing::done && stands_as(output, fingerprint)) {
    writer_.discard(made.file);
    const std::scoped_lock lock(mutex_);
    ++result.unchanged;
    return;
  }
  try {
    if (!overwrite_) refuse_foreign(claim, output);
  } catch (...) {
    if (!made.file.empty()) writer_.discard(made.file);
    throw;
  }
  const bool unknown = claim.standing == Standing::unknown && !overwrite_;
  item->replace = {claim.standing != Standing::absent && !unknown};
  item->compare = {unknown};
  item->owners = {claim.owner};
  Made files;
  files.files.push_back(std::move(made));
  committer_.commit(item, std::move(files));
}

bool ExportCommits::stands(const Exported& result, const ExportOwner& owner, const fs::path& output,
                           const std::string& made_of) const {
  if (output == kStandardOutput) return false;
  if (is_kept(output)) return true;
  const ResultKey key = key_of(result, owner, made_of);
  return claim_of(catalogue_, output, {owner.identity, owner.stamp, key}).standing == Standing::done;
}

void ExportCommits::retract(const Exported& result, const ExportOwner& owner, const fs::path& output) {
  if (output == kStandardOutput || is_kept(output)) return;
  const ResultKey key = key_of(result, owner, "");
  const std::optional<Catalogue::Output> row = catalogue_.output(output);
  if (!row || row->key.task != key.task) return;
  const Standing standing = claim_of(catalogue_, output, {owner.identity, owner.stamp, key}).standing;
  std::error_code ignored;
  if (standing == Standing::done || standing == Standing::stale) fs::remove(output, ignored);
}

void ExportCommits::count_unchanged(Exported& result, std::size_t files) {
  const std::scoped_lock lock(mutex_);
  result.unchanged += static_cast<std::int64_t>(files);
}

bool ExportCommits::is_kept(const fs::path& output) const {
  std::error_code ignored;
  return keep_ && fs::exists(fs::symlink_status(output, ignored));
}

bool ExportCommits::stands_as(const fs::path& output, const Fingerprint& fingerprint) const {
  const std::optional<Catalogue::Output> row = catalogue_.output(output);
  return row && row->made == fingerprint;
}

void ExportCommits::fail(Exported& result, Failed failure) {
  const std::scoped_lock lock(mutex_);
  result.failed.push_back(std::move(failure));
}

void ExportCommits::count_picture(Exported& result) {
  const std::scoped_lock lock(mutex_);
  ++result.pictures;
}

void ExportCommits::add_notes(Exported& result, const std::vector<std::string>& notes) {
  const std::scoped_lock lock(mutex_);
  for (const std::string& note : notes) {
    if (std::find(result.notes.begin(), result.notes.end(), note) == result.notes.end()) result.notes.push_back(note);
  }
}

// On a thread of the committer.
void ExportCommits::ended(Item& item) {
  Exported& result = *static_cast<ExportItem&>(item).result;
  const std::scoped_lock lock(mutex_);
  if (item.failure) {
    result.failed.push_back(*item.failure);
  } else {
    ++result.written;
  }
}

}  // namespace pixmill::pipeline
