#include "codecs/metadata.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>

#include "codecs/exif.h"
#include "codecs/photoshop.h"
#include "codecs/png_chunks.h"

namespace pixmill::codecs {
namespace {

using namespace std::literals;

constexpr std::string_view kExifPrefix = "Exif\0\0"sv;
constexpr std::string_view kRawProfile = "Raw profile type "sv;

std::vector<std::byte> to_vector(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

std::span<const std::byte> without_prefix(std::span<const std::byte> block) {
  const bool framed =
      block.size() > kExifPrefix.size() && std::memcmp(block.data(), kExifPrefix.data(), kExifPrefix.size()) == 0;
  return framed ? block.subspan(kExifPrefix.size()) : block;
}

// ImageMagick's text form of a block: a name, a length in decimal, then hexadecimal digits, each after a line break.
std::vector<std::byte> decode_raw_profile(std::string_view text) {
  const auto skip_while = [&](auto matches) {
    while (!text.empty() && matches(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  };
  const auto is_space = [](unsigned char c) { return std::isspace(c) != 0; };
  skip_while(is_space);
  skip_while([&](unsigned char c) { return !is_space(c); });
  skip_while(is_space);
  skip_while([](unsigned char c) { return std::isdigit(c) != 0; });
  std::vector<std::byte> block;
  int high = -1;
  for (const char c : text) {
    if (!std::isxdigit(static_cast<unsigned char>(c))) continue;
    const int digit = g_ascii_xdigit_value(c);
    if (high < 0) {
      high = digit;
    } else {
      block.push_back(static_cast<std::byte>(high << 4 | digit));
      high = -1;
    }
  }
  return block;
}

struct RawProfileSearch {
  std::vector<std::byte> block;
};

void* find_raw_exif(VipsImage*, const char* name, GValue* value, void* data) {
  const std::string_view field = name;
  if (field.find(kRawProfile) == std::string_view::npos || !(field.ends_with("exif") || field.ends_with("APP1"))) {
    return nullptr;
  }
  if (!G_VALUE_HOLDS(value, VIPS_TYPE_REF_STRING)) return nullptr;
  auto* search = static_cast<RawProfileSearch*>(data);
  search->block = decode_raw_profile(vips_value_get_ref_string(value, nullptr));
  return search;
}

std::vector<std::byte> read_png_exif(VipsImage* opened, std::span<const std::byte> file) {
  if (const auto chunk = find_png_chunk(file, "eXIf"); !chunk.empty()) return to_vector(without_prefix(chunk));
  RawProfileSearch search;
  vips_image_map(opened, find_raw_exif, &search);
  return to_vector(without_prefix(search.block));
}

// libvips fills in 1 pixel a millimetre, or 72 an inch, where the file is silent.
bool is_stated(double pixels_per_mm) {
  constexpr double kScreen = 72.0 / 25.4;
  return pixels_per_mm != 1.0 && std::abs(pixels_per_mm - kScreen) > 1e-6;
}

void attach(VipsImage* picture, const char* name, std::span<const std::byte> block) {
  if (!block.empty()) vips_image_set_blob_copy(picture, name, block.data(), block.size());
}

}  // namespace

std::span<const std::byte> blob_of(VipsImage* opened, const char* name) {
  const void* data = nullptr;
  std::size_t bytes = 0;
  if (vips_image_get_typeof(opened, name) == 0 || vips_image_get_blob(opened, name, &data, &bytes) != 0) return {};
  return {static_cast<const std::byte*>(data), bytes};
}

std::vector<std::byte> read_exif(VipsImage* opened, Format format, std::span<const std::byte> file) {
  const auto block = without_prefix(blob_of(opened, VIPS_META_EXIF_NAME));
  if (block.empty() && format == Format::png) return read_png_exif(opened, file);
  return to_vector(block);
}

int orientation_of(VipsImage* opened, Format format, std::span<const std::byte> file) {
  switch (format) {
    case Format::jpeg:
    case Format::webp:
    case Format::png: return exif_orientation(read_exif(opened, format, file));
    case Format::tiff: return std::clamp(vips_image_get_orientation(opened), 1, 8);
    default: return 1;  // AVIF, HEIC and JPEG XL say it in the container, and their decoders have obeyed
  }
}

Metadata read_metadata(VipsImage* opened, Format format, std::span<const std::byte> file, Size size) {
  Metadata metadata;
  metadata.exif = read_exif(opened, format, file);
  settle_exif(metadata.exif, size);
  metadata.xmp = to_vector(blob_of(opened, VIPS_META_XMP_NAME));
  metadata.iptc = to_vector(unwrap_iptc(blob_of(opened, VIPS_META_IPTC_NAME)));
  metadata.icc = to_vector(blob_of(opened, VIPS_META_ICC_NAME));
  metadata.pixels_per_mm = is_stated(opened->Xres) ? opened->Xres : 0.0;
  return metadata;
}

std::vector<std::byte> srgb_profile() {
  VipsBlob* blob = nullptr;
  if (vips_profile_load("srgb", &blob, nullptr) != 0 || blob == nullptr) return {};
  std::size_t bytes = 0;
  const auto* data = static_cast<const std::byte*>(vips_blob_get(blob, &bytes));
  std::vector<std::byte> profile(data, data + bytes);
  vips_area_unref(VIPS_AREA(blob));
  return profile;
}

void attach_metadata(VipsImage* picture, Format format, const Metadata& metadata) {
  if (!metadata.exif.empty()) {
    std::vector<std::byte> settled = metadata.exif;
    settle_exif(settled, {picture->Xsize, picture->Ysize});
    const auto* prefix = reinterpret_cast<const std::byte*>(kExifPrefix.data());
    settled.insert(settled.begin(), prefix, prefix + kExifPrefix.size());
    attach(picture, VIPS_META_EXIF_NAME, settled);
  }
  attach(picture, VIPS_META_XMP_NAME, metadata.xmp);
  if (!metadata.iptc.empty()) {
    attach(picture, VIPS_META_IPTC_NAME, format == Format::jpeg ? wrap_iptc(metadata.iptc) : metadata.iptc);
  }
  if (!metadata.icc.empty() && picture->Bands >= 3) {
    attach(picture, VIPS_META_ICC_NAME, srgb_profile());
  }
  if (metadata.pixels_per_mm > 0) {
    picture->Xres = picture->Yres = metadata.pixels_per_mm;
  }
}

}  // namespace pixmill::codecs
