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

// The vectors as a state has them. Valid as long as the state.
class OpenVectors {
 public:
  OpenVectors(const std::filesystem::path& folder, const IndexState& state);

  vectors::Matrix all() const { return {rows_.values(), columns_}; }
  // Of each query; rows as the tables number them.
  std::vector<vectors::Neighbours> nearest(vectors::Matrix queries, const VectorIndex::Question& question) const;

 private:
  const IndexState& state_;
  const std::size_t columns_;
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
};

}  // namespace pixmill::pipeline
