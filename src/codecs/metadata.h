// Reads and writes EXIF, XMP, IPTC, ICC and resolution of libvips' pictures.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "codecs/vips.h"
#include "pixmill/codecs/codec.h"

namespace pixmill::codecs {

// A block that an opened picture carries under this name; empty where there is none. Valid as long as the picture.
std::span<const std::byte> blob_of(VipsImage* opened, const char* name);

// The EXIF block without framing, as the file has it. `file` is searched where libvips does not look (PNG's eXIf).
std::vector<std::byte> read_exif(VipsImage* opened, Format format, std::span<const std::byte> file);

// How the stored pixels of an opened picture have to be turned, 1..8; 1 where the decoder has already done so.
int orientation_of(VipsImage* opened, Format format, std::span<const std::byte> file);

// Everything that a picture carries; `size` is its upright size.
Metadata read_metadata(VipsImage* opened, Format format, std::span<const std::byte> file, Size size);

// The profile of sRGB that files get; empty where libvips has none.
std::vector<std::byte> srgb_profile();

// Attaches the metadata to a picture before libvips writes it. The profile becomes sRGB (RGB pixels) or none (gray).
void attach_metadata(VipsImage* picture, Format format, const Metadata& metadata);

}  // namespace pixmill::codecs
