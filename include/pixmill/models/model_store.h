// The models: cards that ship with pixmill, cards and weights of the user, weights built into the program.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/models/model_card.h"

namespace pixmill::models {

// The whole file of one model: memory-mapped, built in, or what was made of one. Move-only; the span is valid as long
// as this lives.
class ModelData {
 public:
  static ModelData map(const std::filesystem::path& path);  // throws Error{not_found, unreadable}
  static ModelData built_in(std::span<const std::byte> bytes);
  static ModelData made(std::string bytes);
  ModelData(ModelData&&) noexcept;
  ModelData& operator=(ModelData&&) noexcept;
  ~ModelData();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  ModelData() = default;
  std::span<const std::byte> bytes_;
  std::unique_ptr<std::string> made_;  // what they point into
  bool mapped_ = false;
};

enum class Presence { built_in, present, absent, damaged };

struct StoreEntry {
  ModelCard card;
  Presence presence = Presence::absent;
  bool users_own = false;      // added by the user, not shipped
  std::filesystem::path path;  // of the first weight file; empty when built in or absent
};

// A model ready to load.
struct ResolvedModel {
  ModelCard card;
  ModelData data;                   // where the card names a `tensor`, the graph up to there
  std::string content_hash;         // sha256 of the file, and of the tensor's name where there is one
  std::string name;                 // id, or the path the user gave
  std::string note;                 // in words, when a card was guessed or found by content
  std::filesystem::path path = {};  // of the file; empty when built in
};

// Called during a download: bytes so far, bytes in all (0: unknown). Answering false stops it (Error{interrupted}).
using PullProgress = std::function<bool(std::int64_t done, std::int64_t total)>;

// Thread-safe for reading; add, remove and pull take a lock on the folder, so two processes may pull at once.
class ModelStore {
 public:
  // `home`: folder for the user's cards and weights (created on first write).
  explicit ModelStore(std::filesystem::path home);

  std::vector<StoreEntry> list() const;        // sorted by task, then id
  StoreEntry find(std::string_view id) const;  // throws Error{not_found} with the nearest known id

  // `reference`: a card's id, or a path to an .onnx: its card is found by content hash, beside it as .yaml, or guessed
  // from what `read_signature` returns. Throws Error: not_found (and how to get the weights), bad_model.
  using SignatureReader = std::function<ModelSignature(const std::string& name, std::span<const std::byte> bytes)>;
  ResolvedModel resolve(const std::string& reference, std::string_view task,
                        const SignatureReader& read_signature) const;

  // Another file of the card, beside the first. `role`: what it is, for messages. Throws Error: not_found, corrupt
  // (another content than the card says), bad_model (text in place of a graph).
  ResolvedModel further_file(const ResolvedModel& model, const std::string& name, std::string_view role) const;

  // The files of the card's second graph and of those after it, in its order; none for most models. Throws Error:
  // not_found, corrupt (another content than the card says), bad_model.
  std::vector<ResolvedModel> further_graphs(const ResolvedModel& model) const;

  // The entry of what variant() resolves; nothing where there is none.
  std::optional<StoreEntry> find_variant(const ResolvedModel& base, std::string_view precision) const;
  // The variant of `base` in that precision ("int8") that was made from the same weights; the newest where there are
  // several. Throws Error: not_found with the command that makes one, and as resolve() does.
  ResolvedModel variant(const ResolvedModel& base, std::string_view precision) const;

  // Copies a model into the store, with the card beside it (`card_path`), the known one, or the guessed one.
  StoreEntry add(const std::filesystem::path& onnx, const std::filesystem::path& card_path, const std::string& id,
                 const SignatureReader& read_signature);
  void remove(std::string_view id);            // weights, and the card if it is the user's own
  Presence verify(std::string_view id) const;  // hashes the weights
  // Writes `runtime` into the card of a model of the user's own, in the store or beside the file; returns the card's
  // path, empty where there is none of the user's.
  std::filesystem::path write_runtime(const ResolvedModel& model, const RuntimeSpec& runtime);
  void pull(std::string_view id, const PullProgress& progress);  // downloads, goes on after a break, checks the hash
  std::filesystem::path hash_file() const;  // checksums of large files, so that they are not read at every start

 private:
  std::filesystem::path home_;
};

}  // namespace pixmill::models
