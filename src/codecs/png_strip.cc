#include "codecs/png_strip.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "codecs/lz_blocks.h"
#include "codecs/png_chunks.h"
#include "codecs/repeats.h"
#include "codecs/run_blocks.h"
#include "pixmill/core/row_filter.h"

namespace pixmill::codecs {
namespace {

using Samples = std::span<const std::uint8_t>;

// Runs need no room to be found in, and half a megabyte stays in the cache of a core; strings do.
constexpr std::size_t kStripBytes = std::size_t{1} << 19;
constexpr std::size_t kSmallStripBytes = std::size_t{1} << 21;

// For `fast` the filter of so many rows is that of the first one.
constexpr int kFastRows = 8;

constexpr int kSmallLevel = 10;  // of libdeflate: 1 to 12

// Patterns and text, which no photograph has: strings are tried where so much of a strip is repeated, unless runs alone
// made it a twentieth. Of 105 strips of photographs, cut-outs and mattes three are tried, of screenshots many.
constexpr double kRepeated = 0.6;
constexpr std::size_t kSmallAlready = 20;
constexpr int kRepeatedLevel = 4;

std::size_t row_bytes(ImageView image) {
  return static_cast<std::size_t>(image.width()) * static_cast<std::size_t>(image.channels()) * bytes_of(image.type());
}

// Rows as PNG stores them: samples of 16 bits begin with the high byte.
class StoredRows {
 public:
  explicit StoredRows(ImageView image) : image_(image), bytes_(row_bytes(image)) {}

  // Valid until the next call but one. Zeros above the picture.
  Samples row(int y) {
    std::vector<std::uint8_t>& kept = kept_[static_cast<std::size_t>(y & 1)];
    if (y < 0) {
      kept.assign(bytes_, 0);
      return kept;
    }
    const auto* samples = reinterpret_cast<const std::uint8_t*>(image_.row_bytes(y));
    if (image_.type() == PixelType::u8 || std::endian::native == std::endian::big) return {samples, bytes_};
    kept.resize(bytes_);
    for (std::size_t i = 0; i < bytes_; i += 2) {
      kept[i] = samples[i + 1];
      kept[i + 1] = samples[i];
    }
    return kept;
  }

 private:
  ImageView image_;
  std::size_t bytes_;
  std::array<std::vector<std::uint8_t>, 2> kept_;
};

// Each row behind the number of its filter.
std::vector<std::uint8_t> filtered(ImageView image, int from, int to, Effort effort) {
  const std::size_t bytes = row_bytes(image);
  const std::size_t step = static_cast<std::size_t>(image.channels()) * bytes_of(image.type());
  std::vector<std::uint8_t> result((bytes + 1) * static_cast<std::size_t>(to - from));
  StoredRows rows(image);
  Samples above = rows.row(from - 1);
  RowFilter filter = RowFilter::none;
  std::uint8_t* out = result.data();
  for (int y = from; y < to; ++y, out += bytes + 1) {
    const Samples row = rows.row(y);
    if (effort != Effort::fast || (y - from) % kFastRows == 0) filter = cheapest_filter(row, above, step);
    *out = static_cast<std::uint8_t>(filter);
    filter_row(filter, row, above, step, {out + 1, bytes});
    above = row;
  }
  return result;
}

void append_blocks(Samples rows, Effort effort, std::vector<std::byte>& to) {
  if (effort == Effort::small) return append_lz_blocks(rows, kSmallLevel, to);
  const std::size_t before = to.size();
  append_run_blocks(rows, to);
  const std::size_t by_runs = to.size() - before;
  if (effort == Effort::fast || by_runs < rows.size() / kSmallAlready || repeated_part(rows) < kRepeated) return;
  std::vector<std::byte> by_strings;
  append_lz_blocks(rows, kRepeatedLevel, by_strings);
  if (by_strings.size() >= by_runs) return;
  to.resize(before);
  to.insert(to.end(), by_strings.begin(), by_strings.end());
}

}  // namespace

void Adler::append(const Adler& behind) {
  constexpr std::uint64_t kBase = 65521;
  const std::uint64_t low = sum & 0xffff;
  const std::uint64_t both_low = low + (behind.sum & 0xffff) + kBase - 1;
  const std::uint64_t both_high = (sum >> 16) + (behind.sum >> 16) + behind.bytes % kBase * (low + kBase - 1) % kBase;
  sum = static_cast<std::uint32_t>(both_high % kBase << 16 | both_low % kBase);
  bytes += behind.bytes;
}

int png_strip_rows(int width, int channels, PixelType type, Effort effort) {
  const std::size_t bytes = static_cast<std::size_t>(width) * static_cast<std::size_t>(channels) * bytes_of(type);
  return static_cast<int>(
      std::max<std::size_t>(1, (effort == Effort::small ? kSmallStripBytes : kStripBytes) / (bytes + 1)));
}

PngStrip make_png_strip(ImageView image, int from, int to, Effort effort) {
  const std::vector<std::uint8_t> rows = filtered(image, from, to, effort);
  PngStrip strip;
  strip.adler = {libdeflate_adler32(1, rows.data(), rows.size()), rows.size()};
  begin_png_chunk("IDAT", strip.chunk);
  if (from == 0) {  // the stream's head: deflate in a window of 32 KiB
    for (const unsigned byte : {0x78U, 0x01U}) strip.chunk.push_back(static_cast<std::byte>(byte));
  }
  append_blocks(rows, effort, strip.chunk);
  end_png_chunk(strip.chunk);
  return strip;
}

std::vector<std::byte> png_end(const Adler& all) {
  std::vector<std::byte> end;
  begin_png_chunk("IDAT", end);
  for (const unsigned byte : {0x03U, 0x00U}) end.push_back(static_cast<std::byte>(byte));  // a last block, of no bytes
  append_png_number(end, all.sum);
  end_png_chunk(end);
  const std::vector<std::byte> last = make_png_chunk("IEND", {});
  end.insert(end.end(), last.begin(), last.end());
  return end;
}

}  // namespace pixmill::codecs
