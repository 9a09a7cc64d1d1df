#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include "codecs/bmp.h"
#include "codecs/colour.h"
#include "codecs/exif.h"
#include "codecs/metadata.h"
#include "codecs/open.h"
#include "codecs/rows.h"
#include "codecs/sniff.h"
#include "codecs/vips.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

using Bytes = std::span<const std::byte>;

// Rows that are fetched at a time: a few of the decoder's own strips, small enough to stay in the cache.
constexpr int kStripRows = 16;

Size size_of(VipsImage* opened) {
  return {opened->Xsize, opened->Ysize};
}

Error failed(std::string_view name, Format format, const std::string& reason) {
  const auto mentions = [&](const char* word) { return reason.find(word) != std::string::npos; };
  const std::string subject = std::string(name) + " (" + std::string(name_of(format)) + ")";
  if (mentions("out of memory") || mentions("unable to allocate") || mentions("Insufficient memory")) {
    return Error(ErrorCode::out_of_memory, subject + " does not fit into memory: " + reason,
                 "lower --memory or --threads");
  }
  if (mentions("nsupported") || mentions("not supported") || mentions("No decoding plugin")) {
    return Error(ErrorCode::unsupported, subject + " is of a variant that cannot be read: " + reason,
                 "convert the file with the program that made it");
  }
  const bool truncated = mentions("remature end") || mentions("truncated") || mentions("end of file");
  return Error(ErrorCode::corrupt, subject + (truncated ? " is truncated: " : " is damaged: ") + reason,
               truncated ? "the end of the file is missing: copy it again from where it came from"
                         : "copy the file again from where it came from, or leave it out");
}

// Warnings of libjpeg that cost no pixel: stray bytes between segments, but not between the parts of a scan.
bool is_harmless(Format format, const std::string& reason) {
  constexpr std::string_view kStray = "extraneous bytes before marker 0x";
  const std::size_t at = reason.find(kStray);
  if (format != Format::jpeg || at == std::string::npos || reason.find(';') != std::string::npos) return false;
  const std::string_view marker = std::string_view(reason).substr(at + kStray.size(), 2);
  const bool restart = marker.size() == 2 && marker[0] == 'd' && marker[1] <= '7';
  return !restart;
}

// Refuses camera raw files, which would give their thumbnail.
void refuse_preview(Format format, Bytes file, std::string_view name) {
  if (format != Format::tiff || !begins_with_preview(file)) return;
  throw Error(ErrorCode::unsupported, std::string(name) + " looks like a camera raw file",
              "only its small preview could be read; develop it to TIFF or JPEG first");
}

bool read_rows(VipsImage* source, UprightWriter& writer) {
  const Ref<VipsRegion> region(vips_region_new(source));
  for (int y = 0; y < source->Ysize; y += kStripRows) {
    const VipsRect strip = {0, y, source->Xsize, std::min(kStripRows, source->Ysize - y)};
    if (vips_region_prepare(region.get(), &strip) != 0) return false;
    writer.write(reinterpret_cast<const std::byte*>(VIPS_REGION_ADDR(region.get(), 0, y)),
                 static_cast<std::size_t>(VIPS_REGION_LSKIP(region.get())), y, strip.height);
  }
  return true;
}

std::string megapixels(std::int64_t pixels) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f megapixels", static_cast<double>(pixels) / 1e6);
  return text;
}

void check_pixels(Size size, const DecodeOptions& options, std::string_view name) {
  if (options.max_pixels <= 0 || size.area() <= options.max_pixels) return;
  throw Error(ErrorCode::too_large,
              std::string(name) + " is " + std::to_string(size.width) + "x" + std::to_string(size.height) + ", " +
                  megapixels(size.area()) + ", above the limit of " + megapixels(options.max_pixels),
              "raise the limit with --max-pixels if the picture is really that large");
}

// The decoding itself; false where libvips fails.
bool decode_into(Picture& picture, Bytes file, std::string_view name, const DecodeOptions& options,
                 VipsFailOn fail_on) {
  const Ref<VipsImage> opened = open(picture.format, file, fail_on);
  if (!opened) return false;
  check_pixels(size_of(opened.get()), options, name);
  ColourPlan plan = plan_colour(opened.get(), picture.format, name, UseProfile::yes);
  Ref<VipsImage> ready = apply(plan, opened.get());
  if (!ready && plan.step == ColourPlan::Step::profile) {  // a profile that cannot be used is ignored
    plan = plan_colour(opened.get(), picture.format, name, UseProfile::no);
    ready = apply(plan, opened.get());
  }
  if (!ready) return false;
  UprightWriter writer(size_of(opened.get()), orientation_of(opened.get(), picture.format, file), plan.layout);
  if (!read_rows(ready.get(), writer)) return false;
  picture.image = writer.take();
  if (options.metadata) picture.metadata = read_metadata(opened.get(), picture.format, file, picture.image.size());
  return true;
}

// Runs `read` with any warning of the codec being an error; where that warning costs no pixel, once more without.
template <typename Read>
void read_strictly(Format format, std::string_view name, const Read& read) {
  auto reason = failure_of([&] { return read(VIPS_FAIL_ON_WARNING); });
  if (reason && is_harmless(format, *reason)) {
    reason = failure_of([&] { return read(VIPS_FAIL_ON_TRUNCATED); });
  }
  if (reason) throw failed(name, format, *reason);
}

}  // namespace

Picture decode(Bytes file, std::string_view name, const DecodeOptions& options) {
  Picture picture;
  picture.format = identify(file, name);
  picture.bytes_in_file = file.size();
  if (picture.format == Format::bmp) {
    const BmpReader reader(file, name);
    check_pixels(reader.size(), options, name);
    picture.image = reader.read();
    picture.metadata.pixels_per_mm = reader.pixels_per_mm();
    return picture;
  }
  refuse_preview(picture.format, file, name);
  start_vips();
  require_reader(picture.format, name);
  read_strictly(picture.format, name,
                [&](VipsFailOn fail_on) { return decode_into(picture, file, name, options, fail_on); });
  return picture;
}

Header read_header(Bytes file, std::string_view name) {
  Header header;
  header.format = identify(file, name);
  if (header.format == Format::bmp) {
    const BmpReader reader(file, name);
    header.size = reader.size();
    header.channels = reader.channels();
    return header;
  }
  refuse_preview(header.format, file, name);
  start_vips();
  require_reader(header.format, name);
  read_strictly(header.format, name, [&](VipsFailOn fail_on) {
    const Ref<VipsImage> opened = open(header.format, file, fail_on);
    if (!opened) return false;
    const ColourPlan plan = plan_colour(opened.get(), header.format, name, UseProfile::yes);
    header.size = upright(size_of(opened.get()), orientation_of(opened.get(), header.format, file));
    header.channels = plan.layout.channels;
    header.bits = plan.layout.type == PixelType::u8 ? 8 : 16;
    return true;
  });
  return header;
}

}  // namespace pixmill::codecs
