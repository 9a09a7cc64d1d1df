#include "codecs/save.h"

#include <algorithm>
#include <cmath>

namespace pixmill::codecs {
namespace {

constexpr int kLossless = 100;

// Classic TIFF counts its bytes in 32 bits. What compression may add and the directories fit into the rest.
constexpr std::int64_t kClassicTiffPixelBytes = 4'000'000'000;

bool is_eight_bit(Format format) {
  return format == Format::jpeg || format == Format::webp || format == Format::gif || format == Format::bmp;
}

std::string writer_of(Format format) {
  switch (format) {
    case Format::jpeg: return "jpegsave";
    case Format::webp: return "webpsave";
    case Format::tiff: return "tiffsave";
    case Format::avif:
    case Format::heic: return "heifsave";
    case Format::jxl: return "jxlsave";
    case Format::gif: return "gifsave";
    case Format::png:
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

bool is_big_tiff(VipsImage* picture) {
  return std::int64_t{picture->Xsize} * picture->Ysize * static_cast<std::int64_t>(VIPS_IMAGE_SIZEOF_PEL(picture)) >
         kClassicTiffPixelBytes;
}

// A strip is compressed as a whole: 128 rows as libvips has it, fewer where they are so long that memory would tell.
int rows_per_strip(VipsImage* picture) {
  constexpr std::size_t kMostBytes = std::size_t{16} << 20;
  return static_cast<int>(std::clamp<std::size_t>(kMostBytes / VIPS_IMAGE_SIZEOF_LINE(picture), 1, 128));
}

// What libvips is told of Effort: docs/formats.md has what was measured. WebP's own 6 takes minutes for soft alpha.
int vips_effort(Format format, Effort effort, bool lossless) {
  const auto of = [&](int fast, int balanced, int small) {
    return effort == Effort::fast ? fast : effort == Effort::small ? small : balanced;
  };
  switch (format) {
    case Format::webp: return lossless ? of(0, 2, 4) : of(0, 2, 5);
    case Format::avif: return of(2, 3, 6);
    case Format::jxl: return of(3, 4, 7);
    default: return 4;
  }
}

// `out`: what the writer takes beside the picture, a VipsBlob** or a VipsTarget*.
template <typename Out>
bool call_writer(const std::string& writer, VipsImage* picture, Out out, const EncodeOptions& options,
                 HuffmanTables tables) {
  const int quality = std::clamp(options.quality, 1, 100);
  const gboolean lossless = quality == kLossless;
  const gboolean bare = options.metadata == nullptr;
  const int effort = vips_effort(options.format, options.effort, lossless != 0);
  const char* name = writer.c_str();
  switch (options.format) {
    case Format::jpeg: {
      const gboolean optimize = tables == HuffmanTables::best;
      return vips_call(name, picture, out, "Q", quality, "optimize_coding", optimize, "strip", bare, nullptr) == 0;
    }
    case Format::webp:
      return vips_call(name, picture, out, "Q", quality, "lossless", lossless, "effort", effort, "strip", bare,
                       nullptr) == 0;
    case Format::tiff: {
      const auto compression =
          options.compressed ? VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE : VIPS_FOREIGN_TIFF_COMPRESSION_NONE;
      return vips_call(name, picture, out, "compression", compression, "predictor",
                       VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, "bigtiff", static_cast<gboolean>(is_big_tiff(picture)),
                       "tile_height", rows_per_strip(picture), "strip", bare, nullptr) == 0;
    }
    case Format::avif:
    case Format::heic: {
      const auto codec =
          options.format == Format::avif ? VIPS_FOREIGN_HEIF_COMPRESSION_AV1 : VIPS_FOREIGN_HEIF_COMPRESSION_HEVC;
      return vips_call(name, picture, out, "Q", quality, "lossless", lossless, "compression", codec, "effort", effort,
                       "strip", bare, nullptr) == 0;
    }
    case Format::jxl:
      return vips_call(name, picture, out, "Q", quality, "lossless", lossless, "effort", effort, "strip", bare,
                       nullptr) == 0;
    case Format::gif: return vips_call(name, picture, out, "strip", bare, nullptr) == 0;
    case Format::png:
    case Format::bmp: break;
  }
  return false;
}

}  // namespace

PixelType stored_type(Format format, PixelType type) {
  return is_eight_bit(format) || type == PixelType::u8 ? PixelType::u8 : PixelType::u16;
}

ImageView as_stored(ImageView image, Format format, Image& owner) {
  const bool narrow = is_eight_bit(format);
  if (image.type() == PixelType::f32) {
    const auto scaled = [](float v, float top) { return std::lround(std::clamp(v, 0.0F, 1.0F) * top); };
    owner = narrow ? convert<float, std::uint8_t>(image, [&](float v) { return scaled(v, 255.0F); })
                   : convert<float, std::uint16_t>(image, [&](float v) { return scaled(v, 65535.0F); });
  } else if (image.type() == PixelType::u16 && narrow) {
    owner = convert<std::uint16_t, std::uint8_t>(image, [](std::uint32_t v) { return (v + 128) / 257; });
  } else {
    return image;
  }
  return owner;
}

VipsBandFormat band_format_of(PixelType stored) {
  return stored == PixelType::u16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
}

VipsInterpretation interpretation_of(int channels, PixelType stored) {
  const bool wide = stored == PixelType::u16;
  if (channels == 1) return wide ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
  return wide ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
}

bool has_writer(Format format) {
  return writer_of(format).empty() || has_operation((writer_of(format) + "_buffer").c_str());
}

bool has_row_writer(Format format) {
  return has_operation((writer_of(format) + "_target").c_str());
}

Error cannot_write(Format format, const std::string& reason) {
  std::string others;
  for (const FormatSupport& row : supported_formats()) {
    if (row.write) others.append(others.empty() ? "" : ", ").append(name_of(row.format));
  }
  return Error(ErrorCode::unsupported, "the installed libvips cannot write " + std::string(name_of(format)) + reason,
               "it can write " + others);
}

VipsBlob* save_to_memory(VipsImage* picture, const EncodeOptions& options, HuffmanTables tables) {
  VipsBlob* blob = nullptr;
  const bool good = call_writer(writer_of(options.format) + "_buffer", picture, &blob, options, tables);
  return good ? blob : nullptr;
}

bool save_to_target(VipsImage* picture, VipsTarget* target, const EncodeOptions& options, HuffmanTables tables) {
  return call_writer(writer_of(options.format) + "_target", picture, target, options, tables);
}

}  // namespace pixmill::codecs
