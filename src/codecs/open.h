// Opens a file in memory as a picture of libvips, in one of the supported formats only.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "codecs/vips.h"
#include "pixmill/codecs/codec.h"

namespace pixmill::codecs {

// The loader of a format, named: no file ever reaches a loader that libvips would pick by itself.
// Throws Error{unsupported} where this libvips has none.
void require_reader(Format format, std::string_view name);
bool has_reader(Format format);

// Reads the header of the first page; the pixels come when they are requested, from top to bottom. `file` must outlive
// the result. Empty where libvips fails.
Ref<VipsImage> open(Format format, std::span<const std::byte> file, VipsFailOn fail_on);

// The same from a source, for formats that has_row_reader() knows; the result holds a reference to it.
bool has_row_reader(Format format);
Ref<VipsImage> open(Format format, VipsSource* source, VipsFailOn fail_on);

}  // namespace pixmill::codecs
