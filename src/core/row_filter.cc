#include "pixmill/core/row_filter.h"

#include <algorithm>

#include "core/row_filter_kernels.h"

namespace pixmill {

void filter_row(RowFilter filter, std::span<const std::uint8_t> row, std::span<const std::uint8_t> above,
                std::size_t step, std::span<std::uint8_t> to) {
  row_filter_kernels().filter[static_cast<std::size_t>(filter)]({row.data(), above.data(), row.size(), step},
                                                                to.data());
}

std::array<std::uint64_t, kRowFilters> filter_costs(std::span<const std::uint8_t> row,
                                                    std::span<const std::uint8_t> above, std::size_t step) {
  std::array<std::uint64_t, kRowFilters> sums{};
  row_filter_kernels().costs({row.data(), above.data(), row.size(), step}, sums.data());
  return sums;
}

RowFilter cheapest_filter(std::span<const std::uint8_t> row, std::span<const std::uint8_t> above, std::size_t step) {
  const auto costs = filter_costs(row, above, step);
  return static_cast<RowFilter>(std::min_element(costs.begin(), costs.end()) - costs.begin());
}

}  // namespace pixmill
