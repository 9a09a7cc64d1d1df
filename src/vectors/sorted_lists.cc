#include "pixmill/vectors/sorted_lists.h"

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <faiss/impl/AuxIndexStructures.h>
#include <faiss/impl/FaissException.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <random>

#include "pixmill/core/error.h"
#include "pixmill/core/half.h"
#include "pixmill/core/half_rows.h"
#include "vectors/scan.h"

namespace pixmill::vectors {
namespace {

constexpr std::size_t kSampleOfList = 64;  // rows a centre that k-means sees; more found nothing better
constexpr int kRounds = 10;                // of k-means
constexpr std::size_t kBlock = 16'384;     // rows that are given their lists at a time
constexpr unsigned kSeed = 20;

void check(const Sorting& sorting) {
  if (sorting.stop != nullptr && *sorting.stop)
    throw Error(ErrorCode::interrupted, "the vectors were not sorted into lists");
}

void say(const Sorting& sorting, std::string_view step, double share) {
  check(sorting);
  if (sorting.progress) sorting.progress(step, share);
}

// FAISS asks now and then whether to go on.
class AskOften final : public faiss::InterruptCallback {
 public:
  explicit AskOften(const std::atomic<bool>& stop) : stop_(stop) {}
  bool want_interrupt() override { return stop_; }

 private:
  const std::atomic<bool>& stop_;
};

class WhileInterruptible {
 public:
  explicit WhileInterruptible(const Sorting& sorting) {
    if (sorting.stop != nullptr) faiss::InterruptCallback::instance = std::make_unique<AskOften>(*sorting.stop);
  }
  ~WhileInterruptible() { faiss::InterruptCallback::instance.reset(); }
  WhileInterruptible(const WhileInterruptible&) = delete;
  WhileInterruptible& operator=(const WhileInterruptible&) = delete;
};

std::vector<float> gathered(HalfMatrix rows, std::span<const std::uint64_t> wanted) {
  std::vector<float> values(wanted.size() * rows.columns);
  for (std::size_t i = 0; i < wanted.size(); ++i)
    widen(rows.row(static_cast<std::size_t>(wanted[i])), std::span(values).subspan(i * rows.columns, rows.columns));
  return values;
}

std::vector<std::uint64_t> sample_of(std::span<const std::uint64_t> all, std::size_t count) {
  std::vector<std::uint64_t> sample;
  std::mt19937_64 random(kSeed);
  std::sample(all.begin(), all.end(), std::back_inserter(sample), count, random);
  return sample;
}

std::vector<std::uint16_t> centres_of(HalfMatrix rows, std::span<const std::uint64_t> taken, std::size_t lists,
                                      const Sorting& sorting) {
  std::vector<std::uint64_t> sample = sample_of(taken, lists * kSampleOfList);
  std::erase_if(sample,
                [&](std::uint64_t row) { return std::isnan(from_f16(rows.row(row).front())); });  // erased meanwhile
  lists = std::min(lists, sample.size());
  faiss::ClusteringParameters how;
  how.niter = 1;
  how.spherical = true;
  how.seed = static_cast<int>(kSeed);
  how.min_points_per_centroid = 1;
  how.max_points_per_centroid = static_cast<int>(kSampleOfList);
  const std::vector<float> values = gathered(rows, sample);
  faiss::Clustering clustering(static_cast<int>(rows.columns), static_cast<int>(lists), how);
  for (int round = 0; round < kRounds; ++round) {
    say(sorting, "finding centres", static_cast<double>(round) / kRounds);
    faiss::IndexFlatIP index(static_cast<std::int64_t>(rows.columns));
    clustering.train(static_cast<std::int64_t>(sample.size()), values.data(), index);
  }
  std::vector<std::uint16_t> centres(clustering.centroids.size());
  narrow(clustering.centroids, centres);
  return centres;
}

std::vector<std::uint32_t> list_of_each(HalfMatrix rows, std::span<const std::uint64_t> taken, HalfMatrix centres,
                                        const Sorting& sorting) {
  std::vector<std::uint32_t> lists(taken.size());
  for (std::size_t start = 0; start < taken.size(); start += kBlock) {
    say(sorting, "sorting", static_cast<double>(start) / static_cast<double>(taken.size()));
    const auto some = taken.subspan(start, std::min(kBlock, taken.size() - start));
    const std::vector<float> values = gathered(rows, some);
    const std::vector<Neighbours> best = nearest(centres, {values, rows.columns}, 1);
    for (std::size_t i = 0; i < some.size(); ++i)
      lists[start + i] = best[i].empty() ? 0 : static_cast<std::uint32_t>(best[i].front().row);
  }
  return lists;
}

// The share of `wanted` that is in `found`; of each query without itself.
double share_found(std::span<const Neighbours> wanted, std::span<const Neighbours> found,
                   std::span<const std::uint64_t> queries) {
  std::size_t all = 0, hits = 0;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    for (const Neighbour& one : wanted[i]) {
      if (one.row == queries[i]) continue;
      ++all;
      hits += std::any_of(found[i].begin(), found[i].end(), [&](const Neighbour& n) { return n.row == one.row; });
    }
  }
  return all == 0 ? 1.0 : static_cast<double>(hits) / static_cast<double>(all);
}

}  // namespace

