#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/half_rows.h"
#include "pixmill/vectors/sorted_lists.h"

namespace pixmill::vectors {
namespace {

using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

constexpr std::size_t kMost = 100, kBlock = 1024;

// Rows in the order of their lists, and the lists.
struct Sorted {
  ListPlan plan;
  std::vector<std::uint16_t> rows;
  std::optional<SortedLists> lists;
  std::size_t probes = 1;

  Sorted(HalfMatrix all, const Sorting& sorting) {
    std::vector<std::uint64_t> every(all.rows());
    std::iota(every.begin(), every.end(), std::uint64_t{0});
    plan = plan_lists(all, every, lists_for(all.rows()), sorting);
    rows = rows_of(all, plan.order);
    lists.emplace(HalfMatrix{rows, all.columns}, HalfMatrix{plan.centres, all.columns}, plan.begins);
    probes = lists->probes_for(kRecall, sorting).lists;
  }

  std::vector<Neighbours> nearest(Matrix queries, std::size_t top) const {
    std::vector<Neighbours> found = lists->nearest(queries, top, probes);
    for (Neighbours& some : found) {
      some = by_cosine({rows, queries.columns}, std::move(some));
      for (Neighbour& one : some) one.row = static_cast<std::size_t>(plan.order[one.row]);
    }
    return found;
  }
};

std::vector<Neighbours> nearest_of_all(HalfMatrix rows, Matrix queries) {
  std::vector<Neighbours> found = nearest(rows, queries, kMost);
  for (Neighbours& some : found) some = by_cosine(rows, std::move(some));
  return found;
}

}  // namespace

Pairs alike_pairs(HalfMatrix rows, float similarity, const Sorting& sorting) {
  std::optional<Sorted> sorted;
  if (rows.rows() >= kSortFrom) sorted.emplace(rows, sorting);
  Pairs pairs;
  std::vector<float> wide;
  for (std::size_t first = 0; first < rows.rows(); first += kBlock) {
    if (sorting.stop != nullptr && *sorting.stop) throw Error(ErrorCode::interrupted, "the vectors were not compared");
    if (sorting.progress) sorting.progress("comparing", static_cast<double>(first) / static_cast<double>(rows.rows()));
    const std::size_t some = std::min(kBlock, rows.rows() - first);
    wide.resize(some * rows.columns);
    widen(rows.part(first, some), wide);
    for (std::size_t i = 0; i < some; ++i) normalise(std::span(wide).subspan(i * rows.columns, rows.columns));
    const Matrix queries{wide, rows.columns};
    const std::vector<Neighbours> found = sorted ? sorted->nearest(queries, kMost) : nearest_of_all(rows, queries);
    for (std::size_t i = 0; i < some; ++i) {
      for (const Neighbour& one : found[i]) {
        if (one.similarity < similarity || one.row == first + i) continue;
        pairs.emplace_back(std::minmax(static_cast<std::uint32_t>(first + i), static_cast<std::uint32_t>(one.row)));
      }
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

}  // namespace pixmill::vectors
