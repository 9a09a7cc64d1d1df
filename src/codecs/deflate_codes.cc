#include "codecs/deflate_codes.h"

#include <algorithm>
#include <vector>

namespace pixmill::codecs {
namespace {

struct Leaf {
  std::uint32_t count;
  std::uint16_t symbol;
};

std::vector<Leaf> rarest_first(std::span<const std::uint32_t> counts) {
  std::vector<Leaf> leaves;
  leaves.reserve(counts.size());
  for (std::size_t symbol = 0; symbol < counts.size(); ++symbol) {
    if (counts[symbol] > 0) leaves.push_back({counts[symbol], static_cast<std::uint16_t>(symbol)});
  }
  std::sort(leaves.begin(), leaves.end(),
            [](const Leaf& a, const Leaf& b) { return a.count != b.count ? a.count < b.count : a.symbol < b.symbol; });
  return leaves;
}

// How many leaves of Huffman's tree are at each depth; all that are deeper count at the last one. Nodes are made in the
// order of their counts, so two queues do: the leaves, and the nodes themselves.
std::vector<std::uint32_t> leaves_by_depth(const std::vector<Leaf>& leaves, int longest) {
  const std::size_t nodes = leaves.size() - 1;
  std::vector<std::uint64_t> sums(nodes);
  std::vector<std::size_t> node_parent(nodes), leaf_parent(leaves.size());
  std::size_t leaf = 0, node = 0;
  for (std::size_t made = 0; made < nodes; ++made) {
    for (int child = 0; child < 2; ++child) {
      if (leaf < leaves.size() && (node == made || leaves[leaf].count <= sums[node])) {
        leaf_parent[leaf] = made;
        sums[made] += leaves[leaf++].count;
      } else {
        node_parent[node] = made;
        sums[made] += sums[node++];
      }
    }
  }
  std::vector<int> depth(nodes, 0);
  for (std::size_t i = nodes - 1; i-- > 0;) depth[i] = depth[node_parent[i]] + 1;
  std::vector<std::uint32_t> at_depth(static_cast<std::size_t>(longest) + 1);
  for (const std::size_t parent : leaf_parent)
    ++at_depth[static_cast<std::size_t>(std::min(depth[parent] + 1, longest))];
  return at_depth;
}

// Codes that were cut off at the longest length may need more room than there is: then the longest of the others, with
// one of them, go one deeper, until all fit.
void make_complete(std::vector<std::uint32_t>& at_depth) {
  const std::size_t longest = at_depth.size() - 1;
  const std::uint64_t room = std::uint64_t{1} << longest;
  std::uint64_t used = 0;
  for (std::size_t depth = 1; depth <= longest; ++depth) used += std::uint64_t{at_depth[depth]} << (longest - depth);
  for (; used > room; --used) {
    --at_depth[longest];
    std::size_t depth = longest - 1;
    while (at_depth[depth] == 0) --depth;
    --at_depth[depth];
    at_depth[depth + 1] += 2;
  }
}

}  // namespace

void find_code_lengths(std::span<const std::uint32_t> counts, int longest, std::span<std::uint8_t> lengths) {
  const std::vector<Leaf> leaves = rarest_first(counts);
  std::vector<std::uint32_t> at_depth = leaves_by_depth(leaves, longest);
  make_complete(at_depth);
  std::fill(lengths.begin(), lengths.end(), std::uint8_t{0});
  std::size_t leaf = 0;
  for (std::size_t depth = at_depth.size() - 1; depth > 0; --depth) {
    for (std::uint32_t i = 0; i < at_depth[depth]; ++i)
      lengths[leaves[leaf++].symbol] = static_cast<std::uint8_t>(depth);
  }
}

}  // namespace pixmill::codecs
