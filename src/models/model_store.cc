// Reading the store: what is in it, and which model a reference means.
#include "pixmill/models/model_store.h"

#include <algorithm>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "models/built_in.h"
#include "models/card_words.h"
#include "models/cut_graph.h"
#include "models/guess.h"
#include "models/store_layout.h"
#include "pixmill/core/nearest.h"
#include "pixmill/platform/digest.h"
#include "pixmill/platform/files.h"

namespace pixmill::models {
namespace {

namespace fs = std::filesystem;

StoreEntry entry_of(const StoreLayout& layout, ModelCard card, bool users_own) {
  const Presence presence = glance(layout, card, users_own);
  const bool on_disk = presence == Presence::present || presence == Presence::damaged;
  fs::path path = on_disk ? layout.weights(card) : fs::path{};
  return {std::move(card), presence, users_own, std::move(path)};
}

// A card of the user's that lies in the folder of its id.
ModelCard users_card(const StoreLayout& layout, const std::string& id) {
  ModelCard card = load_card(layout.card(id));
  if (card.id == id) return card;
  throw Error(ErrorCode::usage,
              layout.card(id).string() + ": the id is '" + card.id + "', the folder's name '" + id + "'",
              "rename one of them");
}

// An entry for a card that cannot be read: listed with the reason, so that it does not hide the others.
StoreEntry broken_entry(const StoreLayout& layout, const std::string& id, const Error& error) {
  StoreEntry entry;
  entry.card.id = id;
  entry.card.title = error.message();
  entry.presence = Presence::damaged;
  entry.users_own = true;
  entry.path = layout.card(id);
  return entry;
}

std::vector<std::string> users_ids(const StoreLayout& layout) {
  std::vector<std::string> ids;
  std::error_code none;
  for (const fs::directory_entry& folder : fs::directory_iterator(layout.home(), none)) {
    const std::string id = folder.path().filename().string();
    if (is_id(id) && fs::exists(layout.card(id), none)) ids.push_back(id);
  }
  return ids;
}

[[noreturn]] void refuse_task(const std::string& name, const ModelCard& card, std::string_view task) {
  throw Error(ErrorCode::bad_model, name + " is a model for " + card.task + ", not for " + std::string(task),
              "`pixmill models list` shows which models serve " + std::string(task));
}

bool begins_with(std::span<const std::byte> bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::equal(text.begin(), text.end(), bytes.begin(), [](char a, std::byte b) {
           return static_cast<unsigned char>(a) == std::to_integer<unsigned char>(b);
         });
}

// Refuses files that are often taken for models. An .onnx is a protocol buffer: it cannot be all text.
void require_binary(const fs::path& path, std::span<const std::byte> bytes) {
  if (begins_with(bytes, "version https://git-lfs")) {
    throw Error(ErrorCode::bad_model, path.string() + " is a Git LFS pointer, not the model itself",
                "`git lfs pull` downloads it");
  }
  const auto head = bytes.first(std::min<std::size_t>(bytes.size(), 512));
  const bool text = std::all_of(head.begin(), head.end(), [](std::byte byte) {
    const auto letter = std::to_integer<unsigned char>(byte);
    return (letter >= 0x20 && letter != 0x7F) || letter == '\n' || letter == '\r' || letter == '\t';
  });
  if (text)
    throw Error(ErrorCode::bad_model, path.string() + " is text, not an ONNX model",
                "was a web page saved in its place?");
}

ResolvedModel resolve_entry(const StoreLayout& layout, const StoreEntry& entry) {
  const ModelCard& card = entry.card;
  if (entry.presence == Presence::built_in) {
    return {card, ModelData::built_in(*built_in_weights(card.id)), card.files[0].sha256, card.id, {}};
  }
  if (entry.presence == Presence::absent) throw weights_missing(card);
  const platform::FileHashes hashes = layout.hashes().of(entry.path);
  if (!is_the_file(card.files[0], hashes, recorded_hash(layout, card.id, card.files[0].name))) {
    throw Error(ErrorCode::corrupt,
                entry.path.string() + " is damaged: its hash is not the one in the card '" + card.id + "'",
                "`pixmill models remove " + card.id + "`, then " +
                    (card.files[0].url.empty() ? "add the file again" : "`pixmill models pull " + card.id + "`"));
  }
  return {card, ModelData::map(entry.path), hashes.sha256, card.id, {}, entry.path};
}

// The card for a file that the user named by path, and how it was found.
std::pair<ModelCard, std::string> card_for(const fs::path& path, const platform::FileHashes& hashes,
                                           const ModelData& data, const std::vector<StoreEntry>& entries,
                                           const ModelStore::SignatureReader& read_signature) {
  if (const StoreEntry* known = known_by_content(entries, hashes)) {
    return {known->card, "known by its content: " + known->card.id};
  }
  fs::path beside = path;
  beside.replace_extension(".yaml");
  std::error_code absent;
  if (fs::is_regular_file(beside, absent)) {
    ModelCard card = load_card(beside);
    if (!is_the_file(card.files[0], hashes, {})) {
      throw Error(ErrorCode::corrupt,
                  path.string() + " does not have the hash in the card beside it, " + beside.string(),
                  "correct the card, or remove the hash from it");
    }
    return {std::move(card), "card: " + beside.string()};
  }
  const ModelSignature signature = read_signature(path.string(), data.bytes());
  std::optional<Guess> guess = guess_card(signature, path.filename().string());
  if (!guess && is_sam_decoder(signature)) {
    throw Error(ErrorCode::bad_model, path.string() + " is the decoder of a SAM model, which alone sees no picture",
                "name its encoder: the decoder beside it is found by its name");
  }
  if (!guess) {
    throw Error(ErrorCode::bad_model,
                path.string() + ": no card describes this model, and no known family has its shape",
                "write a card for it: " + beside.string());
  }
  find_beside(path, guess->card);
  return {std::move(guess->card), "card guessed: " + guess->why};
}

ResolvedModel resolve_file(const StoreLayout& layout, const std::string& reference,
                           const std::vector<StoreEntry>& entries, const ModelStore::SignatureReader& read_signature) {
  const fs::path path = reference;
  std::error_code unknown;
  if (fs::is_directory(path, unknown)) {
    throw Error(ErrorCode::bad_model, reference + " is a folder, not a model", "name the .onnx file in it");
  }
  ModelData data = ModelData::map(path);
  require_binary(path, data.bytes());
  const platform::FileHashes hashes = layout.hashes().of(path);
  auto [card, note] = card_for(path, hashes, data, entries, read_signature);
  return {std::move(card), std::move(data), hashes.sha256, reference, std::move(note), path};
}

[[noreturn]] void refuse_unknown(const std::string& reference, const std::vector<StoreEntry>& entries) {
  const bool path = reference.find('/') != std::string::npos || reference.ends_with(".onnx");
  if (path)
    throw Error(ErrorCode::not_found, "the model file " + reference + " does not exist",
                "check the spelling; a model of the store is named by its id: pixmill models list");
  std::vector<std::string> ids;
  for (const StoreEntry& entry : entries) ids.push_back(entry.card.id);
  const auto meant = nearest(reference, ids);
  throw Error(ErrorCode::not_found, "no model is called '" + reference + "'",
              (meant ? "did you mean " + *meant + "? " : std::string()) + "`pixmill models list` shows them all");
}

// The graph up to the tensor that the card names.
ResolvedModel cut(ResolvedModel model) {
  const std::string& tensor = model.card.output.tensor;
  if (tensor.empty()) return model;
  model.data = ModelData::made(cut_graph(model.data.bytes(), tensor, model.name));
  const std::string both = model.content_hash + "\n" + tensor;
  model.content_hash = platform::sha256(std::as_bytes(std::span(both)));
  return model;
}

}  // namespace

ModelStore::ModelStore(fs::path home) : home_(std::move(home)) {}

std::vector<StoreEntry> ModelStore::list() const {
  const StoreLayout layout(home_);
  std::map<std::string, StoreEntry> by_id;
  for (const ModelCard& card : shipped_cards()) by_id[card.id] = entry_of(layout, card, false);
  for (const std::string& id : users_ids(layout)) {
    try {
      by_id[id] = entry_of(layout, users_card(layout, id), true);
    } catch (const Error& error) {
      by_id[id] = broken_entry(layout, id, error);
    }
  }
  std::vector<StoreEntry> entries;
  for (auto& [id, entry] : by_id) entries.push_back(std::move(entry));
  std::sort(entries.begin(), entries.end(), [](const StoreEntry& a, const StoreEntry& b) {
    return std::tie(a.card.task, a.card.id) < std::tie(b.card.task, b.card.id);
  });
  return entries;
}

StoreEntry ModelStore::find(std::string_view id) const {
  const StoreLayout layout(home_);
  std::error_code absent;
  if (is_id(id) && fs::exists(layout.card(id), absent))
    return entry_of(layout, users_card(layout, std::string(id)), true);
  if (const ModelCard* card = shipped_card(id)) return entry_of(layout, *card, false);
  refuse_unknown(std::string(id), list());
}

ResolvedModel ModelStore::resolve(const std::string& reference, std::string_view task,
                                  const SignatureReader& read_signature) const {
  const StoreLayout layout(home_);
  const std::vector<StoreEntry> entries = list();
  const bool known =
      std::any_of(entries.begin(), entries.end(), [&](const StoreEntry& entry) { return entry.card.id == reference; });
  std::error_code absent;
  if (!known && !fs::exists(reference, absent)) refuse_unknown(reference, entries);
  if (known) {
    const StoreEntry entry = find(reference);
    if (!task.empty() && entry.card.task != task) refuse_task("'" + reference + "'", entry.card, task);
    return cut(resolve_entry(layout, entry));
  }
  ResolvedModel model = resolve_file(layout, reference, entries, read_signature);
  if (!task.empty() && model.card.task != task) refuse_task(reference, model.card, task);
  return cut(std::move(model));
}

ResolvedModel ModelStore::further_file(const ResolvedModel& model, const std::string& name,
                                       std::string_view role) const {
  const fs::path path = model.path.parent_path() / name;
  std::error_code absent;
  if (model.path.empty() || !fs::exists(path, absent)) {
    throw Error(ErrorCode::not_found,
                model.name + ": the file of its " + std::string(role) + ", " + path.string() + ", does not exist",
                "put it beside " + (model.path.empty() ? model.name : model.path.string()));
  }
  ModelData data = ModelData::map(path);
  if (!model.card.text || name != model.card.text->merges) require_binary(path, data.bytes());
  const StoreLayout layout(home_);
  const platform::FileHashes hashes = layout.hashes().of(path);
  const auto file = std::find_if(model.card.files.begin(), model.card.files.end(),
                                 [&](const ModelFile& one) { return one.name == name; });
  if (file != model.card.files.end() && !is_the_file(*file, hashes, recorded_hash(layout, model.card.id, file->name)))
    throw Error(ErrorCode::corrupt, path.string() + " does not have the hash in the card '" + model.card.id + "'",
                "fetch the file again, or correct the card");
  return {model.card, std::move(data), hashes.sha256, path.string(), {}, path};
}

std::vector<ResolvedModel> ModelStore::further_graphs(const ResolvedModel& model) const {
  std::vector<ResolvedModel> graphs;
  for (std::size_t i = 1; i < model.card.graphs.size(); ++i) {
    const GraphFile& graph = model.card.graphs[i];
    graphs.push_back(further_file(model, graph.file, "graph '" + graph.role + "'"));
  }
  return graphs;
}

Presence ModelStore::verify(std::string_view id) const {
  const StoreLayout layout(home_);
  const StoreEntry entry = find(id);
  if (entry.presence != Presence::present) return entry.presence;
  for (std::size_t i = 0; i < entry.card.files.size(); ++i) {
    const ModelFile& file = entry.card.files[i];
    const platform::FileHashes hashes = platform::hash_file(layout.weights(entry.card, i));
    if (!is_the_file(file, hashes, recorded_hash(layout, id, file.name))) return Presence::damaged;
  }
  return Presence::present;
}

fs::path ModelStore::hash_file() const {
  return StoreLayout(home_).hash_file();
}

}  // namespace pixmill::models
