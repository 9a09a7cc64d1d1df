// An inverted file: rows in lists by the centre that they are nearest to, so that a query meets a few lists only.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "pixmill/vectors/nearest.h"

namespace pixmill::vectors {

// Rows are to be written anew in the order of their lists.
struct ListPlan {
  std::vector<std::uint16_t> centres;  // of the lists, one behind the other
  std::vector<std::uint64_t> begins;   // list i has the rows begins[i] up to begins[i + 1] of the new order
  std::vector<std::uint64_t> order;    // the row that comes first, second, ...
};

struct Sorting {
  std::function<void(std::string_view step, double share)> progress = {};  // 0..1 of each step
  const std::atomic<bool>* stop = nullptr;
};

// Fewer rows are all compared with a query, in some milliseconds.
inline constexpr std::size_t kSortFrom = 50'000;
// The share of the ten nearest that lists have to find, where nobody says another one.
inline constexpr double kRecall = 0.97;

// About four times the square root of `rows`, which keeps lists and centres equally cheap to look at.
std::size_t lists_for(std::size_t rows);

// Finds the centres by k-means of a sample, and the list of each of the rows in `taken` (ascending). Deterministic for
// one number of threads. Throws Error{interrupted, out_of_memory}.
ListPlan plan_lists(HalfMatrix rows, std::span<const std::uint64_t> taken, std::size_t lists, const Sorting& sorting);

// These rows, one behind the other.
std::vector<std::uint16_t> rows_of(HalfMatrix rows, std::span<const std::uint64_t> order);

// Searches rows in that order. Borrows all of it.
class SortedLists {
 public:
  // Throws Error{corrupt} where the parts do not belong together.
  SortedLists(HalfMatrix rows, HalfMatrix centres, std::span<const std::uint64_t> begins);

  std::size_t lists() const { return centres_.rows(); }

  // As vectors::nearest(), but only the `probes` lists are looked at whose centres are most like the query.
  std::vector<Neighbours> nearest(Matrix queries, std::size_t top, std::size_t probes) const;

  // How many lists to look at so that at least the share `recall` of the ten nearest rows is found, and what share that
  // is, measured with a sample of the rows as queries.
  struct Probes {
    std::size_t lists = 1;
    double recall = 0;
  };
  Probes probes_for(double recall, const Sorting& sorting) const;

 private:
  HalfMatrix rows_, centres_;
  std::span<const std::uint64_t> begins_;
};

// Two rows whose cosine is at least `similarity`, the smaller one first, each pair once. Of a row at most its hundred
// nearest count. From kSortFrom rows on they are sorted into lists first, and about the share kRecall
// of the pairs is found.
std::vector<std::pair<std::uint32_t, std::uint32_t>> alike_pairs(HalfMatrix rows, float similarity,
                                                                 const Sorting& sorting);

}  // namespace pixmill::vectors
