// The picture of a record, for exports that show it.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <vector>

#include "pipeline/export_commits.h"
#include "pixmill/codecs/codec.h"
#include "pixmill/exports/export.h"

namespace pixmill::pipeline {

// Read at once where it will be shown, decoded when that is first asked for. One thread at a time.
class InputPicture final : public exports::PictureFile {
 public:
  // `owner`: the picture as the catalogue knows it; where the file is another now, pixels() throws
  // Error{unsupported}. Nothing is thrown here: what reading throws, pixels() throws. `asked`: how often pixels() will
  // be called: the last call gives the decoded picture away, and one call alone decodes no more than it wants; 0:
  // never, and then nothing is read here.
  InputPicture(const ExportInput& input, const ExportOwner& owner, const codecs::DecodeOptions& decode, int asked);

  // What it takes at its largest moment, with the file: also for drawing on it and for encoding it.
  std::size_t bytes() const { return bytes_; }

  Image pixels(int longest = 0) const override;
  int orientation() const override;

 private:
  void read();
  FileStamp present() const;
  int read_orientation() const;
  void decode(int longest) const;  // 0: at its full size

  const ExportInput input_;
  const ExportOwner owner_;
  const codecs::DecodeOptions decode_;
  mutable int asked_;
  std::size_t bytes_ = 0;
  mutable int orientation_ = 0;  // 0: not known yet
  std::exception_ptr failure_;
  mutable std::vector<std::byte> file_;  // until it is decoded
  mutable Image decoded_;
};

}  // namespace pixmill::pipeline
