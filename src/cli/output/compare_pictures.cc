#include "cli/output/compare_pictures.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/rows.h"
#include "pixmill/core/base64.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/quality.h"
#include "pixmill/core/resize.h"

namespace pixmill::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostHeldPixels = 100'000'000;  // of a file that cannot be read row by row
constexpr int kStripRows = 64;
constexpr Size kDetail = {1280, 960};
constexpr int kSteps = 4;  // places along each side at which the sharpest part is looked for
constexpr int kQuality = 84;

codecs::RowReader open(const std::filesystem::path& path) {
  return codecs::RowReader(path, {.max_held_pixels = kMostHeldPixels, .metadata = false});
}

Size size_of(ImageView picture) {
  return {picture.width(), picture.height()};
}

// The picture at most that large, u8. Of a larger one a few rows are held at a time.
Image read_within(const std::filesystem::path& path, Size box) {
  codecs::RowReader reader = open(path);
  const Size size = reader.spec().size;
  const int step = std::max(1, std::min(size.width / box.width, size.height / box.height));
  const int columns = size.width / step, rows = size.height / step;
  Image small({columns, rows}, reader.spec().channels);
  for (int row = 0; row < rows;) {
    const int count = std::min(kStripRows, rows - row);
    // The last strip takes what is left of the picture.
    const Image strip = reader.read(row + count == rows ? size.height - row * step : count * step);
    const Image part = to_u8(resize(strip.view(), {columns, count}, Filter::box).view());
    for (int i = 0; i < count; ++i, ++row)
      std::copy_n(part.row<std::uint8_t>(i), static_cast<std::size_t>(columns) * small.channels(),
                  small.row<std::uint8_t>(row));
  }
  if (columns <= box.width && rows <= box.height) return small;
  return resize(small.view(), fit({columns, rows}, box), Filter::lanczos3);
}

// A part of the picture, u8.
Image read_part(const std::filesystem::path& path, const Rect& part) {
  codecs::RowReader reader = open(path);
  Image found({part.width, part.height}, reader.spec().channels);
  while (reader.next_row() < part.y + part.height) {
    const int first = reader.next_row();
    const int wanted = first < part.y ? std::min(kStripRows, part.y - first) : part.y + part.height - first;
    const Image strip = reader.read(std::min(kStripRows, wanted));
    if (first < part.y) continue;
    const Image cut = to_u8(strip.view().crop({part.x, 0, part.width, strip.height()}));
    for (int i = 0; i < cut.height(); ++i)
      std::copy_n(cut.row<std::uint8_t>(i), static_cast<std::size_t>(part.width) * cut.channels(),
                  found.row<std::uint8_t>(first - part.y + i));
  }
  return found;
}

bool writes_webp() {
  const auto formats = codecs::supported_formats();
  return std::any_of(formats.begin(), formats.end(),
                     [](const auto& one) { return one.format == codecs::Format::webp && one.write; });
}

std::string data_address(ImageView picture) {
  static const bool webp = writes_webp();
  const codecs::Format format = webp                      ? codecs::Format::webp
                                : picture.channels() == 4 ? codecs::Format::png
                                                          : codecs::Format::jpeg;
  return "data:image/" + std::string(codecs::name_of(format)) + ";base64," +
         base64(codecs::encode(picture, {.format = format, .quality = kQuality}));
}

Json size_json(Size size) {
  return {size.width, size.height};
}

// The part of a picture of the size `of` that `part` is of one of the size `in`.
Rect mapped(const Rect& part, Size in, Size of) {
  const auto along = [](int value, int from, int to) {
    return static_cast<int>(std::lround(static_cast<double>(value) * to / from));
  };
  const int left = along(part.x, in.width, of.width), right = along(part.x + part.width, in.width, of.width);
  const int top = along(part.y, in.height, of.height), bottom = along(part.y + part.height, in.height, of.height);
  return {left, top, std::max(1, right - left), std::max(1, bottom - top)};
}

// The part of that size, at most, of a picture of the size `full` that is sharpest where it is seen as `small`.
Rect sharpest(ImageView small, Size full) {
  const Size part = {std::min(kDetail.width, full.width), std::min(kDetail.height, full.height)};
  Rect best = {0, 0, part.width, part.height};
  float most = -1.0F;
  for (int i = 0; i < kSteps * kSteps; ++i) {
    const Rect place = {(full.width - part.width) * (i % kSteps) / (kSteps - 1),
                        (full.height - part.height) * (i / kSteps) / (kSteps - 1), part.width, part.height};
    const Rect seen = mapped(place, full, size_of(small));
    const float sharpness = measure_quality(to_rgb8(small.crop(seen)).view()).sharpness;
    if (sharpness > most) {
      most = sharpness;
      best = place;
    }
  }
  return best;
}

}  // namespace

std::string picture_address(const std::filesystem::path& path, int side) {
  const Size size = open(path).spec().size;
  const Size box = fit(size, {side, side});
  return data_address(read_within(path, {std::min(box.width, size.width), std::min(box.height, size.height)}).view());
}

Json compared_pair(const std::filesystem::path& before, const std::filesystem::path& after, int side) {
  const Size old_size = open(before).spec().size, size = open(after).spec().size;
  const Size fitting = fit(size, {side, side});
  const Size box = {std::min(fitting.width, size.width), std::min(fitting.height, size.height)};
  const Image small = read_within(after, box);
  Json pair = {{"before", size_json(old_size)}, {"after", size_json(size)}};
  pair["whole"] = {data_address(read_within(before, box).view()), data_address(small.view())};
  if (box.width < size.width && std::max(size.width, size.height) > kDetail.width) {
    const Rect part = sharpest(small.view(), size);
    const Image old = read_part(before, mapped(part, size, old_size));
    pair["detail"] = {data_address(old.view()), data_address(read_part(after, part).view())};
    pair["part"] = {part.x, part.y, part.width, part.height};
  }
  return pair;
}

}  // namespace pixmill::cli
