// Files <-> Image. Everything here is safe to call from many threads at once. libvips stays behind this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pixmill/core/image.h"

namespace pixmill::codecs {

enum class Format { jpeg, png, webp, tiff, avif, heic, jxl, bmp, gif };

std::string_view name_of(Format format);                   // "jpeg", ...
std::string_view extension_of(Format format);              // "jpg", ... without the dot
std::optional<Format> format_from(std::string_view name);  // by name or extension, any case: "jpg", "TIFF", "tif"

// What the first bytes say; never the file's name. Empty where it is none of these formats.
std::optional<Format> sniff(std::span<const std::byte> head);

// Formats that the libvips at hand can read and write.
struct FormatSupport {
  Format format;
  bool read = false;
  bool write = false;
};
std::vector<FormatSupport> supported_formats();

std::string libvips_version();  // "8.14.1": of the library that is loaded

// What a picture carries besides its pixels, as raw blobs without container framing. The orientation in `exif` has
// been reset to 1, since decode() turns the pixels upright.
struct Metadata {
  std::vector<std::byte> exif;
  std::vector<std::byte> xmp;
  std::vector<std::byte> iptc;
  std::vector<std::byte> icc;  // the profile the file had; pixels are sRGB now, so encode() writes sRGB (or none)
  double pixels_per_mm = 0.0;  // 0: not stated
};

struct DecodeOptions {
  std::int64_t max_pixels = 268'435'456;  // refuse larger pictures (decompression bombs) before decoding; 0: no limit
  bool metadata = true;                   // fill Picture::metadata
  // A picture that is only looked at: where the codec can decode it smaller for less (JPEG at 1/2, 1/4, 1/8), it may,
  // as long as both sides are at least what this returns for the full size (both upright). Empty: at its full size.
  std::function<Size(Size full)> least = {};
};

struct Picture {
  Image image;  // upright, sRGB; u8, or u16 where the file has more than 8 bits; 1, 3 or 4 channels
  Size full;    // of the file's picture, upright: larger than `image` only with DecodeOptions::least
  Metadata metadata;
  Format format = Format::png;
  std::size_t bytes_in_file = 0;
};

// Decodes the first page of a whole file in memory. `name` stands in error messages.
// Throws Error: unsupported (not a picture, or a codec that is missing), corrupt (damaged or truncated), too_large.
Picture decode(std::span<const std::byte> file, std::string_view name, const DecodeOptions& options = {});

// Size (upright), channels and depth from the header alone. Throws as decode().
struct Header {
  Format format = Format::png;
  Size size;
  int channels = 0;
  int bits = 8;
  bool in_passes = false;  // progressive JPEG, interlaced PNG: no row is complete before the file's end
  int orientation = 1;     // 1..8 as EXIF counts: how the pixels are stored, against `size`
};
Header read_header(std::span<const std::byte> file, std::string_view name);

// The same of a file on disk, of which no more is read than that takes. Throws Error: not_found, unreadable too.
Header read_header_of(const std::filesystem::path& path);

// How long an encoder may look for a smaller file: what each word means for each format is in docs/formats.md.
enum class Effort { fast, balanced, small };
std::optional<Effort> effort_from(std::string_view name);

// Calls part(0) ... part(count - 1), each once, several at the same time where cores are idle, and returns when all
// have returned. Throws what one of them throws.
using SideBySide = std::function<void(std::size_t count, const std::function<void(std::size_t)>& part)>;

struct EncodeOptions {
  Format format = Format::png;
  int quality = 90;                    // 1..100: jpeg, webp, avif, heic, jxl (100 is lossless for webp, avif, jxl)
  Effort effort = Effort::balanced;    // png, webp, avif, heic, jxl
  bool compressed = true;              // tiff
  const Metadata* metadata = nullptr;  // written as far as the format allows; null: nothing but pixels
  SideBySide side_by_side = {};        // png: for the strips of one picture; empty: one after the other
};

// Throws Error{unsupported} where a file of this format cannot hold such a picture: too many pixels a side, alpha in
// JPEG, a BMP above 4 GB. TIFF above 4 GB becomes BigTIFF. encode() and RowWriter ask this first.
void check_limits(Format format, Size size, int channels, std::string_view name);

// A whole file in memory. Throws Error: unsupported (check_limits(), no such writer), internal.
std::vector<std::byte> encode(ImageView image, const EncodeOptions& options);

// True where the format can hold an alpha channel.
bool holds_alpha(Format format);

// What one call takes at its largest moment, in bytes beside its input: for decode() the pixels that it returns and the
// buffers of the decoder, for encode() the file that it returns and those of the encoder. Upper estimates, measured on
// photographs (src/codecs/cost.cc); quality 100 costs more where it means lossless.
std::size_t decode_bytes(const Header& header);
std::size_t encode_bytes(Format format, Size size, int channels, PixelType type, int quality = 90);

}  // namespace pixmill::codecs
