// The rows that a query is most like, by inner product: the cosine, where all are of length 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pixmill::vectors {

// Rows of one length, one behind the other.
template <typename Number>
struct MatrixOf {
  std::span<const Number> values;
  std::size_t columns = 0;  // never 0

  std::size_t rows() const { return values.size() / columns; }
  std::span<const Number> row(std::size_t index) const { return part(index, 1); }
  std::span<const Number> part(std::size_t first, std::size_t count) const {
    return values.subspan(first * columns, count * columns);
  }
};
using Matrix = MatrixOf<float>;
// As an index stores them, in f16: half the memory is read.
using HalfMatrix = MatrixOf<std::uint16_t>;

struct Neighbour {
  std::size_t row = 0;
  float similarity = 0;

  bool operator==(const Neighbour&) const = default;
};

// The more similar first; of equal ones the lower row.
using Neighbours = std::vector<Neighbour>;

// To length 1; one of zeros stays as it is.
void normalise(std::span<float> vector);

// How many threads the searches and the sorting of this process may use. Default: a thread for each core.
void use_threads(int count);

// Of each query the `top` rows that are most like it, fewer where there are fewer. All rows are compared; one with
// numbers that are none (NaN) is like no query.
std::vector<Neighbours> nearest(HalfMatrix rows, Matrix queries, std::size_t top);

// With products divided by the rows' lengths, which rounding to f16 moved a little from 1, and in order again.
Neighbours by_cosine(HalfMatrix rows, Neighbours found);

// The best `top` of both.
Neighbours merged(const Neighbours& a, const Neighbours& b, std::size_t top);

}  // namespace pixmill::vectors
