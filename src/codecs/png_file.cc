#include "codecs/png_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

#include "codecs/exif.h"
#include "codecs/lz_blocks.h"
#include "codecs/metadata.h"
#include "codecs/png_chunks.h"
#include "codecs/png_strip.h"
#include "codecs/side_by_side.h"

namespace pixmill::codecs {
namespace {

using namespace std::literals;

// Compressed strips that wait to be put together: a few for each core.
constexpr int kStripsAtOnce = 32;

void append(std::vector<std::byte>& file, std::span<const std::byte> bytes) {
  file.insert(file.end(), bytes.begin(), bytes.end());
}

void append_chunk(std::vector<std::byte>& file, std::string_view type, std::span<const std::byte> content) {
  append(file, make_png_chunk(type, content));
}

std::span<const std::byte> bytes_of_text(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// RGB pixels are sRGB, whatever the photograph's profile was.
void append_profile(std::vector<std::byte>& file) {
  const std::vector<std::byte> profile = srgb_profile();
  if (profile.empty()) return;
  std::vector<std::byte> content;
  append(content, bytes_of_text("sRGB\0\0"sv));  // name, and the one way of compression
  append(content, zlib_stream(profile));
  append_chunk(file, "iCCP", content);
}

void append_resolution(std::vector<std::byte>& file, double pixels_per_mm) {
  const double per_metre = std::round(std::clamp(pixels_per_mm * 1000, 1.0, 2'147'483'647.0));
  std::vector<std::byte> content;
  append_png_number(content, static_cast<std::uint32_t>(per_metre));
  append_png_number(content, static_cast<std::uint32_t>(per_metre));
  content.push_back(std::byte{1});  // a metre
  append_chunk(file, "pHYs", content);
}

void append_xmp(std::vector<std::byte>& file, std::span<const std::byte> xmp) {
  std::vector<std::byte> content;
  append(content, bytes_of_text("XML:com.adobe.xmp\0\0\0\0\0"sv));  // not compressed, no language, no other keyword
  append(content, xmp);
  append_chunk(file, "iTXt", content);
}

}  // namespace

std::vector<std::byte> png_head(const RowSpec& spec, const Metadata* metadata) {
  std::vector<std::byte> file = png_signature_and_header(spec.size, spec.channels, spec.type);
  if (metadata == nullptr) return file;
  std::vector<std::byte> exif = metadata->exif;
  settle_exif(exif, spec.size);
  if (!exif.empty()) append_chunk(file, "eXIf", exif);
  if (!metadata->icc.empty() && spec.channels >= 3) append_profile(file);
  if (metadata->pixels_per_mm > 0) append_resolution(file, metadata->pixels_per_mm);
  if (!metadata->xmp.empty()) append_xmp(file, metadata->xmp);
  return file;
}

std::vector<std::byte> encode_png(ImageView image, const EncodeOptions& options) {
  std::vector<std::byte> file = png_head({image.size(), image.channels(), image.type()}, options.metadata);
  const int rows = png_strip_rows(image.width(), image.channels(), image.type(), options.effort);
  Adler all;
  for (int from = 0; from < image.height();) {
    const int left = image.height() - from;
    const int strips = std::min(kStripsAtOnce, (left + rows - 1) / rows);
    std::vector<PngStrip> made(static_cast<std::size_t>(strips));
    run_side_by_side(options, made.size(), [&](std::size_t i) {
      const int begin = from + static_cast<int>(i) * rows;
      made[i] = make_png_strip(image, begin, std::min(begin + rows, image.height()), options.effort);
    });
    for (PngStrip& strip : made) {
      append(file, strip.chunk);
      all.append(strip.adler);
      strip = {};
    }
    from = std::min(from + strips * rows, image.height());
  }
  append(file, png_end(all));
  return file;
}

}  // namespace pixmill::codecs
