// How programs of photogrammetry want the masks of photographs: names, folders, what is white. docs/masks.md has the
// sources.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace pixmill::tasks {

struct MaskProfile {
  std::string_view name;           // as users type it: "colmap"
  std::string_view program;        // "COLMAP"
  std::string_view name_template;  // of masks, as --name has it
  // Extensions that it finds a mask by; the first one is what pixmill writes.
  std::vector<std::string_view> extensions = {"png"};
  // Where the program finds a mask in place of that; as templates.
  std::vector<std::string_view> also = {};
  // Masks that may lie among the photographs, as a pattern: a walk through these leaves them out.
  std::string_view among_photos = {};
  bool every_image = true;         // a picture in which nothing was found gets a white mask, unless the user says else
  bool needs_every_image = false;  // it fails, or leaves the picture out, where there is none
  bool needs_gray = false;         // one channel, and nothing but black and white
  bool no_spaces = false;          // a mask with a space in its name is not used
};

// In all of them white is kept, black is left out. Never empty; the first one is the default.
std::span<const MaskProfile> mask_profiles();

// Throws Error{usage} that names the nearest one.
const MaskProfile& mask_profile(std::string_view name);

}  // namespace pixmill::tasks
