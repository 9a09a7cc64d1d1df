#include "pixmill/core/resize.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "core/resize_passes.h"
#include "pixmill/core/composite.h"

namespace pixmill {
namespace {

// The input under the middle of each output. Positions are added up rather than multiplied, as Pillow does it: the
// rounding of the sum decides in some ties.
std::vector<int> nearest_inputs(int inputs, int outputs) {
  std::vector<int> found(outputs);
  const double step = static_cast<double>(inputs) / outputs;
  double position = step * 0.5;
  for (int& input : found) {
    input = std::min(static_cast<int>(position), inputs - 1);
    position += step;
  }
  return found;
}

Image resize_nearest(ImageView source, Size size) {
  Image result(size, source.channels(), source.type());
  const std::size_t pixel = source.channels() * bytes_of(source.type());
  const std::vector<int> columns = nearest_inputs(source.width(), size.width);
  const std::vector<int> rows = nearest_inputs(source.height(), size.height);
  for (int y = 0; y < size.height; ++y) {
    std::byte* to = result.data() + static_cast<std::size_t>(y) * result.stride();
    if (y > 0 && rows[y] == rows[y - 1]) {
      std::memcpy(to, to - result.stride(), result.stride());
      continue;
    }
    const std::byte* from = source.row_bytes(rows[y]);
    for (const int x : columns) {
      std::memcpy(to, from + x * pixel, pixel);
      to += pixel;
    }
  }
  return result;
}

// Colours of transparent pixels must not bleed into their neighbours: RGBA is resampled premultiplied.
Image premultiplied(ImageView rgba) {
  Image result(rgba.size(), 4, rgba.type());
  for (int y = 0; y < rgba.height(); ++y) {
    if (rgba.type() == PixelType::u8) {
      const std::uint8_t* from = rgba.row<std::uint8_t>(y);
      std::uint8_t* to = result.row<std::uint8_t>(y);
      for (int x = 0; x < rgba.width(); ++x, from += 4, to += 4) {
        for (int c = 0; c < 3; ++c) to[c] = static_cast<std::uint8_t>((from[c] * from[3] + 127) / 255);
        to[3] = from[3];
      }
    } else {
      const float* from = rgba.row<float>(y);
      float* to = result.row<float>(y);
      for (int x = 0; x < rgba.width(); ++x, from += 4, to += 4) {
        for (int c = 0; c < 3; ++c) to[c] = from[c] * from[3];
        to[3] = from[3];
      }
    }
  }
  return result;
}

void unpremultiply(Image& rgba) {
  for (int y = 0; y < rgba.height(); ++y) {
    if (rgba.type() == PixelType::u8) {
      std::uint8_t* pixel = rgba.row<std::uint8_t>(y);
      for (int x = 0; x < rgba.width(); ++x, pixel += 4) {
        if (pixel[3] == 0 || pixel[3] == 255) continue;
        for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(std::min(255 * pixel[c] / pixel[3], 255));
      }
    } else {
      float* pixel = rgba.row<float>(y);
      for (int x = 0; x < rgba.width(); ++x, pixel += 4) {
        if (pixel[3] <= 0.0F) continue;
        for (int c = 0; c < 3; ++c) pixel[c] /= pixel[3];
      }
    }
  }
}

// What outputs are made of: `taps` count from the input `begin` on, of which `length` are read.
struct Cut {
  Taps taps;
  int begin = 0, length = 0;
};

Cut cut(Taps taps) {
  const int begin = *std::min_element(taps.first.begin(), taps.first.end());
  int end = 0;
  for (int i = 0; i < taps.outputs(); ++i) {
    end = std::max(end, taps.first[i] + taps.count[i]);
    taps.first[i] -= begin;
  }
  taps.inputs = end - begin;
  return {std::move(taps), begin, end - begin};
}

}  // namespace

Image resize(ImageView source, Size size, Filter filter) {
  if (source.size() == size) return copy(source);
  if (filter == Filter::nearest) return resize_nearest(source, size);
  if (source.type() == PixelType::u16) return to_u16(resize(to_f32(source), size, filter));

  const Taps across = source.width() == size.width ? Taps() : resize_taps(source.width(), size.width, filter);
  const Taps down = source.height() == size.height ? Taps() : resize_taps(source.height(), size.height, filter);
  if (source.channels() != 4) return resample(source, across, down);
  Image result = resample(premultiplied(source), across, down);
  unpremultiply(result);
  return result;
}

Image resize_part(ImageView source, Size size, const Rect& part, Filter filter) {
  assert(source.channels() != 4 && source.type() != PixelType::u16 && filter != Filter::nearest);
  if (source.size() == size) return copy(source.crop(part));
  const Cut columns = source.width() == size.width
                          ? Cut{{}, part.x, part.width}
                          : cut(resize_taps(source.width(), size.width, filter, part.x, part.width));
  const Cut rows = source.height() == size.height
                       ? Cut{{}, part.y, part.height}
                       : cut(resize_taps(source.height(), size.height, filter, part.y, part.height));
  const ImageView read = source.crop({columns.begin, rows.begin, columns.length, rows.length});
  return resample(read, columns.taps, rows.taps, goes_down_first(source.size(), size));
}

}  // namespace pixmill
