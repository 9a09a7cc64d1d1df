// What the formats of whole masks share: the mask of an entry, by its options.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pixmill/core/bit_mask.h"
#include "pixmill/exports/export.h"
#include "pixmill/tasks/masking.h"

namespace pixmill::exports {

// Immutable: shared by all exporters of a run.
class MaskMaker {
 public:
  // Reads the file of --fixed. Throws Error: usage, and what reading and decoding throws.
  explicit MaskMaker(const config::Values& values);

  const tasks::MaskOptions& options() const { return options_; }
  // What other flags than those of the format add to the key of its files, and a hash of the file of --fixed.
  std::string further_key() const { return fixed_hash_ + (options_.around ? " around" : ""); }

  struct Made {
    BitMask left_out;
    int orientation = 1;  // of its pixels against the upright picture, 1..8 as EXIF counts
    bool boxes = false;   // a thing had no shape but its box
  };
  // How many neighbours the mask depends on: with --steady, where nothing was found. Throws as make().
  int reach(const Entry& entry) const;
  // Throws what reading the record and the photograph throws, and as tasks::left_out() does.
  Made make(const Entry& entry) const;

 private:
  struct Found {
    tasks::Detections record;
    std::vector<const tasks::Detection*> things;  // of it
  };
  Found found_in(std::string_view kind, std::span<const std::byte> body, std::string_view picture) const;
  std::vector<Found> around(const Entry& entry, Size picture) const;

  tasks::MaskOptions options_;
  std::unique_ptr<const BitMask> fixed_;  // what is left out
  std::string fixed_hash_;
};

}  // namespace pixmill::exports
