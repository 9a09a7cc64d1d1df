#include "cli/output/same_pixels.h"

#include <cstring>

#include "pixmill/codecs/rows.h"
#include "pixmill/core/error.h"

namespace pixmill::cli {
namespace {

constexpr int kRows = 64;

bool same_rows(const Image& a, const Image& b) {
  if (a.size() != b.size()) return false;
  const std::size_t row = static_cast<std::size_t>(a.width()) * a.channels() * bytes_of(a.type());
  for (int y = 0; y < a.height(); ++y) {
    if (std::memcmp(a.view().row_bytes(y), b.view().row_bytes(y), row) != 0) return false;
  }
  return true;
}

}  // namespace

bool same_pixels(const std::filesystem::path& a, const std::filesystem::path& b) {
  try {
    codecs::RowReader one(a, {.metadata = false}), other(b, {.metadata = false});
    if (one.spec() != other.spec()) return false;
    while (one.next_row() < one.spec().size.height) {
      if (!same_rows(one.read(kRows), other.read(kRows))) return false;
    }
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace pixmill::cli
