#include "pixmill/vectors/nearest.h"

#include <faiss/utils/distances.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "pixmill/core/half_rows.h"
#include "vectors/scan.h"

// Of the libraries' headers, one wants flags of the compiler and the other all of LAPACK.
extern "C" void omp_set_num_threads(int);
extern "C" void openblas_set_num_threads(int);

namespace pixmill::vectors {
namespace {

constexpr std::size_t kFewQueries = 8;   // of more, a product of matrices is faster than going over the rows for each
constexpr std::size_t kPartRows = 1024;  // that a thread takes at a time
constexpr std::size_t kWideRows = 8192;  // that are f32 at a time for such a product

bool before(const Neighbour& a, const Neighbour& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
}

// All rows, as lists that all queries want.
std::vector<Neighbours> go_over(HalfMatrix rows, Matrix queries, std::size_t top) {
  std::vector<std::uint64_t> begins;
  for (std::size_t begin = 0; begin < rows.rows(); begin += kPartRows) begins.push_back(begin);
  const std::size_t parts = begins.size();
  begins.push_back(rows.rows());
  std::vector<std::int64_t> wanted(queries.rows() * parts);
  for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = static_cast<std::int64_t>(i % parts);
  return scan(rows, begins, queries, wanted, parts, top);
}

std::vector<Neighbours> multiply(HalfMatrix rows, Matrix queries, std::size_t top) {
  std::vector<Neighbours> best(queries.rows());
  std::vector<float> wide(std::min(kWideRows, rows.rows()) * rows.columns);
  for (std::size_t first = 0; first < rows.rows(); first += kWideRows) {
    const std::size_t some = std::min(kWideRows, rows.rows() - first), wanted = std::min(top, some);
    std::vector<std::int64_t> found(queries.rows() * wanted);
    std::vector<float> similarities(found.size());
    guarded([&] {
      widen(rows.part(first, some), std::span(wide).first(some * rows.columns));
      faiss::knn_inner_product(queries.values.data(), wide.data(), rows.columns, queries.rows(), some, wanted,
                               similarities.data(), found.data());
    });
    for (std::int64_t& row : found) row += row < 0 ? 0 : static_cast<std::int64_t>(first);
    const std::vector<Neighbours> here = neighbours_of(found, similarities, wanted);
    for (std::size_t i = 0; i < best.size(); ++i) best[i] = merged(best[i], here[i], top);
  }
  return best;
}

}  // namespace

void normalise(std::span<float> vector) {
  double squares = 0.0;
  for (const float value : vector) squares += double{value} * double{value};
  if (squares == 0.0) return;
  const double inverse = 1.0 / std::sqrt(squares);
  for (float& value : vector) value = static_cast<float>(double{value} * inverse);
}

void use_threads(int count) {
  omp_set_num_threads(std::max(count, 1));
  openblas_set_num_threads(std::max(count, 1));
}

Neighbours merged(const Neighbours& a, const Neighbours& b, std::size_t top) {
  Neighbours all = a;
  all.insert(all.end(), b.begin(), b.end());
  std::sort(all.begin(), all.end(), before);
  if (all.size() > top) all.resize(top);
  return all;
}

Neighbours by_cosine(HalfMatrix rows, Neighbours found) {
  std::vector<float> wide(rows.columns);
  for (Neighbour& one : found) {
    widen(rows.row(one.row), wide);
    const double squares = std::inner_product(wide.begin(), wide.end(), wide.begin(), 0.0);
    if (squares > 0) one.similarity = static_cast<float>(double{one.similarity} / std::sqrt(squares));
  }
  std::sort(found.begin(), found.end(), before);
  return found;
}

std::vector<Neighbours> nearest(HalfMatrix rows, Matrix queries, std::size_t top) {
  top = std::min(top, rows.rows());
  if (top == 0 || queries.values.empty()) return std::vector<Neighbours>(queries.rows());
  faiss::distance_compute_blas_threshold = static_cast<int>(kFewQueries);
  return queries.rows() < kFewQueries ? go_over(rows, queries, top) : multiply(rows, queries, top);
}

}  // namespace pixmill::vectors
