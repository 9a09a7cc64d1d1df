// Masks of whole pictures: which pixels a program shall leave out, from what was found in them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pixmill/config/flag.h"
#include "pixmill/config/values.h"
#include "pixmill/core/bit_mask.h"
#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/mask_profiles.h"

namespace pixmill::tasks {

// The least part of a mask that is kept: so many pixels, or so large a share of the picture.
struct LeastArea {
  double pixels = 0;
  double share = 0;

  std::int64_t of(Size picture) const;
};

struct MaskOptions {
  const MaskProfile* profile = nullptr;   // never null when it was read
  Selection selection = {};               // without classes: persons and what they carry
  std::vector<std::string> carried = {};  // names of what is masked where a person has it
  int dilate = 15;                        // pixels to every side
  int erode = 0;
  bool fill_holes = false;
  LeastArea least = {};
  float feather = 0;        // standard deviation in pixels
  bool keep = false;        // what is found is kept, the rest left out
  bool invert = false;      // white and black change places in the files
  bool every_image = true;  // a picture in which nothing is left out gets a white mask
  bool as_stored = true;    // else upright, as EXIF says
  std::string fixed;        // a file with what is left out of every picture
  bool around = false;      // masks grow across the left and right edge: panoramas of the whole sphere
  int steady = 0;           // so many frames without anything, between two that have something, get theirs
};

// Those of --profile and below. `basic`: in the help of a screen.
const std::vector<config::Flag>& mask_flags(bool basic = false);

// Throws Error{usage}.
MaskOptions read_mask_options(const config::Values& values);

// What is masked of a record, best first; they point into it. Without classes: persons, and the carried things that a
// person has, by has_it(). Throws Error{usage} for a class that there is not, and where there is none called "person".
std::vector<const Detection*> things_to_mask(const Detections& record, const MaskOptions& options);

// Whether a person has a thing: it lies at most 5 % of the longer side of the person's box beside that box, and is not
// longer than that side itself.
bool has_it(const Box& person, const Box& thing);

// What a program leaves out of a picture. `things`: of the record. `orientation`: 1..8 as EXIF counts, how the pixels
// of the mask are turned against the upright picture. `fixed`: pixels that are left out of each picture, of the mask's
// own size; null: none. Holes are filled, small parts removed and edges taken back in what was found; then the fixed
// pixels join it, and both grow together. Throws Error{unsupported} for a fixed mask of another size; `picture` names
// it.
BitMask left_out(const Detections& record, const std::vector<const Detection*>& things, const MaskOptions& options,
                 int orientation, const BitMask* fixed, std::string_view picture);

}  // namespace pixmill::tasks
