#include "codecs/open.h"

#include <string>

#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

std::string reader_of(Format format) {
  switch (format) {
    case Format::jpeg: return "jpegload";
    case Format::png: return "pngload";
    case Format::webp: return "webpload";
    case Format::tiff: return "tiffload";
    case Format::avif:
    case Format::heic: return "heifload";
    case Format::jxl: return "jxlload";
    case Format::gif: return "gifload";
    case Format::bmp: break;  // read without libvips
  }
  return "";
}

}  // namespace

bool has_reader(Format format) {
  return format == Format::bmp || has_operation((reader_of(format) + "_buffer").c_str());
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
  vips_call((reader_of(format) + "_buffer").c_str(), blob, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on,
            nullptr);
  vips_area_unref(VIPS_AREA(blob));
  return Ref<VipsImage>(image);
}

bool has_row_reader(Format format) {
  return has_operation((reader_of(format) + "_source").c_str());
}

Ref<VipsImage> open(Format format, VipsSource* source, VipsFailOn fail_on) {
  VipsImage* image = nullptr;
  vips_call((reader_of(format) + "_source").c_str(), source, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
            fail_on, nullptr);
  return Ref<VipsImage>(image);
}

}  // namespace pixmill::codecs
