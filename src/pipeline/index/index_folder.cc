#include "pipeline/index/index_folder.h"

#include <algorithm>
#include <string>
#include <system_error>

namespace pixmill::pipeline {
namespace fs = std::filesystem;

fs::path vectors_file(const fs::path& folder, std::int64_t generation) {
  return folder / ("vectors-" + std::to_string(generation) + ".npy");
}

fs::path centres_file(const fs::path& folder, std::int64_t generation) {
  return folder / ("centres-" + std::to_string(generation) + ".npy");
}

void remove_old_files(const fs::path& folder, std::int64_t generation) {
  std::error_code ignored;  // a file that stays does no harm
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool ours = (name.starts_with("vectors-") || name.starts_with("centres-")) && name.ends_with(".npy");
    if (ours && entry.path() != vectors_file(folder, generation) && entry.path() != centres_file(folder, generation))
      fs::remove(entry.path(), ignored);
  }
}

OpenVectors::OpenVectors(const fs::path& folder, const IndexState& state)
    : state_(state), rows_(vectors_file(folder, state.generation), state.rows, state.columns) {
  if (state.begins.empty()) return;
  centres_.emplace(centres_file(folder, state.generation), state.begins.size() - 1, state.columns);
  lists_.emplace(vectors::HalfMatrix{all().part(0, state.sorted), state.columns}, centres_->rows(), state_.begins);
}

std::vector<vectors::Neighbours> OpenVectors::nearest(vectors::Matrix queries,
                                                      const VectorIndex::Question& question) const {
  std::vector<vectors::Neighbours> found = by_product(queries, question);
  for (vectors::Neighbours& one : found) one = vectors::by_cosine(all(), std::move(one));
  return found;
}

std::vector<vectors::Neighbours> OpenVectors::by_product(vectors::Matrix queries,
                                                         const VectorIndex::Question& question) const {
  if (!lists_ || question.exact) return vectors::nearest(all(), queries, question.top);
  // Who wants many gets them: the lists that are looked at have several times as many on average.
  const std::size_t probes = std::max(state_.probes.lists, 4 * question.top * lists_->lists() / state_.sorted);
  std::vector<vectors::Neighbours> found = lists_->nearest(queries, question.top, probes);
  const vectors::HalfMatrix rest{all().part(state_.sorted, state_.rows - state_.sorted), state_.columns};
  const std::vector<vectors::Neighbours> others = vectors::nearest(rest, queries, question.top);
  for (std::size_t i = 0; i < found.size(); ++i) {
    vectors::Neighbours shifted = others[i];
    for (vectors::Neighbour& one : shifted) one.row += state_.sorted;
    found[i] = vectors::merged(found[i], shifted, question.top);
  }
  return found;
}

IndexState VectorIndex::State::current() {
  auto state = tables.state();
  if (!state) throw Damaged();
  return *std::move(state);
}

}  // namespace pixmill::pipeline
