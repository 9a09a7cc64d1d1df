// An index: a folder with the vectors of pictures, to be asked which pictures are most like another one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/pipeline/catalogue.h"
#include "pixmill/vectors/nearest.h"
#include "pixmill/vectors/sorted_lists.h"

namespace pixmill::pipeline {

// What made the vectors. They may be compared where the keys are equal.
struct VectorOrigin {
  ResultKey key;        // without the content of a picture
  std::string model;    // as the user may name it
  std::string options;  // of the command that made them, as text
};

// How an index finds: `flat` compares a query with every vector, `ivf` with those of a few lists; `automatic` is ivf
// from vectors::kSortFrom on.
enum class IndexKind { automatic, flat, ivf };
std::string_view name_of(IndexKind kind);
std::optional<IndexKind> index_kind_from(std::string_view name);

struct IndexFacts {
  VectorOrigin origin;
  std::size_t columns = 0;  // numbers of a vector
  std::size_t pictures = 0;
  std::size_t sorted = 0;     // vectors that are in lists; the others are compared with every query
  std::size_t forgotten = 0;  // vectors of removed pictures, whose place compact() gives back
  IndexKind wanted = IndexKind::automatic;
  std::size_t lists = 0;                // 0: flat
  vectors::SortedLists::Probes probes;  // lists that a query looks at, and what share of the ten nearest that found
  std::int64_t bytes = 0;               // of its files
};

// One object is for one thread; several, also of other processes, may read and write one folder at a time. A kill at
// any moment leaves what was added last wholly in or wholly out.
//
// All functions throw Error: not_found (no index there), corrupt, unsupported (made by a newer pixmill), unreadable,
// unwritable, disk_full.
class VectorIndex {
 public:
  static bool is_there(const std::filesystem::path& folder);

  // One that is there, to read it; write access is not needed.
  static VectorIndex open(const std::filesystem::path& folder);
  // One that is there, to change it.
  static VectorIndex open_to_write(const std::filesystem::path& folder);
  // Makes it where there is none; `columns` numbers a vector. Throws Error{usage} too: one is there whose vectors were
  // made by something else, or the folder holds other things.
  static VectorIndex make_or_open(const std::filesystem::path& folder, const VectorOrigin& origin, std::size_t columns);

  ~VectorIndex();
  VectorIndex(VectorIndex&&) noexcept;

  VectorOrigin origin() const;
  IndexFacts facts() const;  // counts and looks at all files

  struct Picture {
    std::filesystem::path path;  // absolute
    std::string content;         // hash of it
  };
  // The content of a picture when it was added; empty: it is not there.
  std::optional<std::string> content_of(const std::filesystem::path& picture) const;

  // In one step, on disk when it returns. Row i of `rows` is the vector of pictures[i]. What is there with another
  // content is replaced, what is there with this one left alone. Returns how many were added or replaced.
  std::size_t add(std::span<const Picture> pictures, vectors::Matrix rows);
  // Returns how many of them were there.
  std::size_t remove(std::span<const std::filesystem::path> pictures);

  // Paths in the order of the alphabet.
  void each_picture(const std::function<void(const std::filesystem::path&)>& visit) const;

  struct Hit {
    std::filesystem::path picture;
    float similarity = 0;  // cosine
  };
  struct Question {
    std::size_t top = 10;
    bool exact = false;  // compare with every vector, whatever the kind
  };
  // Of each query the most similar pictures, the best first. Lengths of vectors do not matter.
  std::vector<std::vector<Hit>> search(vectors::Matrix queries, const Question& question) const;

  // Whether compact() would make it faster: many vectors are in no list, or many are forgotten.
  bool wants_compaction() const;

  struct Compaction {
    std::optional<IndexKind> kind = {};  // from now on; empty: as it was
    std::optional<double> recall = {};   // of the ten nearest, that lists have to find; empty: as it was
    vectors::Sorting sorting = {};
  };
  // Gives back the place of what was removed, and sorts the vectors into lists, or out of them. Others may read, add
  // and remove meanwhile. Throws Error{interrupted}: it is as it was.
  void compact(const Compaction& how);

 private:
  struct State;
  template <typename Access>
  static VectorIndex open_that_is_there(const std::filesystem::path& folder);
  explicit VectorIndex(std::unique_ptr<State> state);
  void erase_forgotten();
  std::unique_ptr<State> state_;
};

}  // namespace pixmill::pipeline
