#include "pixmill/vectors/nearest.h"

#include <faiss/utils/distances.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

#include "vectors/scan.h"

extern "C" void openblas_set_num_threads(int);

namespace pixmill::vectors {
namespace {

constexpr std::size_t kFewQueries = 8;   // of more, a product of matrices is faster than going over the rows for each
constexpr std::size_t kPartRows = 1024;  // that a thread takes at a time

bool before(const Neighbour& a, const Neighbour& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row;
}

// All rows, as lists that all queries want.
std::vector<Neighbours> go_over(Matrix rows, Matrix queries, std::size_t top) {
  std::vector<std::uint64_t> begins;
  for (std::size_t begin = 0; begin < rows.rows(); begin += kPartRows) begins.push_back(begin);
  const std::size_t parts = begins.size();
  begins.push_back(rows.rows());
  std::vector<std::int64_t> wanted(queries.rows() * parts);
  for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = static_cast<std::int64_t>(i % parts);
  return scan(rows, begins, queries, wanted, parts, top);
}

std::vector<Neighbours> multiply(Matrix rows, Matrix queries, std::size_t top) {
  std::vector<std::int64_t> found(queries.rows() * top);
  std::vector<float> similarities(found.size());
  guarded([&] {
    faiss::knn_inner_product(queries.values.data(), rows.values.data(), rows.columns, queries.rows(), rows.rows(), top,
                             similarities.data(), found.data());
  });
  return neighbours_of(found, similarities, top);
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

std::vector<Neighbours> nearest(Matrix rows, Matrix queries, std::size_t top) {
  top = std::min(top, rows.rows());
  if (top == 0 || queries.values.empty()) return std::vector<Neighbours>(queries.rows());
  faiss::distance_compute_blas_threshold = static_cast<int>(kFewQueries);
  return queries.rows() < kFewQueries ? go_over(rows, queries, top) : multiply(rows, queries, top);
}

}  // namespace pixmill::vectors
