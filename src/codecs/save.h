// What encode() and RowWriter share: pixels as a format holds them, and the writers of libvips.
#pragma once

#include <string>

#include "codecs/vips.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {

// The type of the samples in a file of this format: floats become u16, and all types u8 where there is nothing else.
PixelType stored_type(Format format, PixelType type);

// The pixels in stored_type(); `owner` keeps them where they had to be changed.
ImageView as_stored(ImageView image, Format format, Image& owner);

VipsBandFormat band_format_of(PixelType stored);
VipsInterpretation interpretation_of(int channels, PixelType stored);

// True where there is a writer, by libvips or without it: of whole files, or of rows by libvips. For AVIF and HEIC the
// encoder may still be missing.
bool has_writer(Format format);
bool has_row_writer(Format format);

Error cannot_write(Format format, const std::string& reason);

// JPEG's Huffman tables: made for the picture, from coefficients that are all kept, or those of the standard.
enum class HuffmanTables { best, fixed };

// Calls the writer of the format; null, false: libvips failed. `picture` has its metadata.
VipsBlob* save_to_memory(VipsImage* picture, const EncodeOptions& options, HuffmanTables tables);
bool save_to_target(VipsImage* picture, VipsTarget* target, const EncodeOptions& options, HuffmanTables tables);

}  // namespace pixmill::codecs
