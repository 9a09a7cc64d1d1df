// An index of made-up vectors: adding, sorting, searching. bench/faiss_peer.py asks FAISS itself the same.
//   vectors_bench FOLDER [VECTORS] [COLUMNS]
// FOLDER/index is made where it is not there, FOLDER/queries.npy has the queries, for bench/faiss_peer.py.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <set>
#include <vector>

#include "pixmill/pipeline/vector_index.h"
#include "pixmill/platform/memory.h"
#include "pixmill/vectors/vector_file.h"

namespace {

using namespace pixmill;
using pipeline::VectorIndex;

constexpr std::size_t kInner = 24, kCentres = 300;  // of the space that the vectors really fill, as those of models do
constexpr std::size_t kQueries = 1000, kTop = 10;

// Points around centres in a space of kInner dimensions, laid into the one of all columns.
class MadeUp {
 public:
  explicit MadeUp(std::size_t columns) : columns_(columns), centres_(kCentres * kInner), map_(kInner * columns) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (float& value : centres_) value = normal(random);
    for (float& value : map_) value = normal(random);
  }

  std::vector<float> rows(std::size_t count, unsigned seed) const {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(count * columns_);
    for (std::size_t row = 0; row < count; ++row) {
      float* const out = values.data() + row * columns_;
      const float* const centre = centres_.data() + random() % kCentres * kInner;
      for (std::size_t i = 0; i < kInner; ++i) {
        const float inner = centre[i] + normal(random);
        for (std::size_t c = 0; c < columns_; ++c) out[c] += inner * map_[i * columns_ + c];
      }
      vectors::normalise({out, columns_});
    }
    return values;
  }

 private:
  std::size_t columns_;
  std::vector<float> centres_, map_;
};

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void fill(const std::filesystem::path& folder, const MadeUp& made_up, std::size_t count, std::size_t columns) {
  constexpr std::size_t kBlock = 4096;
  VectorIndex index = VectorIndex::make_or_open(folder, {{{}, "made up", "", "bench"}, "made up", ""}, columns);
  double adding = 0;
  for (std::size_t start = 0; start < count; start += kBlock) {
    const std::size_t some = std::min(kBlock, count - start);
    const std::vector<float> values = made_up.rows(some, static_cast<unsigned>(start + 2));
    std::vector<VectorIndex::Picture> pictures;
    for (std::size_t i = 0; i < some; ++i)
      pictures.push_back(
          {"/photos/folder-" + std::to_string(start / kBlock) + "/picture-" + std::to_string(start + i) + ".jpg",
           "0123456789abcdef0123456789abcdef"});
    adding += seconds([&] { index.add(pictures, {values, columns}); });
  }
  std::printf("added in %.1f s\n", adding);
  std::printf("sorted in %.1f s\n", seconds([&] { index.compact({}); }));
}

double recall(const std::vector<std::vector<VectorIndex::Hit>>& wanted,
              const std::vector<std::vector<VectorIndex::Hit>>& found) {
  std::size_t all = 0, hits = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::set<std::filesystem::path> paths;
    for (const auto& hit : found[i]) paths.insert(hit.picture);
    for (const auto& hit : wanted[i]) hits += paths.count(hit.picture);
    all += wanted[i].size();
  }
  return static_cast<double>(hits) / static_cast<double>(all);
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : "vectors_bench.out";
  const std::size_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  const std::size_t columns = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 512;
  std::filesystem::create_directories(folder);
  const MadeUp made_up(columns);
  const std::vector<float> queries = made_up.rows(kQueries, 1);
  vectors::VectorFile file = vectors::VectorFile::make(folder / "queries.npy", columns);
  file.write(0, queries);
  file.commit(kQueries);
  if (!VectorIndex::is_there(folder / "index")) fill(folder / "index", made_up, count, columns);
  std::printf("peak memory of making it %.0f MB\n", static_cast<double>(platform::peak_memory_bytes()) / 1e6);

  const VectorIndex index = VectorIndex::open(folder / "index");
  const pipeline::IndexFacts facts = index.facts();
  std::printf("%zu vectors of %zu, %zu lists, %zu looked at, recall of its own sample %.3f, %.2f GB\n", facts.pictures,
              facts.columns, facts.lists, facts.probes.lists, facts.probes.recall,
              static_cast<double>(facts.bytes) / 1e9);
  std::vector<std::vector<VectorIndex::Hit>> exact, found;
  for (int round = 0; round < 3; ++round) {
    const double flat = seconds([&] { exact = index.search({queries, columns}, {kTop, true}); });
    const double lists = seconds([&] { found = index.search({queries, columns}, {kTop, false}); });
    const double one = seconds([&] {
      for (std::size_t i = 0; i < 100; ++i)
        index.search({std::span(queries).subspan(i * columns, columns), columns}, {kTop, false});
    });
    std::printf("1000 queries: exact %.2f s, lists %.3f s (%.0f a second), recall@10 %.3f; one at a time %.2f ms\n",
                flat, lists, kQueries / lists, recall(exact, found), one * 10);
  }
}
