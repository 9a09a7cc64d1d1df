#include <algorithm>
#include <iterator>

#include "pipeline/index/index_folder.h"
#include "pixmill/core/error.h"
#include "pixmill/platform/files.h"

namespace pixmill::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBlock = 8192;  // rows that are copied at a time

void check(const vectors::Sorting& sorting) {
  if (sorting.stop != nullptr && *sorting.stop)
    throw Error(ErrorCode::interrupted, "the index was not compacted; it is as it was");
}

// Rows of `from` in this order, from row `first` of `to` on.
void copy_rows(vectors::HalfMatrix from, std::span<const std::uint64_t> order, vectors::VectorFile& to,
               std::size_t first, const vectors::Sorting& sorting) {
  for (std::size_t start = 0; start < order.size(); start += kBlock) {
    check(sorting);
    if (sorting.progress) sorting.progress("writing", static_cast<double>(start) / static_cast<double>(order.size()));
    to.write(first + start, vectors::rows_of(from, order.subspan(start, std::min(kBlock, order.size() - start))));
  }
}

// The index as it will be, beside the one that is there.
class NextGeneration {
 public:
  NextGeneration(const fs::path& folder, const IndexState& before, const std::vector<std::uint64_t>& in_use,
                 const VectorIndex::Compaction& how)
      : folder_(folder), state_(before) {
    ++state_.generation;
    if (how.kind) state_.wanted = *how.kind;
    if (how.recall) state_.recall_wanted = *how.recall;
    const OpenVectors open(folder, before);
    vectors::ListPlan plan;
    if (state_.sorts(in_use.size()) && !in_use.empty()) {
      plan = vectors::plan_lists(open.all(), in_use, vectors::lists_for(in_use.size()), how.sorting);
    } else {
      plan.order = in_use;
    }
    vectors::VectorFile file = vectors::VectorFile::make(vectors_file(folder, state_.generation), state_.columns);
    copy_rows(open.all(), plan.order, file, 0, how.sorting);
    file.commit(plan.order.size());
    state_.rows = plan.order.size();
    state_.sorted = plan.centres.empty() ? 0 : plan.order.size();
    state_.begins = std::move(plan.begins);
    state_.probes = {};
    if (!plan.centres.empty()) measure(plan.centres, how.sorting);
    new_rows_.assign(before.rows, 0);
    for (std::size_t i = 0; i < plan.order.size(); ++i) new_rows_[plan.order[i]] = i;
  }

  // What others did since `before`, in the transaction that makes it the index.
  void take_over(IndexTables& tables, const IndexState& before, const std::vector<std::uint64_t>& in_use) {
    const auto now = tables.state();
    if (!now || now->generation != before.generation) throw Damaged();
    const OpenVectors open(folder_, *now);
    vectors::VectorFile file = vectors::VectorFile::open(vectors_file(folder_, state_.generation));
    const std::vector<std::uint64_t> in_use_now = tables.rows_in_use(now->rows);
    const auto since = std::lower_bound(in_use_now.begin(), in_use_now.end(), before.rows);
    std::vector<std::uint64_t> removed;
    std::set_difference(in_use.begin(), in_use.end(), in_use_now.begin(), since, std::back_inserter(removed));
    new_rows_.resize(now->rows, 0);
    const std::vector<std::uint64_t> added(since, in_use_now.end());
    copy_rows(open.all(), added, file, state_.rows, {});
    for (const std::uint64_t row : added) new_rows_[row] = state_.rows++;
    for (const std::uint64_t row : removed) file.erase(new_rows_[row]);
    file.commit(state_.rows);
    tables.renumber(new_rows_);
    for (const std::uint64_t row : removed) tables.forget(new_rows_[row]);
    tables.put_state(state_);
  }

  std::int64_t number() const { return state_.generation; }

 private:
  void measure(const std::vector<std::uint16_t>& centres, const vectors::Sorting& sorting) {
    vectors::VectorFile file = vectors::VectorFile::make(centres_file(folder_, state_.generation), state_.columns);
    file.write(0, centres);
    file.commit(centres.size() / state_.columns);
    const vectors::VectorView rows(vectors_file(folder_, state_.generation), state_.rows, state_.columns);
    const vectors::SortedLists lists(rows.rows(), {centres, state_.columns}, state_.begins);
    state_.probes = lists.probes_for(state_.recall_wanted, sorting);
  }

  const fs::path& folder_;
  IndexState state_;
  std::vector<std::uint64_t> new_rows_;  // by the old ones
};

}  // namespace

void VectorIndex::compact(const Compaction& how) {
  about_index(state_->folder, [&] {
    const platform::FileLock alone(state_->folder / "compact.lock",
                                   [&] { return how.sorting.stop == nullptr || !*how.sorting.stop; });
    IndexTables& tables = state_->tables;
    const IndexState before = state_->current();
    const std::vector<std::uint64_t> in_use = tables.rows_in_use(before.rows);
    NextGeneration next(state_->folder, before, in_use, how);
    check(how.sorting);
    Transaction transaction(tables.database());
    next.take_over(tables, before, in_use);
    transaction.commit();
    remove_old_files(state_->folder, next.number());
  });
}

}  // namespace pixmill::pipeline
