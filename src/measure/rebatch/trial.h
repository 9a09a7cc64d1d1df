// A model and four different inputs for it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pixmill/measure/rebatch.h"
#include "pixmill/models/model_store.h"
#include "pixmill/runtime/model_file.h"
#include "pixmill/runtime/session.h"

namespace pixmill::measure {

class BatchTrial {
 public:
  static constexpr std::size_t kGroups = 4;

  // Throws Error: not_found, bad_model.
  BatchTrial(const std::string& model, const platform::Home& home);

  const ModelSignature& signature() const { return file_.signature; }
  const models::ModelCard* card() const { return card_ ? &*card_ : nullptr; }  // null where none describes the model
  std::string name() const { return name_; }
  const std::filesystem::path& path() const { return path_; }  // empty when built in
  bool dynamic() const;

  // Throws runtime::BatchObstacle.
  runtime::RebatchPlan plan() const;
  // The file `rewritten`, or the model itself, with all inputs at once against one after another.
  BatchProof prove(const std::filesystem::path* rewritten) const;

 private:
  using Tensors = std::vector<Tensor>;  // one inference: all inputs, or all outputs

  void take_pictures(const std::string& model, const platform::Home& home);
  void draw_numbers();
  bool carries(std::size_t input) const;
  Tensors inputs_of(std::size_t first, std::size_t count) const;

  std::string name_;
  std::filesystem::path path_;
  models::ModelData data_;
  std::optional<models::ModelCard> card_;
  runtime::ModelFile file_;
  std::vector<Tensors> groups_;  // each of the batch that the file has fixed, else of one
};

}  // namespace pixmill::measure
