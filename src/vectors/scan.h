// FAISS over rows that lie in lists one behind the other, with our own inner products.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "pixmill/vectors/nearest.h"

namespace pixmill::vectors {

// Of each query the best rows of the lists named in `wanted`: `probes` lists a query, query by query, a number of -1
// for none. List i has the rows begins[i] up to begins[i + 1].
std::vector<Neighbours> scan(HalfMatrix rows, std::span<const std::uint64_t> begins, Matrix queries,
                             std::span<const std::int64_t> wanted, std::size_t probes, std::size_t top);

// Runs `work`; what FAISS throws becomes an Error.
void guarded(const std::function<void()>& work);

// Of the answers of FAISS: `top` a query, rows of -1 for none.
std::vector<Neighbours> neighbours_of(std::span<const std::int64_t> rows, std::span<const float> similarities,
                                      std::size_t top);

}  // namespace pixmill::vectors
