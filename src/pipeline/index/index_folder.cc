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
    : state_(state), columns_(state.columns), rows_(vectors_file(folder, state.generation), state.rows, state.columns) {
  if (state.begins.empty()) return;
  centres_.emplace(centres_file(folder, state.generation), state.begins.size() - 1, columns_);
  lists_.emplace(vectors::Matrix{rows_.values().first(state.sorted * columns_), columns_},
                 vectors::Matrix{centres_->values(), columns_}, state.begins);
}

std::vector<vectors::Neighbours> OpenVectors::nearest(vectors::Matrix queries,
                                                      const VectorIndex::Question& question) const {
  if (!lists_ || question.exact) return vectors::nearest(all(), queries, question.top);
  // Who wants many gets them: the lists that are looked at have several times as many on average.
  const std::size_t probes = std::max(state_.probes.lists, 4 * question.top * lists_->lists() / state_.sorted);
  std::vector<vectors::Neighbours> found = lists_->nearest(queries, question.top, probes);
  const vectors::Matrix rest{rows_.values().subspan(state_.sorted * columns_), columns_};
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
