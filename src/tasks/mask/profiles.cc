#include <algorithm>
#include <string>

#include "pixmill/core/error.h"
#include "pixmill/core/nearest.h"
#include "pixmill/tasks/mask_profiles.h"

namespace pixmill::tasks {

std::span<const MaskProfile> mask_profiles() {
  static const std::vector<MaskProfile> profiles = {
      {.name = "colmap",
       .program = "COLMAP",
       .name_template = "{dir}/{file}.{ext}",
       .also = {"{dir}/{stem}.{ext}"},
       .needs_every_image = true},
      {.name = "metashape",
       .program = "Metashape",
       .name_template = "{dir}/{stem}_mask.{ext}",
       .among_photos = "*_mask.png"},
      {.name = "realitycapture",
       .program = "RealityCapture",
       .name_template = "{dir}/{file}.mask.{ext}",
       .also = {"{dir}/.mask/{stem}.{ext}"},
       .among_photos = "*.mask.png",
       .every_image = false},
      {.name = "meshroom",
       .program = "Meshroom",
       .name_template = "{stem}.{ext}",
       .extensions = {"png", "exr", "jpg"},
       .every_image = false},
      {.name = "nerfstudio",
       .program = "nerfstudio",
       .name_template = "{dir}/{stem}.{ext}",
       .needs_every_image = true,
       .needs_gray = true},
      {.name = "openmvs",
       .program = "OpenMVS",
       .name_template = "{dir}/{stem}.mask.{ext}",
       .among_photos = "*.mask.png",
       .every_image = false},
      {.name = "odm",
       .program = "OpenDroneMap",
       .name_template = "{dir}/{stem}_mask.{ext}",
       .extensions = {"png", "PNG", "jpg", "JPG", "jpeg", "JPEG", "tif", "TIF", "tiff", "TIFF", "bmp", "BMP"},
       .among_photos = "*_mask.{png,jpg,jpeg,tif,tiff,bmp,PNG,JPG,JPEG,TIF,TIFF,BMP}",
       .every_image = false,
       .no_spaces = true},
  };
  return profiles;
}

const MaskProfile& mask_profile(std::string_view name) {
  std::vector<std::string> names;
  for (const MaskProfile& profile : mask_profiles()) {
    if (profile.name == name) return profile;
    names.emplace_back(profile.name);
  }
  throw Error(ErrorCode::usage, "there is no profile '" + std::string(name) + "'", suggestion(name, names));
}

}  // namespace pixmill::tasks
