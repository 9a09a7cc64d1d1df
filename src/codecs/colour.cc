#include "codecs/colour.h"

#include <algorithm>
#include <string>

#include "codecs/icc.h"
#include "codecs/metadata.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

using Step = ColourPlan::Step;
using Kind = RowLayout::Kind;

// True where the samples are device values (gray, RGB, CMYK) that need no arithmetic of a colour space.
bool is_device_space(VipsInterpretation space) {
  switch (space) {
    case VIPS_INTERPRETATION_MULTIBAND:
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16:
    case VIPS_INTERPRETATION_sRGB:
    case VIPS_INTERPRETATION_RGB:
    case VIPS_INTERPRETATION_RGB16:
    case VIPS_INTERPRETATION_CMYK: return true;
    default: return false;
  }
}

// Number of samples that carry colour; what follows them is alpha.
int colour_bands(VipsImage* opened) {
  if (vips_image_get_interpretation(opened) == VIPS_INTERPRETATION_CMYK && opened->Bands >= 4) return 4;
  return opened->Bands >= 3 ? 3 : 1;
}

bool fits(IccSpace space, VipsImage* opened) {
  const bool cmyk = vips_image_get_interpretation(opened) == VIPS_INTERPRETATION_CMYK;
  switch (space) {
    case IccSpace::gray: return colour_bands(opened) == 1;
    case IccSpace::rgb: return colour_bands(opened) == 3;
    case IccSpace::cmyk: return cmyk && colour_bands(opened) == 4;
    default: return false;
  }
}

// Bits that the file's own samples have where libvips keeps them in the upper part of 16.
int bits_of_heif(VipsImage* opened) {
  int bits = 16;
  if (vips_image_get_typeof(opened, "heif-bitdepth") != 0) vips_image_get_int(opened, "heif-bitdepth", &bits);
  return bits > 8 && bits < 16 ? bits : 16;
}

ColourPlan after_conversion(Step step, VipsImage* opened, int colours) {
  ColourPlan plan;
  plan.step = step;
  plan.layout.channels = opened->Bands > colours ? 4 : 3;
  plan.layout.bands = 3 + opened->Bands - colours;
  plan.layout.type = opened->BandFmt == VIPS_FORMAT_UCHAR ? PixelType::u8 : PixelType::u16;
  return plan;
}

}  // namespace

ColourPlan plan_colour(VipsImage* opened, Format format, std::string_view name, UseProfile use_profile) {
  const VipsInterpretation space = vips_image_get_interpretation(opened);
  if (opened->Coding != VIPS_CODING_NONE) return after_conversion(Step::colour_space, opened, opened->Bands);
  if (!is_device_space(space)) return after_conversion(Step::colour_space, opened, 3);
  if (opened->BandFmt != VIPS_FORMAT_UCHAR && opened->BandFmt != VIPS_FORMAT_USHORT) {
    throw Error(ErrorCode::unsupported,
                std::string(name) + " has samples of type " + vips_enum_nick(VIPS_TYPE_BAND_FORMAT, opened->BandFmt),
                "convert it to 8 or 16 bits per sample");
  }

  const std::span<const std::byte> profile = blob_of(opened, VIPS_META_ICC_NAME);
  const int colours = colour_bands(opened);
  const bool fitting = use_profile == UseProfile::yes && fits(icc_space(profile), opened);
  if (fitting && colours >= 3 && !is_srgb(profile)) return after_conversion(Step::profile, opened, colours);

  ColourPlan plan;
  RowLayout& layout = plan.layout;
  const bool alpha = opened->Bands > colours;
  layout.bands = opened->Bands;
  layout.type = opened->BandFmt == VIPS_FORMAT_UCHAR ? PixelType::u8 : PixelType::u16;
  if (format == Format::avif || format == Format::heic) layout.bits = bits_of_heif(opened);
  layout.kind = colours == 4 ? Kind::cmyk : colours == 1 && alpha ? Kind::gray_alpha : Kind::take;
  layout.channels = alpha ? 4 : std::min(colours, 3);
  if (fitting && colours == 1) layout.tone = gray_tone(profile, layout.type == PixelType::u8 ? 256 : 65536);
  return plan;
}

Ref<VipsImage> apply(const ColourPlan& plan, VipsImage* opened) {
  VipsImage* out = nullptr;
  const bool wide = plan.layout.type == PixelType::u16;
  switch (plan.step) {
    case Step::none: g_object_ref(opened); return Ref<VipsImage>(opened);
    case Step::profile:
      vips_icc_transform(opened, &out, "srgb", "embedded", TRUE, "intent", VIPS_INTENT_PERCEPTUAL, "depth",
                         wide ? 16 : 8, nullptr);
      break;
    case Step::colour_space:
      vips_colourspace(opened, &out, wide ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB, nullptr);
      break;
  }
  return Ref<VipsImage>(out);
}

}  // namespace pixmill::codecs
