#include "imports/run_lengths.h"

#include <algorithm>
#include <cstring>

namespace pixmill::imports {
namespace {

constexpr std::int64_t kMostPixels = 268'435'456;  // of a bitmap, as of decoded pictures

std::uint64_t sum_of(const std::vector<std::uint32_t>& runs) {
  std::uint64_t sum = 0;
  for (const std::uint32_t run : runs) sum += run;
  return sum;
}

}  // namespace

std::optional<RunMask> mask_of_runs(const std::vector<std::uint32_t>& runs, Size picture) {
  if (picture.width < 1 || picture.height < 1 || sum_of(runs) != static_cast<std::uint64_t>(picture.area()))
    return std::nullopt;
  RunMask mask{picture, {}};
  std::vector<std::uint32_t>& kept = mask.runs;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const bool same_as_last = kept.size() % 2 != i % 2;  // a run of no pixels was left out between
    if (runs[i] == 0 && i > 0) continue;
    if (same_as_last && !kept.empty()) {
      kept.back() += runs[i];
    } else {
      kept.push_back(runs[i]);
    }
  }
  if (!is_valid(mask)) return std::nullopt;
  return mask;
}

std::optional<std::vector<std::uint32_t>> unpacked_runs(std::string_view text) {
  std::vector<std::uint32_t> runs;
  for (std::size_t at = 0; at < text.size();) {
    std::int64_t value = 0;
    int shift = 0;
    for (bool more = true; more; shift += 5) {
      if (at == text.size() || shift > 35 || text[at] < '0' || text[at] > 'o') return std::nullopt;
      const std::int64_t letter = text[at++] - '0';
      value |= (letter & 0x1F) << shift;
      more = (letter & 0x20) != 0;
      if (!more && (letter & 0x10) != 0) value |= -(std::int64_t{1} << (shift + 5));
    }
    if (runs.size() > 2) value += runs[runs.size() - 2];
    if (value < 0 || value > UINT32_MAX) return std::nullopt;
    runs.push_back(static_cast<std::uint32_t>(value));
  }
  return runs;
}

std::optional<RunMask> mask_of_row_runs(const std::vector<std::uint32_t>& runs, const Rect& part, Size picture) {
  const bool inside = part.x >= 0 && part.y >= 0 && part.width >= 1 && part.height >= 1 &&
                      part.width <= picture.width - part.x && part.height <= picture.height - part.y;
  const std::int64_t pixels = std::int64_t{part.width} * part.height;
  if (!inside || pixels > kMostPixels || sum_of(runs) != static_cast<std::uint64_t>(pixels)) return std::nullopt;
  Image bitmap({part.width, part.height}, 1);
  std::byte* at = bitmap.data();
  for (std::size_t i = 0; i < runs.size(); at += runs[i], ++i) std::memset(at, i % 2 == 0 ? 0 : 255, runs[i]);
  return mask_of_bitmap(bitmap, picture, part.x, part.y);
}

}  // namespace pixmill::imports
