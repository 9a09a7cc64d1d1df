#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "codecs/bmp.h"
#include "codecs/exif.h"
#include "codecs/metadata.h"
#include "codecs/open.h"
#include "codecs/png_chunks.h"
#include "codecs/vips.h"
#include "codecs/webp_chunks.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

// Chosen on cut-outs of ECSSD photographs (400x300, RGBA, zlib 1.2.13, one core of an EPYC), ms and KB a picture:
//   background cleared: none/1 1.74 55, up/1 1.68 50, up/2 1.74 50, up/6 3.80 47, paeth/2 2.24 51, all/2 3.23 49
//   background kept:    none/1 7.58 311, up/1 6.38 276, up/2 6.96 271, up/6 21.3 287, paeth/2 7.96 270, all/2 8.74 262
constexpr int kPngCompression = 2;
constexpr int kPngFilter = VIPS_FOREIGN_PNG_FILTER_UP;
constexpr int kLossless = 100;

bool is_eight_bit(Format format) {
  return format == Format::jpeg || format == Format::webp || format == Format::gif || format == Format::bmp;
}

const char* writer_of(Format format) {
  switch (format) {
    case Format::jpeg: return "jpegsave_buffer";
    case Format::png: return "pngsave_buffer";
    case Format::webp: return "webpsave_buffer";
    case Format::tiff: return "tiffsave_buffer";
    case Format::avif:
    case Format::heic: return "heifsave_buffer";
    case Format::jxl: return "jxlsave_buffer";
    case Format::gif: return "gifsave_buffer";
    case Format::bmp: break;  // written without libvips
  }
  return "";
}

template <typename From, typename To, typename Convert>
Image convert(ImageView image, const Convert& convert_sample) {
  Image result(image.size(), image.channels(), pixel_type_of<To>());
  const int samples = image.width() * image.channels();
  for (int y = 0; y < image.height(); ++y) {
    std::transform(image.row<From>(y), image.row<From>(y) + samples, result.row<To>(y), convert_sample);
  }
  return result;
}

// The pixels in a type that the format can hold, in packed rows; `owner` keeps them where they had to be changed.
ImageView writable(ImageView image, Format format, Image& owner) {
  const bool narrow = is_eight_bit(format);
  if (image.type() == PixelType::f32) {
    const auto scaled = [](float v, float top) { return std::lround(std::clamp(v, 0.0F, 1.0F) * top); };
    owner = narrow ? convert<float, std::uint8_t>(image, [&](float v) { return scaled(v, 255.0F); })
                   : convert<float, std::uint16_t>(image, [&](float v) { return scaled(v, 65535.0F); });
  } else if (image.type() == PixelType::u16 && narrow) {
    owner = convert<std::uint16_t, std::uint8_t>(image, [](std::uint32_t v) { return (v + 128) / 257; });
  } else if (image.stride() != static_cast<std::size_t>(image.width()) * image.channels() * bytes_of(image.type())) {
    owner = copy(image);
  } else {
    return image;
  }
  return owner;
}

Ref<VipsImage> wrap(ImageView image) {
  const bool wide = image.type() == PixelType::u16;
  const std::size_t bytes = image.stride() * static_cast<std::size_t>(image.height());
  VipsImage* wrapped = vips_image_new_from_memory(image.row_bytes(0), bytes, image.width(), image.height(),
                                                  image.channels(), wide ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR);
  if (wrapped == nullptr) return nullptr;
  wrapped->Type = image.channels() == 1 ? (wide ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W)
                                        : (wide ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB);
  return Ref<VipsImage>(wrapped);
}

