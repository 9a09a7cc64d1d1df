// Writing the store: add, remove, pull.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "models/built_in.h"
#include "models/card_words.h"
#include "models/download.h"
#include "models/store_layout.h"
#include "pixmill/models/model_store.h"
#include "pixmill/platform/files.h"

namespace pixmill::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestCardText = 1 << 20;  // bytes; parse_card() is stricter

// The card under which `onnx` shall stand, before it is told the file's own name and hash.
ModelCard card_to_add(const fs::path& onnx, const fs::path& card_path, const std::string& id,
                      const platform::FileHashes& hashes, const ModelSignature& signature,
                      const std::vector<StoreEntry>& entries) {
  if (!card_path.empty()) {
    ModelCard card = load_card(card_path);
    if (is_the_file(card.files[0], hashes, {})) return card;
    throw Error(ErrorCode::corrupt, onnx.string() + " does not have the hash in its card, " + card_path.string(),
                "correct the card, or remove the hash from it");
  }
  for (const StoreEntry& entry : entries) {
    if (entry.card.id == id && !entry.card.files.empty())
      return entry.card;  // weights of the user's own for a known description
  }
  if (const StoreEntry* known = known_by_content(entries, hashes)) return known->card;
  if (auto guess = guess_card(signature, onnx.filename().string())) return std::move(guess->card);
  throw Error(ErrorCode::bad_model, onnx.string() + ": no card describes this model, and no known family has its shape",
              "write a card for it and name it with --card");
}

// What a card says of a file, made true for the file that is there.
void describe_file(ModelFile& file, const fs::path& onnx, const platform::FileHashes& hashes) {
  const bool as_published =
      file.sha256.empty() ? !file.md5.empty() && hashes.md5 == file.md5 : hashes.sha256 == file.sha256;
  if (!as_published) {
    file.url.clear();
    const std::string name = onnx.filename().string();
    if (is_file_name(name)) file.name = name;
  }
  file.sha256 = hashes.sha256;
  file.md5 = hashes.md5;
  file.also.clear();
  std::error_code unknown;
  file.bytes = static_cast<std::int64_t>(fs::file_size(onnx, unknown));
}

// The files of the model that is added: the one that was named, and those that its card calls by name, beside it.
// The card is made true for them. Throws Error: not_found, corrupt.
std::vector<fs::path> files_to_add(const fs::path& onnx, const platform::FileHashes& hashes, ModelCard& card) {
  std::vector<fs::path> paths = {onnx};
  const auto describe = [&](std::size_t i, const platform::FileHashes& its) {
    const std::string before = card.files[i].name;
    describe_file(card.files[i], paths[i], its);
    for (GraphFile& graph : card.graphs) {
      if (graph.file == before) graph.file = card.files[i].name;
    }
    if (card.text && card.text->file == before) card.text->file = card.files[i].name;
    if (card.text && card.text->merges == before) card.text->merges = card.files[i].name;
  };
  for (std::size_t i = 1; i < card.files.size(); ++i) paths.push_back(onnx.parent_path() / card.files[i].name);
  describe(0, hashes);
  for (std::size_t i = 1; i < card.files.size(); ++i) {
    std::error_code absent;
    if (!fs::is_regular_file(paths[i], absent))
      throw Error(ErrorCode::not_found,
                  "the model '" + card.id + "' has several files, and " + paths[i].string() + " does not exist",
                  "put it beside " + onnx.string());
    const platform::FileHashes its = platform::hash_file(paths[i]);
    if (!is_the_file(card.files[i], its, {}))
      throw Error(ErrorCode::corrupt, paths[i].string() + " does not have the hash in the card '" + card.id + "'",
                  "fetch the file again, or correct the card");
    describe(i, its);
  }
  return paths;
}

bool same_weights(const StoreLayout& layout, const ModelCard& card, std::size_t file,
                  const platform::FileHashes& hashes) {
  std::error_code absent;
  const fs::path weights = layout.weights(card, file);
  return fs::is_regular_file(weights, absent) && platform::hash_file(weights) == hashes;
}

// Gets one file of a model and gives it its name when it is the right one.
void pull_file(const StoreLayout& layout, const ModelCard& card, std::size_t index, const PullProgress& progress) {
  const ModelFile& file = card.files[index];
  const fs::path path = layout.weights(card, index);
  const Download wanted{file.url, path.string() + ".part", file.bytes};
  bool went_on = download(wanted, progress);
  platform::FileHashes hashes = platform::hash_file(wanted.part);
  if (!is_the_file(file, hashes, {}) &&
      went_on) {  // the earlier part may have been of another version: once more, whole
    forget_part(wanted.part);
    download(wanted, progress);
    hashes = platform::hash_file(wanted.part);
  }
  if (!is_the_file(file, hashes, {})) {
    forget_part(wanted.part);
    throw Error(ErrorCode::corrupt, file.url + " is not the file of the card '" + card.id + "': its hash differs",
                "the file was changed on the server or damaged in transfer; it was not added");
  }
  if (std::rename(wanted.part.c_str(), path.c_str()) != 0) throw platform::write_error(errno, path);
  forget_part(wanted.part);
  record_hash(layout, card.id, file.name, hashes.sha256);
}

void refuse_when_offline(const ModelCard& card) {
  const char* offline = std::getenv("PIXMILL_OFFLINE");
  if (offline == nullptr || *offline == '\0' || std::string_view(offline) == "0") return;
  throw Error(ErrorCode::network, "PIXMILL_OFFLINE forbids downloading the model '" + card.id + "'",
              "unset it, or copy the file here and `pixmill models add FILE.onnx --id " + card.id + "`");
}