std::vector<std::uint16_t> rows_of(HalfMatrix rows, std::span<const std::uint64_t> order) {
  std::vector<std::uint16_t> values;
  values.reserve(order.size() * rows.columns);
  for (const std::uint64_t row : order) {
    const auto one = rows.row(static_cast<std::size_t>(row));
    values.insert(values.end(), one.begin(), one.end());
  }
  return values;
}

std::size_t lists_for(std::size_t rows) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(4 * std::sqrt(static_cast<double>(rows))));
}

ListPlan plan_lists(HalfMatrix rows, std::span<const std::uint64_t> taken, std::size_t lists, const Sorting& sorting) {
  lists = std::clamp<std::size_t>(lists, 1, std::max<std::size_t>(taken.size(), 1));
  ListPlan plan;
  std::vector<std::uint32_t> list_of;
  guarded([&] {
    const WhileInterruptible interruptible(sorting);
    try {
      plan.centres = centres_of(rows, taken, lists, sorting);
      lists = plan.centres.size() / rows.columns;  // fewer where rows were erased meanwhile
      list_of = list_of_each(rows, taken, {plan.centres, rows.columns}, sorting);
    } catch (const faiss::FaissException&) {
      check(sorting);
      throw;
    }
  });
  plan.begins.assign(lists + 1, 0);
  for (const std::uint32_t list : list_of) ++plan.begins[list + 1];
  std::partial_sum(plan.begins.begin(), plan.begins.end(), plan.begins.begin());
  std::vector<std::uint64_t> next(plan.begins.begin(), plan.begins.end() - 1);
  plan.order.resize(taken.size());
  for (std::size_t i = 0; i < taken.size(); ++i) plan.order[next[list_of[i]]++] = taken[i];
  return plan;
}

SortedLists::SortedLists(HalfMatrix rows, HalfMatrix centres, std::span<const std::uint64_t> begins)
    : rows_(rows), centres_(centres), begins_(begins) {
  if (begins.size() != centres.rows() + 1 || begins.front() != 0 || begins.back() != rows.rows() ||
      !std::is_sorted(begins.begin(), begins.end()))
    throw Error(ErrorCode::corrupt, "the lists of the vectors are damaged");
}

std::vector<Neighbours> SortedLists::nearest(Matrix queries, std::size_t top, std::size_t probes) const {
  top = std::min(top, rows_.rows());
  probes = std::clamp<std::size_t>(probes, 1, lists());
  if (top == 0 || queries.values.empty()) return std::vector<Neighbours>(queries.rows());
  std::vector<std::int64_t> wanted;
  wanted.reserve(queries.rows() * probes);
  for (const Neighbours& best : vectors::nearest(centres_, queries, probes)) {
    for (const Neighbour& one : best) wanted.push_back(static_cast<std::int64_t>(one.row));
    wanted.resize(wanted.size() + probes - best.size(), -1);
  }
  return scan(rows_, begins_, queries, wanted, probes, top);
}

SortedLists::Probes SortedLists::probes_for(double recall, const Sorting& sorting) const {
  constexpr std::size_t kQueries = 256, kWanted = 11;  // ten, and the query itself
  say(sorting, "measuring", 0);
  std::vector<std::uint64_t> all(rows_.rows());
  std::iota(all.begin(), all.end(), std::uint64_t{0});
  const std::vector<std::uint64_t> sample = sample_of(all, kQueries);
  const std::vector<float> values = gathered(rows_, sample);
  const Matrix queries{values, rows_.columns};
  const std::vector<Neighbours> wanted = vectors::nearest(rows_, queries, kWanted);
  Probes best;
  for (std::size_t probes = 1;; probes = std::min(probes + std::max<std::size_t>(1, probes / 4), lists())) {
    check(sorting);
    best = {probes, share_found(wanted, nearest(queries, kWanted, probes), sample)};
    if (best.recall >= recall || probes == lists()) return best;
  }
}

}  // namespace pixmill::vectors
