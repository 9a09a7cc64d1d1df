// Tables of scores, as networks make them: the best of each row or column.
#pragma once

#include <cstddef>
#include <span>

namespace pixmill {

// Whether no value is infinite or not a number.
bool all_finite(std::span<const float> values);

// The largest of the values, of which there is at least one; none is not a number.
float largest_of(std::span<const float> values);

// The largest value of each column of a table of `rows` x `largest.size()`, row by row; none is not a number.
void largest_of_columns(std::span<const float> table, std::size_t rows, std::span<float> largest);

}  // namespace pixmill
