// The loops over the bytes of a row that PNG's filters are. Declared here for the tests.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pixmill/core/row_filter.h"

namespace pixmill {

// Bytes of a row and of the one above it.
struct FilteredRows {
  const std::uint8_t* row;
  const std::uint8_t* above;
  std::size_t bytes;
  std::size_t step;  // of a pixel, 1..8
};

struct RowFilterKernels {
  // Each writes rows.bytes bytes; by the number of the filter. None is a copy.
  void (*filter[kRowFilters])(const FilteredRows& rows, std::uint8_t* to);
  // Writes kRowFilters sums.
  void (*costs)(const FilteredRows& rows, std::uint64_t* sums);
};

const RowFilterKernels& row_filter_kernels();

extern const RowFilterKernels kScalarRowFilterKernels;

}  // namespace pixmill
