#include "pixmill/core/image.h"

#include <cstring>

#include "pixmill/core/error.h"

namespace pixmill {

ImageView ImageView::crop(const Rect& rect) const {
  assert(rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= size_.width && rect.y + rect.height <= size_.height);
  const std::byte* corner = data_ + static_cast<std::size_t>(rect.y) * stride_ +
                            static_cast<std::size_t>(rect.x) * channels_ * bytes_of(type_);
  return {corner, {rect.width, rect.height}, channels_, type_, stride_};
}

Image::Image(Size size, int channels, PixelType type) : size_(size), channels_(channels), type_(type) {
  if (size.width <= 0 || size.height <= 0 || channels <= 0) {
    throw Error(ErrorCode::internal, "an image of " + std::to_string(size.width) + "x" + std::to_string(size.height) +
                                         "x" + std::to_string(channels) + " was asked for");
  }
  buffer_ = AlignedBuffer(stride() * static_cast<std::size_t>(size.height));
}

Image Image::clone() const {
  return empty() ? Image() : copy(view());
}

Image copy(ImageView view) {
  Image image(view.size(), view.channels(), view.type());
  for (int y = 0; y < view.height(); ++y) {
    std::memcpy(image.data() + static_cast<std::size_t>(y) * image.stride(), view.row_bytes(y), image.stride());
  }
  return image;
}

}  // namespace pixmill
