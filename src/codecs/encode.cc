#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "codecs/bmp.h"
#include "codecs/metadata.h"
#include "codecs/open.h"
#include "codecs/png_file.h"
#include "codecs/save.h"
#include "codecs/vips.h"
#include "codecs/webp_chunks.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

// The pixels in a type that the format can hold, in packed rows; `owner` keeps them where they had to be changed.
ImageView writable(ImageView image, Format format, Image& owner) {
  const ImageView stored = as_stored(image, format, owner);
  const std::size_t row_bytes = static_cast<std::size_t>(stored.width()) * stored.channels() * bytes_of(stored.type());
  if (stored.stride() == row_bytes) return stored;
  owner = copy(stored);
  return owner;
}

Ref<VipsImage> wrap(ImageView image) {
  const std::size_t bytes = image.stride() * static_cast<std::size_t>(image.height());
  VipsImage* wrapped = vips_image_new_from_memory(image.row_bytes(0), bytes, image.width(), image.height(),
                                                  image.channels(), band_format_of(image.type()));
  if (wrapped == nullptr) return nullptr;
  wrapped->Type = interpretation_of(image.channels(), image.type());
  return Ref<VipsImage>(wrapped);
}

// Gives whole pages of `bytes` back to the system; nobody reads them any more.
void drop_pages(std::span<std::byte> bytes) {
  static const auto kPage = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* begin = bytes.data();
  std::size_t left = bytes.size();
  if (std::align(kPage, kPage, begin, left) == nullptr) return;  // no whole page
  ::madvise(begin, left / kPage * kPage, MADV_DONTNEED);
}

// The file is copied in pieces, and what was copied is given back at once: it is never in memory twice.
std::vector<std::byte> take(VipsBlob* blob) {
  constexpr std::size_t kPiece = std::size_t{1} << 18;
  std::size_t bytes = 0;
  auto* data = static_cast<std::byte*>(const_cast<void*>(vips_blob_get(blob, &bytes)));  // the blob is ours
  std::vector<std::byte> file;
  file.reserve(bytes);
  for (std::size_t at = 0; at < bytes; at += kPiece) {
    const std::span piece(data + at, std::min(kPiece, bytes - at));
    file.insert(file.end(), piece.begin(), piece.end());
    if (piece.size() == kPiece) drop_pages(piece);
  }
  vips_area_unref(VIPS_AREA(blob));
  return file;
}

// Encodes with libvips; gives the reason where that fails. `image`: writable().
std::optional<std::string> encode_with_vips(ImageView image, const EncodeOptions& options,
                                            std::vector<std::byte>& file) {
  return failure_of([&] {
    const Ref<VipsImage> picture = wrap(image);
    if (!picture) return false;
    if (options.metadata != nullptr) attach_metadata(picture.get(), options.format, *options.metadata);
    VipsBlob* blob = save_to_memory(picture.get(), options, HuffmanTables::best);
    if (blob == nullptr) return false;
    file = take(blob);
    return true;
  });
}

// libvips may have a writer for HEIF without the encoder that it needs: only trying tells.
FormatSupport support_of(Format format) {
  FormatSupport support{format, has_reader(format), has_writer(format)};
  if (format != Format::avif && format != Format::heic) return support;
  Image probe({16, 16}, 3);
  std::memset(probe.data(), 0, probe.bytes());
  EncodeOptions options;
  options.format = format;
  std::vector<std::byte> file;
  support.write = support.write && !encode_with_vips(probe, options, file);
  if (support.write && support.read) {
    support.read = !failure_of([&] {
      const Ref<VipsImage> opened = open(format, file, VIPS_FAIL_ON_ERROR);
      double mean = 0;
      return opened && vips_avg(opened.get(), &mean, nullptr) == 0;
    });
  }
  return support;
}

}  // namespace

std::vector<FormatSupport> supported_formats() {
  start_vips();
  static const std::vector<FormatSupport> formats = [] {
    std::vector<FormatSupport> rows;
    for (const Format format : {Format::jpeg, Format::png, Format::webp, Format::tiff, Format::avif, Format::heic,
                                Format::jxl, Format::bmp, Format::gif}) {
      rows.push_back(support_of(format));
    }
    return rows;
  }();
  return formats;
}

std::string libvips_version() {
  return std::to_string(vips_version(0)) + "." + std::to_string(vips_version(1)) + "." +
         std::to_string(vips_version(2));
}

std::vector<std::byte> encode(ImageView image, const EncodeOptions& options) {
  if (image.empty()) throw Error(ErrorCode::internal, "an empty picture was to be encoded");
  check_limits(options.format, image.size(), image.channels(), "a picture");
  Image owner;
  const ImageView pixels = writable(image, options.format, owner);
  if (options.format == Format::bmp) {
    return encode_bmp(pixels, options.metadata != nullptr ? options.metadata->pixels_per_mm : 0.0);
  }
  start_vips();
  if (options.format == Format::png) return encode_png(pixels, options);
  if (!has_writer(options.format)) throw cannot_write(options.format, "");
  std::vector<std::byte> file;
  if (const auto reason = encode_with_vips(pixels, options, file)) {
    const bool missing = reason->find("nsupported") != std::string::npos;
    if (missing) throw cannot_write(options.format, ": " + *reason);
    throw Error(ErrorCode::internal,
                "a picture cannot be written as " + std::string(name_of(options.format)) + ": " + *reason,
                "choose another format");
  }
  const bool has_exif = options.metadata != nullptr && !options.metadata->exif.empty();
  if (options.format == Format::webp && !has_exif) drop_webp_exif(file);  // libvips always writes one
  return file;
}

}  // namespace pixmill::codecs
