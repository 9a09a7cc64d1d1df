// A picture's file that libvips decodes from top to bottom while its rows are asked for.
#pragma once

#include <string>
#include <vector>

#include "codecs/colour.h"
#include "codecs/input_file.h"
#include "codecs/vips.h"
#include "pixmill/codecs/rows.h"

namespace pixmill::codecs {

// jpeg, png, tiff. Not synchronised.
class VipsRows {
 public:
  // Reads the header. Throws as RowReader.
  VipsRows(InputFile file, std::string name, Format format, std::int64_t max_pixels);
  VipsRows(const VipsRows&) = delete;
  VipsRows& operator=(const VipsRows&) = delete;

  Size stored() const { return stored_; }           // before the picture is turned
  int orientation() const { return orientation_; }  // 1..8; fill() knows 1 and 2
  int channels() const { return plan_.layout.channels; }
  PixelType type() const { return plan_.layout.type; }
  bool in_passes() const { return in_passes_; }
  Metadata metadata() const;

  // The upper rows of `strip` become the next `rows` rows. Throws Error{corrupt, unsupported, unreadable,
  // out_of_memory}.
  void fill(Image& strip, int rows);

 private:
  struct Position {  // what libvips calls back for a source
    const InputFile* file = nullptr;
    std::int64_t offset = 0;
  };

  bool open_again();      // from the file's beginning
  bool skip_to(int row);  // decodes what is above
  bool decode(Image& strip, int rows);
  Ref<VipsSourceCustom> make_source();
  Error failed(const std::string& reason) const;

  // Declared in this order: what is below uses what is above.
  InputFile file_;
  std::string name_;
  Format format_;
  std::int64_t max_pixels_;
  VipsFailOn fail_on_ = VIPS_FAIL_ON_WARNING;
  std::vector<std::byte> blocks_;  // without_pixels()
  Position position_;
  Ref<VipsSourceCustom> source_;
  Ref<VipsImage> opened_;
  Ref<VipsImage> ready_;
  Ref<VipsRegion> region_;
  ColourPlan plan_;
  Size stored_;
  int orientation_ = 1;
  bool in_passes_ = false;
  int next_ = 0;  // the row that the caller gets next
};

}  // namespace pixmill::codecs
