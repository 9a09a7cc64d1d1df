// What an index knows beside the vectors: which picture a row is of, and how the rows lie. One SQLite file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/catalogue/database.h"
#include "pixmill/pipeline/vector_index.h"

namespace pixmill::pipeline {

struct IndexState {
  VectorOrigin origin;
  std::size_t columns = 0;
  std::int64_t generation = 0;  // which files have the vectors: each compaction makes new ones
  std::size_t rows = 0;         // in use; what is behind them in the file was left by a kill
  std::size_t sorted = 0;       // the first ones, that are in lists
  IndexKind wanted = IndexKind::automatic;
  double recall_wanted = vectors::kRecall;
  vectors::SortedLists::Probes probes = {};
  std::vector<std::uint64_t> begins = {};  // of the lists; empty: flat

  // Whether so many vectors are to be in lists.
  bool sorts(std::size_t count) const {
    return wanted == IndexKind::ivf || (wanted == IndexKind::automatic && count >= vectors::kSortFrom);
  }
};

std::filesystem::path index_file(const std::filesystem::path& folder);

// `work()`, with what SQLite and the files of vectors say as errors about the index.
void about_index(const std::filesystem::path& folder, const std::function<void()>& work);

// One connection. Not synchronised. Throws as VectorIndex does, and Damaged.
class IndexTables {
 public:
  struct Reading {};
  IndexTables(const std::filesystem::path& folder, Reading);
  struct Writing {};
  IndexTables(const std::filesystem::path& folder, Writing);  // one that is there

  // A file without a state, for put_state() to fill.
  static void make(const std::filesystem::path& folder);

  Database& database() { return database_; }

  std::optional<IndexState> state();  // none: it is being made
  void put_state(const IndexState& state);

  struct Place {
    std::size_t row = 0;
    std::string content;
  };
  std::optional<Place> find(const std::filesystem::path& picture);
  std::string path_of(std::size_t row);  // empty: of a picture that was removed meanwhile
  void insert(std::size_t row, const VectorIndex::Picture& picture);
  void remove(const std::filesystem::path& picture, std::size_t row);  // the row is forgotten

  std::size_t pictures();
  void each_picture(const std::function<void(const std::filesystem::path&)>& visit);
  std::vector<std::uint64_t> rows_in_use(std::size_t below);  // ascending

  // Rows of removed pictures.
  void forget(std::uint64_t row);
  std::size_t forgotten();
  std::vector<std::uint64_t> to_erase();  // those that still have their numbers in the file
  void erased();                          // all of them
  // Rows are numbered anew: row i becomes new_rows[i].
  void renumber(const std::vector<std::uint64_t>& new_rows);

 private:
  Statement& prepared(std::optional<Statement>& statement, const char* sql);

  Database database_;
  std::optional<Statement> find_, path_of_, insert_;
};

}  // namespace pixmill::pipeline
