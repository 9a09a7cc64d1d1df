#include "tasks/compare/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace pixmill::tasks {

Difference difference(std::span<const float> reference, std::span<const float> got) {
  Difference result;
  double sum = 0.0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (!std::isfinite(got[i])) result.finite = false;
    const double apart = std::abs(static_cast<double>(got[i]) - static_cast<double>(reference[i]));
    if (!std::isfinite(apart)) continue;
    result.max = std::max(result.max, apart);
    sum += apart;
    ++count;
  }
  if (count > 0) result.mean = sum / static_cast<double>(count);
  return result;
}

Difference difference(std::span<const Tensor> reference, std::span<const Tensor> got) {
  Difference whole;
  double sum = 0.0, count = 0.0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i].type() != ElementType::f32) continue;
    const Difference one = difference(reference[i].as<float>(), got[i].as<float>());
    whole.max = std::max(whole.max, one.max);
    whole.finite = whole.finite && one.finite;
    sum += one.mean * static_cast<double>(got[i].size());
    count += static_cast<double>(got[i].size());
  }
  whole.mean = count > 0 ? sum / count : 0.0;
  return whole;
}

double psnr(std::span<const float> reference, std::span<const float> got) {
  double squares = 0.0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double apart = std::clamp<double>(got[i], 0.0, 1.0) - std::clamp<double>(reference[i], 0.0, 1.0);
    squares += apart * apart;
  }
  if (!std::isfinite(squares)) return 0.0;
  if (squares == 0.0) return kEqualDb;
  return std::min(kEqualDb, 10.0 * std::log10(static_cast<double>(got.size()) / squares));
}

double cosine(std::span<const float> reference, std::span<const float> got) {
  double dot = 0.0, a = 0.0, b = 0.0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    dot += static_cast<double>(reference[i]) * static_cast<double>(got[i]);
    a += static_cast<double>(reference[i]) * static_cast<double>(reference[i]);
    b += static_cast<double>(got[i]) * static_cast<double>(got[i]);
  }
  if (a == 0.0 && b == 0.0) return 1.0;
  const double length = std::sqrt(a) * std::sqrt(b);
  const double result = length > 0.0 ? dot / length : 0.0;
  return std::isfinite(result) ? std::clamp(result, -1.0, 1.0) : -1.0;
}

}  // namespace pixmill::tasks