// Calls the writer of the format; null where libvips fails.
VipsBlob* save(VipsImage* picture, const EncodeOptions& options) {
  VipsBlob* blob = nullptr;
  const int quality = std::clamp(options.quality, 1, 100);
  const gboolean lossless = quality == kLossless;
  const gboolean bare = options.metadata == nullptr;
  const char* writer = writer_of(options.format);
  switch (options.format) {
    case Format::jpeg:
      vips_call(writer, picture, &blob, "Q", quality, "optimize_coding", TRUE, "strip", bare, nullptr);
      break;
    case Format::png: {
      const int level = options.compression < 0 ? kPngCompression : std::min(options.compression, 9);
      vips_call(writer, picture, &blob, "compression", level, "filter", kPngFilter, "strip", bare, nullptr);
      break;
    }
    case Format::webp:
      vips_call(writer, picture, &blob, "Q", quality, "lossless", lossless, "strip", bare, nullptr);
      break;
    case Format::tiff: {
      const auto compression =
          options.compression == 0 ? VIPS_FOREIGN_TIFF_COMPRESSION_NONE : VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE;
      vips_call(writer, picture, &blob, "compression", compression, "predictor", VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL,
                "strip", bare, nullptr);
      break;
    }
    case Format::avif:
    case Format::heic: {
      const auto codec =
          options.format == Format::avif ? VIPS_FOREIGN_HEIF_COMPRESSION_AV1 : VIPS_FOREIGN_HEIF_COMPRESSION_HEVC;
      vips_call(writer, picture, &blob, "Q", quality, "lossless", lossless, "compression", codec, "strip", bare,
                nullptr);
      break;
    }
    case Format::jxl:
      vips_call(writer, picture, &blob, "Q", quality, "lossless", lossless, "effort", 4, "strip", bare, nullptr);
      break;
    case Format::gif: vips_call(writer, picture, &blob, "strip", bare, nullptr); break;
    case Format::bmp: break;
  }
  return blob;
}

// The PNG writers of libvips differ in whether they write EXIF.
void add_png_exif(std::vector<std::byte>& file, const Metadata& metadata, Size size) {
  if (!find_png_chunk(file, "eXIf").empty()) return;
  std::vector<std::byte> settled = metadata.exif;
  settle_exif(settled, size);
  insert_png_chunk(file, "eXIf", settled);
}

std::vector<std::byte> take(VipsBlob* blob) {
  std::size_t bytes = 0;
  const auto* data = static_cast<const std::byte*>(vips_blob_get(blob, &bytes));
  std::vector<std::byte> file(data, data + bytes);
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
    VipsBlob* blob = save(picture.get(), options);
    if (blob == nullptr) return false;
    file = take(blob);
    return true;
  });
}

// libvips may have a writer for HEIF without the encoder that it needs: only trying tells.
FormatSupport support_of(Format format) {
  FormatSupport support{format, has_reader(format), format == Format::bmp || has_operation(writer_of(format))};
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

Error cannot_write(Format format, const std::string& reason) {
  std::string others;
  for (const FormatSupport& row : supported_formats()) {
    if (row.write) others.append(others.empty() ? "" : ", ").append(name_of(row.format));
  }
  return Error(ErrorCode::unsupported, "the installed libvips cannot write " + std::string(name_of(format)) + reason,
               "it can write " + others);
}

void refuse_alpha(ImageView image, Format format) {
  if (image.channels() != 4 || holds_alpha(format)) return;
  throw Error(ErrorCode::unsupported, std::string(name_of(format)) + " cannot hold transparency",
              "write png, webp, tiff or avif, or put a background behind the picture");
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
  refuse_alpha(image, options.format);
  Image owner;
  const ImageView pixels = writable(image, options.format, owner);
  if (options.format == Format::bmp) {
    return encode_bmp(pixels, options.metadata != nullptr ? options.metadata->pixels_per_mm : 0.0);
  }
  start_vips();
  if (!has_operation(writer_of(options.format))) throw cannot_write(options.format, "");
  std::vector<std::byte> file;
  if (const auto reason = encode_with_vips(pixels, options, file)) {
    const bool missing = reason->find("nsupported") != std::string::npos;
    if (missing) throw cannot_write(options.format, ": " + *reason);
    throw Error(ErrorCode::internal,
                "a picture cannot be written as " + std::string(name_of(options.format)) + ": " + *reason,
                "choose another format");
  }
  const bool has_exif = options.metadata != nullptr && !options.metadata->exif.empty();
  if (options.format == Format::png && has_exif) add_png_exif(file, *options.metadata, image.size());
  if (options.format == Format::webp && !has_exif) drop_webp_exif(file);  // libvips always writes one
  return file;
}

}  // namespace pixmill::codecs
