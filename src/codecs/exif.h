// EXIF blocks, read and changed in place: what libraries rewrite (maker notes above all) stays byte for byte.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "pixmill/core/image.h"

namespace pixmill::codecs {

// `exif` is a TIFF structure without the "Exif\0\0" in front. Damaged blocks are never an error.

// 1..8, as the standard counts them; 1 where nothing is stated.
int exif_orientation(std::span<const std::byte> exif);

// Makes the block true for upright pixels of `size`: orientation 1, these dimensions, no thumbnail.
void settle_exif(std::vector<std::byte>& exif, Size size);

// True for a TIFF file whose first picture is only a small preview of another one, as camera raw files have it.
bool begins_with_preview(std::span<const std::byte> tiff);

}  // namespace pixmill::codecs
