// Which pictures look alike.
#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <mutex>
#include <numeric>
#include <utility>

#include "pixmill/core/hamming_join.h"
#include "pixmill/tasks/dedup.h"

namespace pixmill::tasks {
namespace {

using Hashes = std::pair<std::uint64_t, std::uint64_t>;  // pHash, dHash
using Pair = AlikePair;                                  // here of distinct ones

Hashes upright(const Face& face) {
  return {face.hashes.perceptual[0], face.hashes.difference[0]};
}

// Without a gray that rises or falls anywhere pHash is noise.
bool has_shape(const Face& face) {
  return std::any_of(face.hashes.difference.begin(), face.hashes.difference.end(),
                     [](std::uint64_t hash) { return hash != 0; });
}

// Pictures of equal hashes are one until the end: ten thousand blank scans would be fifty million pairs.
struct Distinct {
  std::vector<std::uint32_t> first;               // a picture of each
  std::vector<std::vector<std::uint32_t>> every;  // all that have its hashes, the first among them
};

Distinct distinct(std::span<const Face> faces) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < faces.size(); ++i) {
    if (has_shape(faces[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return upright(faces[a]) < upright(faces[b]); });
  Distinct found;
  for (const std::uint32_t i : order) {
    if (found.first.empty() || upright(faces[found.first.back()]) != upright(faces[i])) {
      found.first.push_back(i);
      found.every.emplace_back();
    }
    found.every.back().push_back(i);
  }
  return found;
}

HammingIndex index_of(std::span<const Face> faces, const std::vector<std::uint32_t>& pictures, int turn) {
  std::vector<std::uint64_t> hashes;
  hashes.reserve(pictures.size());
  for (const std::uint32_t i : pictures) hashes.push_back(faces[i].hashes.perceptual[static_cast<std::size_t>(turn)]);
  return HammingIndex(hashes);
}

std::vector<int> turns_of(const AlikeOptions& options) {
  std::vector<int> turns = {0};
  if (options.mirrored || options.turned) turns.push_back(1);
  for (int turn = 2; options.turned && turn < PictureHashes::kTurns; ++turn) turns.push_back(turn);
  return turns;
}

// Pairs of distinct ones that are alike, as indices into them.
std::vector<Pair> pairs_of(std::span<const Face> faces, const std::vector<std::uint32_t>& pictures,
                           const AlikeOptions& options, const ForEach& for_each) {
  std::vector<Pair> pairs;
  std::mutex mutex;
  const HammingIndex index = index_of(faces, pictures, 0);
  for (const int turn : turns_of(options)) {
    const HammingIndex turned = turn == 0 ? HammingIndex({}) : index_of(faces, pictures, turn);
    for_each(HammingIndex::kParts, [&](int part) {
      std::vector<Pair> found;
      index.near(turn == 0 ? index : turned, options.perceptual, part, [&](std::size_t query, std::size_t hash, int) {
        if (query == hash || (turn == 0 && query > hash)) return;
        const std::uint64_t asked = faces[pictures[query]].hashes.difference[static_cast<std::size_t>(turn)];
        if (hash_distance(asked, faces[pictures[hash]].hashes.difference[0]) <= options.difference)
          found.emplace_back(std::min(query, hash), std::max(query, hash));
      });
      const std::scoped_lock lock(mutex);
      pairs.insert(pairs.end(), found.begin(), found.end());
    });
  }
  return pairs;
}

// Those of `more` whose pictures are among the distinct ones, as indices into these.
std::vector<Pair> among(const Distinct& all, std::size_t pictures, std::span<const AlikePair> more) {
  constexpr auto kNone = static_cast<std::uint32_t>(-1);
  std::vector<std::uint32_t> of(pictures, kNone);
  for (std::uint32_t i = 0; i < all.every.size(); ++i) {
    for (const std::uint32_t picture : all.every[i]) of[picture] = i;
  }
  std::vector<Pair> pairs;
  for (const auto& [a, b] : more) {
    if (of[a] != kNone && of[b] != kNone && of[a] != of[b]) pairs.emplace_back(std::minmax(of[a], of[b]));
  }
  return pairs;
}

// Around the one that is alike the most others, all of these that no group has yet; and so on.
std::vector<std::vector<std::uint32_t>> stars_of(std::size_t count, const std::vector<Pair>& pairs) {
  std::vector<std::vector<std::uint32_t>> alike(count);
  for (const auto& [a, b] : pairs) {
    alike[a].push_back(b);
    alike[b].push_back(a);
  }
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return alike[a].size() > alike[b].size(); });
  std::vector<bool> taken(count, false);
  std::vector<std::vector<std::uint32_t>> stars;
  for (const std::uint32_t middle : order) {
    if (taken[middle]) continue;
    std::vector<std::uint32_t> star = {middle};
    taken[middle] = true;
    for (const std::uint32_t other : alike[middle]) {
      if (taken[other]) continue;
      taken[other] = true;
      star.push_back(other);
    }
    stars.push_back(std::move(star));
  }
  return stars;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> groups_of_alike(std::span<const Face> faces, const AlikeOptions& options,
                                                        const ForEach& for_each, std::span<const AlikePair> more) {
  const Distinct all = distinct(faces);
  std::vector<Pair> pairs = pairs_of(faces, all.first, options, for_each);
  const std::vector<Pair> others = among(all, faces.size(), more);
  pairs.insert(pairs.end(), others.begin(), others.end());
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  std::vector<std::vector<std::uint32_t>> groups;
  for (const auto& star : stars_of(all.first.size(), pairs)) {
    std::vector<std::uint32_t> group;
    for (const std::uint32_t i : star) group.insert(group.end(), all.every[i].begin(), all.every[i].end());
    if (group.size() < 2) continue;
    std::sort(group.begin(), group.end());
    groups.push_back(std::move(group));
  }
  std::sort(groups.begin(), groups.end());
  return groups;
}

}  // namespace pixmill::tasks
