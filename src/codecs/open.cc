#include "codecs/open.h"

#include <string>

#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

const char* reader_of(Format format) {
  switch (format) {
    case Format::jpeg: return "jpegload_buffer";
    case Format::png: return "pngload_buffer";
    case Format::webp: return "webpload_buffer";
    case Format::tiff: return "tiffload_buffer";
    case Format::avif:
    case Format::heic: return "heifload_buffer";
    case Format::jxl: return "jxlload_buffer";
    case Format::gif: return "gifload_buffer";
    case Format::bmp: break;  // read without libvips
  }
  return "";
}

}  // namespace

bool has_reader(Format format) {
  return format == Format::bmp || has_operation(reader_of(format));
}

void require_reader(Format format, std::string_view name) {
  if (has_reader(format)) return;
  throw Error(ErrorCode::unsupported,
              std::string(name) + " is " + std::string(name_of(format)) + ", which the installed libvips cannot read",
              "install libvips with this codec, or convert the file");
}

Ref<VipsImage> open(Format format, std::span<const std::byte> file, VipsFailOn fail_on) {
  VipsBlob* blob = vips_blob_new(nullptr, file.data(), file.size());
  VipsImage* image = nullptr;
  vips_call(reader_of(format), blob, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, nullptr);
  vips_area_unref(VIPS_AREA(blob));
  return Ref<VipsImage>(image);
}

}  // namespace pixmill::codecs