// Whether the weights that lie there are whole and right.
bool is_whole(const StoreLayout& layout, const ModelCard& card, std::size_t index) {
  const fs::path path = layout.weights(card, index);
  std::error_code absent;
  if (!fs::is_regular_file(path, absent)) return false;
  return is_the_file(card.files[index], platform::hash_file(path),
                     recorded_hash(layout, card.id, card.files[index].name));
}

}  // namespace

StoreEntry ModelStore::add(const fs::path& onnx, const fs::path& card_path, const std::string& id,
                           const SignatureReader& read_signature) {
  const StoreLayout layout(home_);
  if (!id.empty() && !is_id(id)) {
    throw Error(ErrorCode::usage, "'" + id + "' cannot be the id of a model",
                "lower-case letters, digits, '.', '_' and '-', at most 64, first a letter or digit");
  }
  const ModelData data = ModelData::map(onnx);
  const ModelSignature signature = read_signature(onnx.string(), data.bytes());
  const platform::FileHashes hashes = platform::hash_file(onnx);
  const std::vector<StoreEntry> entries = list();

  ModelCard card = card_to_add(onnx, card_path, id, hashes, signature, entries);
  if (!id.empty()) card.id = id;
  if (const std::string reason = mismatch(card, signature); !reason.empty()) {
    throw Error(ErrorCode::bad_model, onnx.string() + " does not fit the card '" + card.id + "': " + reason);
  }
  if (card_path.empty()) find_beside(onnx, card);
  const std::vector<fs::path> paths = files_to_add(onnx, hashes, card);

  const platform::FileLock lock(layout.lock(card.id));
  for (const StoreEntry& entry : entries) {
    const bool taken = entry.card.id == card.id && (entry.users_own || id.empty());
    const bool the_same = !entry.card.files.empty() && is_the_file(entry.card.files[0], hashes, {});
    if (taken && !the_same) {
      throw Error(ErrorCode::collision, "the store has another model called '" + card.id + "'",
                  "give this one another name with --id, or remove the other");
    }
  }
  const ModelCard* shipped = shipped_card(card.id);
  const bool as_shipped = card_path.empty() && shipped != nullptr && is_the_file(shipped->files[0], hashes, {}) &&
                          !shipped->files[0].sha256.empty();
  if (as_shipped) card = *shipped;
  if (as_shipped && built_in_weights(card.id)) return find(card.id);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const platform::FileHashes its = i == 0 ? hashes : platform::hash_file(paths[i]);
    if (!same_weights(layout, card, i, its)) platform::copy_whole(paths[i], layout.weights(card, i));
  }
  if (!as_shipped) platform::write_whole(layout.card(card.id), to_yaml(card));
  return find(card.id);
}

void ModelStore::remove(std::string_view id) {
  const StoreLayout layout(home_);
  std::error_code absent;
  const bool users_own = is_id(id) && fs::exists(layout.card(id), absent);
  if (!users_own && built_in_weights(id)) {
    throw Error(ErrorCode::usage, "the model '" + std::string(id) + "' is built in and cannot be removed");
  }
  std::vector<fs::path> files = {layout.card(id), layout.sums(id)};
  try {
    const ModelCard card = find(id).card;
    for (std::size_t i = 0; i < card.files.size(); ++i) files.push_back(layout.weights(card, i));
  } catch (const Error& error) {
    if (!users_own) throw;  // a card that cannot be read is removed all the same, its weights are not guessed at
  }
  const platform::FileLock lock(layout.lock(id));
  bool removed = false;
  for (const fs::path& file : files) {
    forget_part(file.string() + ".part");
    std::error_code failure;
    removed = fs::remove(file, failure) || removed;
    if (failure) throw platform::write_error(failure.value(), file);
  }
  fs::remove(layout.folder(id), absent);  // only when nothing else lies there
  if (!removed) {
    throw Error(ErrorCode::not_found, "the weights of the model '" + std::string(id) + "' are not on this machine");
  }
}

void ModelStore::pull(std::string_view id, const PullProgress& progress) {
  const StoreLayout layout(home_);
  const StoreEntry entry = find(id);
  if (entry.presence == Presence::built_in) return;
  const platform::FileLock lock(layout.lock(id), [&] { return !progress || progress(0, entry.card.files[0].bytes); });
  for (std::size_t i = 0; i < entry.card.files.size(); ++i) {
    if (is_whole(layout, entry.card, i)) continue;
    if (entry.card.files[i].url.empty()) throw weights_missing(entry.card);
    refuse_when_offline(entry.card);
    pull_file(layout, entry.card, i, progress);
  }
}

fs::path ModelStore::write_runtime(const ResolvedModel& model, const RuntimeSpec& runtime) {
  const StoreLayout layout(home_);
  const std::string& id = model.card.id;
  std::error_code absent;
  fs::path path;
  fs::path beside = model.name;
  beside.replace_extension(".yaml");
  if (is_id(id) && fs::exists(layout.card(id), absent) &&
      load_card(layout.card(id)).files[0].name == model.card.files[0].name) {
    path = layout.card(id);
  } else if (model.note.starts_with("card: ") && fs::is_regular_file(beside, absent)) {
    path = beside;
  } else {
    return {};
  }
  const platform::FileLock lock(layout.lock(id));
  platform::write_whole(platform::target_of_links(path),
                        with_runtime(platform::read_text(path, kLargestCardText), path.string(), runtime));
  return path;
}

}  // namespace pixmill::models
