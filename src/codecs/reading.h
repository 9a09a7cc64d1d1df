// What decode(), read_header() and RowReader share: the way from an opened file to sRGB, and the errors on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "codecs/colour.h"
#include "codecs/vips.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {

// Rows that are fetched at a time: a few of the decoder's own strips, small enough to stay in the cache.
constexpr int kStripRows = 16;

inline Size size_of(VipsImage* opened) {
  return {opened->Xsize, opened->Ysize};
}

// Throws Error{too_large} above `most` pixels; 0: no limit.
void check_pixels(Size size, std::int64_t most, std::string_view name);

// Refuses camera raw files, which would give their thumbnail. `file`: at least the header and the first directory.
void refuse_preview(Format format, std::span<const std::byte> file, std::string_view name);

// The opened picture in sRGB, ready for plan.layout; empty where libvips fails. A profile that cannot be used is
// ignored. Throws as plan_colour().
Ref<VipsImage> to_srgb(VipsImage* opened, Format format, std::string_view name, ColourPlan& plan);

// True where no row is complete before the file's end: progressive JPEG, interlaced PNG.
bool is_in_passes(VipsImage* opened);

// The error for what libvips said of a file.
Error read_failure(std::string_view name, Format format, const std::string& reason);

// Warnings of libjpeg that cost no pixel: stray bytes between segments, but not between the parts of a scan.
bool is_harmless(Format format, const std::string& reason);

// Runs `read` with any warning of the codec being an error; where that warning costs no pixel, once more without.
template <typename Read>
void read_strictly(Format format, std::string_view name, const Read& read) {
  auto reason = failure_of([&] { return read(VIPS_FAIL_ON_WARNING); });
  if (reason && is_harmless(format, *reason)) {
    reason = failure_of([&] { return read(VIPS_FAIL_ON_TRUNCATED); });
  }
  if (reason) throw read_failure(name, format, *reason);
}

}  // namespace pixmill::codecs
