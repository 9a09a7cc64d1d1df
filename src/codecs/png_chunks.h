// Finds PNG chunks, and adds them to a finished file.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace pixmill::codecs {

// Content of the first chunk of this type (four letters); empty where there is none.
std::span<const std::byte> find_png_chunk(std::span<const std::byte> file, std::string_view type);

// A whole chunk: length, type, content, checksum.
std::vector<std::byte> make_png_chunk(std::string_view type, std::span<const std::byte> content);

// Bytes of a PNG file up to the end of its header chunk, behind which other chunks may stand.
constexpr std::size_t kPngHeaderEnd = 33;

// Adds a chunk right after the header chunk of a whole PNG file.
void insert_png_chunk(std::vector<std::byte>& file, std::string_view type, std::span<const std::byte> content);

}  // namespace pixmill::codecs
