#include "pixmill/core/picture_hash.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>
#include <vector>

#include "core/quality_kernels.h"
#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

constexpr int kBits = 8;     // rows and columns of bits
constexpr int kPixels = 32;  // rows and columns that frequencies are computed of

// A grid of numbers, row by row.
template <typename T>
struct Table {
  int columns = 0, rows = 0;
  std::vector<T> values;

  Table(int width, int height)
      : columns(width), rows(height), values(static_cast<std::size_t>(width) * static_cast<std::size_t>(height)) {}
  T& at(int x, int y) { return values[static_cast<std::size_t>(y) * columns + x]; }
  const T& at(int x, int y) const { return values[static_cast<std::size_t>(y) * columns + x]; }
};

Image luma_of(ImageView picture) {
  Image gray(picture.size(), 1);
  for (int y = 0; y < picture.height(); ++y) {
    quality_kernels().luma(picture.row<std::uint8_t>(y), static_cast<std::size_t>(picture.width()),
                           gray.row<std::uint8_t>(y));
  }
  return gray;
}

Table<int> reduced(ImageView gray, Size size) {
  const Image small = resize(gray, size, Filter::lanczos3);
  Table<int> table(size.width, size.height);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) table.at(x, y) = small.row<std::uint8_t>(y)[x];
  }
  return table;
}

template <typename Bit>
std::uint64_t bits_of(Bit bit) {
  std::uint64_t hash = 0;
  for (int y = 0; y < kBits; ++y) {
    for (int x = 0; x < kBits; ++x) hash = hash << 1U | (bit(x, y) ? 1U : 0U);
  }
  return hash;
}

// `wide` is 9x8, `tall` 8x9 pixels.
std::uint64_t difference_of(const Table<int>& wide, const Table<int>& tall, int turn) {
  const bool transposed = (turn & 4) != 0;
  const Table<int>& gray = transposed ? tall : wide;
  // The pixel that lies at (x, y) of the turned picture.
  const auto at = [&](int x, int y) {
    if (transposed) std::swap(x, y);
    return gray.at((turn & 1) != 0 ? gray.columns - 1 - x : x, (turn & 2) != 0 ? gray.rows - 1 - y : y);
  };
  return bits_of([&](int x, int y) { return at(x + 1, y) > at(x, y); });
}

// cos(pi * k * (2 n + 1) / (2 N)) at (n, k).
const Table<double>& cosines() {
  static const Table<double> table = [] {
    Table<double> made(kPixels, kBits);
    for (int k = 0; k < kBits; ++k) {
      for (int n = 0; n < kPixels; ++n) made.at(n, k) = std::cos(std::numbers::pi * k * (2 * n + 1) / (2.0 * kPixels));
    }
    return made;
  }();
  return table;
}

// The lowest frequencies (DCT-II) down and across.
Table<double> frequencies_of(const Table<int>& gray) {
  const Table<double>& cosine = cosines();
  Table<double> down(kPixels, kBits);
  for (int k = 0; k < kBits; ++k) {
    for (int y = 0; y < kPixels; ++y) {
      for (int x = 0; x < kPixels; ++x) down.at(x, k) += cosine.at(y, k) * gray.at(x, y);
    }
  }
  Table<double> both(kBits, kBits);
  for (int v = 0; v < kBits; ++v) {
    for (int u = 0; u < kBits; ++u) {
      for (int x = 0; x < kPixels; ++x) both.at(u, v) += cosine.at(x, u) * down.at(x, v);
    }
  }
  return both;
}

// A mirrored picture has its odd frequencies negated, a transposed one has them transposed.
std::uint64_t perceptual_of(const Table<double>& frequencies, int turn) {
  const auto at = [&](int u, int v) {
    if ((turn & 4) != 0) std::swap(u, v);
    const bool negated = ((turn & 1) != 0 && u % 2 != 0) != ((turn & 2) != 0 && v % 2 != 0);
    return negated ? -frequencies.at(u, v) : frequencies.at(u, v);
  };
  std::array<double, kBits * kBits> sorted{};
  for (int i = 0; i < kBits * kBits; ++i) sorted[static_cast<std::size_t>(i)] = at(i % kBits, i / kBits);
  std::sort(sorted.begin(), sorted.end());
  const double median = (sorted[kBits * kBits / 2 - 1] + sorted[kBits * kBits / 2]) / 2;
  return bits_of([&](int u, int v) { return at(u, v) > median; });
}

}  // namespace

PictureHashes picture_hashes(ImageView picture) {
  const Image gray = luma_of(picture);
  const Table<int> wide = reduced(gray, {kBits + 1, kBits}), tall = reduced(gray, {kBits, kBits + 1});
  const Table<double> frequencies = frequencies_of(reduced(gray, {kPixels, kPixels}));
  PictureHashes hashes;
  for (int turn = 0; turn < PictureHashes::kTurns; ++turn) {
    hashes.difference[static_cast<std::size_t>(turn)] = difference_of(wide, tall, turn);
    hashes.perceptual[static_cast<std::size_t>(turn)] = perceptual_of(frequencies, turn);
  }
  return hashes;
}

}  // namespace pixmill
