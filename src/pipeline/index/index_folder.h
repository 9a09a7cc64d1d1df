// The files of an index, by generation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "pipeline/index/index_tables.h"
#include "pixmill/vectors/sorted_lists.h"
#include "pixmill/vectors/vector_file.h"

namespace pixmill::pipeline {

std::filesystem::path vectors_file(const std::filesystem::path& folder, std::int64_t generation);
std::filesystem::path centres_file(const std::filesystem::path& folder, std::int64_t generation);

// Files of earlier generations, and of compactions that did not end.
void remove_old_files(const std::filesystem::path& folder, std::int64_t generation);

// The vectors as a state has them.
class OpenVectors {
 public:
  OpenVectors(const std::filesystem::path& folder, const IndexState& state);
  OpenVectors(const OpenVectors&) = delete;
  OpenVectors& operator=(const OpenVectors&) = delete;

  // Whether they are those of `state` too.
  bool are_of(const IndexState& state) const {
    return state.generation == state_.generation && state.rows == state_.rows;
  }

  vectors::HalfMatrix all() const { return rows_.rows(); }
  // Of each query; rows as the tables number them.
  std::vector<vectors::Neighbours> nearest(vectors::Matrix queries, const VectorIndex::Question& question) const;

 private:
  std::vector<vectors::Neighbours> by_product(vectors::Matrix queries, const VectorIndex::Question& question) const;

  const IndexState state_;
  vectors::VectorView rows_;
  std::optional<vectors::VectorView> centres_;
  std::optional<vectors::SortedLists> lists_;
};

struct VectorIndex::State {
  State(std::filesystem::path where, IndexTables::Reading)
      : folder(std::move(where)), tables(folder, IndexTables::Reading()) {}
  State(std::filesystem::path where, IndexTables::Writing)
      : folder(std::move(where)), tables(folder, IndexTables::Writing()) {}

  // Throws Damaged where it was never finished.
  IndexState current();

  const std::filesystem::path folder;
  IndexTables tables;
  std::optional<OpenVectors> open;  // as search() used them last
};

}  // namespace pixmill::pipeline
