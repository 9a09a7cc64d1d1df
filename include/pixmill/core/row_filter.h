// The filters of PNG (ISO/IEC 15948, clause 9): each byte of a row minus a prediction from its neighbours, modulo 256.
// Neighbours are the byte one pixel to the left, the byte above, and the one above to the left; 0 outside the picture.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pixmill {

enum class RowFilter : std::uint8_t { none, sub, up, average, paeth };  // numbered as PNG does
inline constexpr std::size_t kRowFilters = 5;

// `step`: bytes of a pixel, 1..8. `above` has the bytes of `row`'s upper neighbour, all 0 above the first one. `to` has
// the size of `row`, too, and is neither of them.
void filter_row(RowFilter filter, std::span<const std::uint8_t> row, std::span<const std::uint8_t> above,
                std::size_t step, std::span<std::uint8_t> to);

// What each filter would leave of a row: the sum of its bytes, each taken as -128..127, without their signs.
std::array<std::uint64_t, kRowFilters> filter_costs(std::span<const std::uint8_t> row,
                                                    std::span<const std::uint8_t> above, std::size_t step);

// The filter of the least cost; the first one where several have it.
RowFilter cheapest_filter(std::span<const std::uint8_t> row, std::span<const std::uint8_t> above, std::size_t step);

}  // namespace pixmill
