#include "imports/json_masks.h"

#include <optional>
#include <utility>
#include <vector>

#include "imports/run_lengths.h"

namespace pixmill::imports {
namespace {

using nlohmann::json;

constexpr double kLargestSide = 1 << 24;  // of a record's picture

std::optional<std::vector<std::uint32_t>> runs_of(const Fields& mask) {
  const json* counts = mask.find("counts");
  if (counts != nullptr && counts->is_string()) return unpacked_runs(counts->get_ref<const std::string&>());
  std::vector<std::uint32_t> runs;
  for (const json& one : mask.list("counts")) {
    const double run = mask.number_of(one);
    if (run < 0) return std::nullopt;
    runs.push_back(static_cast<std::uint32_t>(run));
  }
  return runs;
}

}  // namespace

RunMask coco_mask(const Fields& mask) {
  const json& size = mask.list("size");
  if (size.size() != 2) mask.fail("has a 'size' that is not [height, width]");
  const double height = mask.number_of(size[0]), width = mask.number_of(size[1]);
  if (height < 1 || width < 1 || height > kLargestSide || width > kLargestSide)
    mask.fail("has a 'size' that no picture has");
  const auto runs = runs_of(mask);
  auto read = runs ? mask_of_runs(*runs, {static_cast<int>(width), static_cast<int>(height)}) : std::nullopt;
  if (!read) mask.fail("has 'counts' that do not add up to its 'size'");
  return *std::move(read);
}

}  // namespace pixmill::imports
