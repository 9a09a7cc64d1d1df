// The parts of a PNG file (ISO/IEC 15948, clause 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"

namespace pixmill::codecs {

// Content of the first chunk of this type (four letters); empty where there is none.
std::span<const std::byte> find_png_chunk(std::span<const std::byte> file, std::string_view type);

// A whole chunk: length, type, content, checksum.
std::vector<std::byte> make_png_chunk(std::string_view type, std::span<const std::byte> content);

// The same around content that is put together in its place: what is appended between the two calls.
void begin_png_chunk(std::string_view type, std::vector<std::byte>& chunk);  // `chunk`: empty
void end_png_chunk(std::vector<std::byte>& chunk);

// Four bytes, the highest first.
void append_png_number(std::vector<std::byte>& bytes, std::uint32_t value);

// How a file begins: u8 or u16 samples, 1, 3 or 4 channels.
std::vector<std::byte> png_signature_and_header(Size size, int channels, PixelType type);

// Bytes of a PNG file up to the end of its header chunk, behind which other chunks may stand.
constexpr std::size_t kPngHeaderEnd = 33;

// Adds a chunk right after the header chunk of a whole PNG file.
void insert_png_chunk(std::vector<std::byte>& file, std::string_view type, std::span<const std::byte> content);

}  // namespace pixmill::codecs
