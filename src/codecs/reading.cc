#include "codecs/reading.h"

#include <cstdio>

#include "codecs/exif.h"

namespace pixmill::codecs {
namespace {

std::string megapixels(std::int64_t pixels) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f megapixels", static_cast<double>(pixels) / 1e6);
  return text;
}

}  // namespace

void check_pixels(Size size, std::int64_t most, std::string_view name) {
  if (most <= 0 || size.area() <= most) return;
  throw Error(ErrorCode::too_large,
              std::string(name) + " is " + std::to_string(size.width) + "x" + std::to_string(size.height) + ", " +
                  megapixels(size.area()) + ", above the limit of " + megapixels(most),
              "raise the limit with --max-pixels if the picture is really that large");
}

void refuse_preview(Format format, std::span<const std::byte> file, std::string_view name) {
  if (format != Format::tiff || !begins_with_preview(file)) return;
  throw Error(ErrorCode::unsupported, std::string(name) + " looks like a camera raw file",
              "only its small preview could be read; develop it to TIFF or JPEG first");
}

Ref<VipsImage> to_srgb(VipsImage* opened, Format format, std::string_view name, ColourPlan& plan) {
  plan = plan_colour(opened, format, name, UseProfile::yes);
  Ref<VipsImage> ready = apply(plan, opened);
  if (ready || plan.step != ColourPlan::Step::profile) return ready;
  plan = plan_colour(opened, format, name, UseProfile::no);
  return apply(plan, opened);
}

bool is_in_passes(VipsImage* opened) {
  for (const char* field : {"interlaced", "jpeg-multiscan"}) {  // as newer and older releases of libvips call it
    int value = 0;
    if (vips_image_get_typeof(opened, field) == G_TYPE_INT && vips_image_get_int(opened, field, &value) == 0 && value)
      return true;
  }
  return false;
}

Error read_failure(std::string_view name, Format format, const std::string& reason) {
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

bool is_harmless(Format format, const std::string& reason) {
  constexpr std::string_view kStray = "extraneous bytes before marker 0x";
  const std::size_t at = reason.find(kStray);
  if (format != Format::jpeg || at == std::string::npos || reason.find(';') != std::string::npos) return false;
  const std::string_view marker = std::string_view(reason).substr(at + kStray.size(), 2);
  const bool restart = marker.size() == 2 && marker[0] == 'd' && marker[1] <= '7';
  return !restart;
}

}  // namespace pixmill::codecs
