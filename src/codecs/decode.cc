#include <algorithm>
#include <optional>
#include <utility>

#include "codecs/bmp.h"
#include "codecs/input_file.h"
#include "codecs/jpeg_rows.h"
#include "codecs/metadata.h"
#include "codecs/open.h"
#include "codecs/reading.h"
#include "codecs/sniff.h"
#include "codecs/upright.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"

namespace pixmill::codecs {
namespace {

using Bytes = std::span<const std::byte>;

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

// How many times smaller a picture may be decoded so that it is not smaller than `least`: 1, 2, 4 or 8.
int reduction_for(Size stored, Size least) {
  int reduction = 1;
  while (reduction < 8) {
    const Size next = reduced(stored, 2 * reduction);
    if (next.width < least.width || next.height < least.height) break;
    reduction *= 2;
  }
  return reduction;
}

// Whether libjpeg's rows are what libvips makes of the file: no conversion of colours.
bool is_plain_jpeg(const Picture& picture, const ColourPlan& plan) {
  const bool rgb_or_gray = plan.layout.bands == 3 || plan.layout.bands == 1;
  return picture.format == Format::jpeg && plan.step == ColourPlan::Step::none && rgb_or_gray &&
         plan.layout.kind == RowLayout::Kind::take && plan.layout.type == PixelType::u8;
}

// False where libjpeg gives no picture.
bool decode_jpeg(Picture& picture, Bytes file, Size stored, int orientation, const RowLayout& layout, Size least) {
  const int reduction = reduction_for(stored, orientation >= 5 ? Size{least.height, least.width} : least);
  const Size size = reduced(stored, reduction);
  Image image(upright(size, orientation), layout.channels, layout.type);
  UprightWriter writer(size, orientation, layout, image);
  if (!read_jpeg_rows(file, stored, layout.bands, reduction, writer)) return false;
  picture.image = std::move(image);
  return true;
}

// Without libvips, whose objects take longer than a small picture; metadata are left out. False where that cannot be
// done.
bool decode_plain_jpeg(Picture& picture, Bytes file, std::string_view name, const DecodeOptions& options) {
  const std::optional<JpegHead> head = read_jpeg_head(file);
  if (!head || head->in_passes) return false;
  check_pixels(head->size, options.max_pixels, name);
  picture.full = upright(head->size, head->orientation);
  const RowLayout layout = {.bands = head->bands, .channels = head->bands};
  const Size least = options.least ? options.least(picture.full) : picture.full;
  return decode_jpeg(picture, file, head->size, head->orientation, layout, least);
}

// The decoding itself; false where libvips fails.
bool decode_into(Picture& picture, Bytes file, std::string_view name, const DecodeOptions& options,
                 VipsFailOn fail_on) {
  const Ref<VipsImage> opened = open(picture.format, file, fail_on);
  if (!opened) return false;
  const Size stored = size_of(opened.get());
  check_pixels(stored, options.max_pixels, name);
  ColourPlan plan;
  const Ref<VipsImage> ready = to_srgb(opened.get(), picture.format, name, plan);
  if (!ready) return false;
  const int orientation = orientation_of(opened.get(), picture.format, file);
  picture.full = upright(stored, orientation);
  if (options.metadata) picture.metadata = read_metadata(opened.get(), picture.format, file, picture.full);
  const Size least = options.least ? options.least(picture.full) : picture.full;
  if (is_plain_jpeg(picture, plan) && decode_jpeg(picture, file, stored, orientation, plan.layout, least)) return true;
  Image image(upright(stored, orientation), plan.layout.channels, plan.layout.type);
  UprightWriter writer(stored, orientation, plan.layout, image);
  if (!read_rows(ready.get(), writer)) return false;
  picture.image = std::move(image);
  return true;
}

}  // namespace

Picture decode(Bytes file, std::string_view name, const DecodeOptions& options) {
  Picture picture;
  picture.format = identify(file, name);
  picture.bytes_in_file = file.size();
  if (picture.format == Format::bmp) {
    const BmpReader reader(file, name);
    check_pixels(reader.size(), options.max_pixels, name);
    picture.image = reader.read();
    picture.full = picture.image.size();
    picture.metadata.pixels_per_mm = reader.pixels_per_mm();
    return picture;
  }
  if (picture.format == Format::jpeg && !options.metadata && decode_plain_jpeg(picture, file, name, options))
    return picture;
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
  if (header.format == Format::jpeg) {
    if (const std::optional<JpegHead> head = read_jpeg_head(file)) {
      header.size = upright(head->size, head->orientation);
      header.channels = head->bands;
      header.in_passes = head->in_passes;
      header.orientation = head->orientation;
      return header;
    }
  }
  refuse_preview(header.format, file, name);
  start_vips();
  require_reader(header.format, name);
  read_strictly(header.format, name, [&](VipsFailOn fail_on) {
    const Ref<VipsImage> opened = open(header.format, file, fail_on);
    if (!opened) return false;
    const ColourPlan plan = plan_colour(opened.get(), header.format, name, UseProfile::yes);
    header.orientation = orientation_of(opened.get(), header.format, file);
    header.size = upright(size_of(opened.get()), header.orientation);
    header.channels = plan.layout.channels;
    header.bits = plan.layout.type == PixelType::u8 ? 8 : 16;
    header.in_passes = is_in_passes(opened.get());
    return true;
  });
  return header;
}

Header read_header_of(const std::filesystem::path& path) {
  constexpr std::size_t kHead = std::size_t{1} << 17;  // an EXIF block has 64 KB at most, and profiles stand behind it
  const InputFile file(path);
  const std::vector<std::byte> head = file.bytes_at(0, kHead);
  if (sniff(head) == Format::jpeg) {
    try {
      return read_header(head, path.string());
    } catch (const Error&) {  // its first part is longer, or it is damaged
    }
  }
  return read_header(read_file(path), path.string());
}

}  // namespace pixmill::codecs
