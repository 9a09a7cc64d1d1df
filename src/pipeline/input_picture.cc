#include "pipeline/input_picture.h"

#include <algorithm>
#include <utility>

#include "pipeline/file_layer.h"
#include "pipeline/fingerprint.h"
#include "pipeline/naming.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/core/resize.h"

namespace pixmill::pipeline {
namespace {

constexpr std::size_t kBytesPerPixel = 6;  // decoded as RGB, and once more in another form

Error gone(const ExportInput& input) {
  return {ErrorCode::not_found, input.path + " is not there any more",
          "its record is kept; put the picture back, or leave it out with --from"};
}

Error changed(const ExportInput& input) {
  return {ErrorCode::unsupported, input.path + " was changed after it was looked at, so what was found is not of it",
          "run the job again"};
}

}  // namespace

InputPicture::InputPicture(const ExportInput& input, const ExportOwner& owner, const codecs::DecodeOptions& decode,
                           int asked)
    : input_(input), owner_(owner), decode_(decode), asked_(asked) {
  if (asked == 0) return;
  try {
    read();
  } catch (...) {
    failure_ = std::current_exception();
  }
}

// Throws where there is no such file any more.
FileStamp InputPicture::present() const {
  if (input_.path == "-")
    throw Error(ErrorCode::unsupported, "a picture on standard input cannot be shown: it is not there any more",
                "save it to a file first");
  const std::optional<FileStamp> stamp = FileLayer::of_the_system().stamp(input_.identity);
  if (!stamp) throw gone(input_);
  return *stamp;
}

void InputPicture::read() {
  const FileStamp stamp = present();
  file_ = codecs::read_file(input_.identity);
  if (!stamp.same_as(owner_.stamp) && hash_of(file_) != owner_.content) throw changed(input_);
  const codecs::Header header = codecs::read_header(file_, input_.path);
  orientation_ = header.orientation;
  const auto pixels = static_cast<std::size_t>(header.size.area());
  bytes_ = file_.size() + std::max(codecs::decode_bytes(header) + pixels * 3, pixels * kBytesPerPixel);
}

int InputPicture::orientation() const {
  if (failure_) std::rethrow_exception(failure_);
  if (orientation_ == 0) orientation_ = read_orientation();
  return orientation_;
}

int InputPicture::read_orientation() const {
  if (present().same_as(owner_.stamp)) return codecs::read_header_of(input_.identity).orientation;
  const std::vector<std::byte> file = codecs::read_file(input_.identity);
  if (hash_of(file) != owner_.content) throw changed(input_);
  return codecs::read_header(file, input_.path).orientation;
}

void InputPicture::decode(int longest) const {
  if (failure_) std::rethrow_exception(failure_);
  codecs::DecodeOptions options = decode_;
  if (longest > 0) options.least = [longest](Size full) { return fit(full, {longest, longest}); };
  Image image = codecs::decode(file_, input_.path, options).image;
  decoded_ = image.type() == PixelType::u8 && image.channels() == 3 ? std::move(image) : to_rgb8(image);
  file_ = {};
}

Image InputPicture::pixels(int longest) const {
  const bool last = --asked_ <= 0;
  if (decoded_.empty()) decode(last ? longest : 0);
  if (longest > 0 && std::max(decoded_.width(), decoded_.height()) > longest)
    return resize(decoded_, fit(decoded_.size(), {longest, longest}), Filter::bilinear);
  return last ? std::exchange(decoded_, Image()) : decoded_.clone();
}

}  // namespace pixmill::pipeline
