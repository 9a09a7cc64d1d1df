#include "tasks/restore/result_rows.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "pixmill/core/composite.h"
#include "pixmill/core/planes.h"

namespace pixmill::tasks {
namespace {

constexpr float kRed = 0.299F, kGreen = 0.587F, kBlue = 0.114F;  // BT.601
constexpr int kStripRows = 16;

// Rows of f32 pixels as u8 or u16.
Image as_type(ImageView rows, PixelType type) {
  Image made(rows.size(), rows.channels(), type);
  const auto width = static_cast<std::size_t>(rows.width());
  std::vector<float> planes(width * static_cast<std::size_t>(rows.channels()));
  std::vector<const float*> starts;
  for (int channel = 0; channel < rows.channels(); ++channel)
    starts.push_back(planes.data() + static_cast<std::size_t>(channel) * width);
  for (int y = 0; y < rows.height(); ++y) {
    for (int channel = 0; channel < rows.channels(); ++channel)
      read_row(rows, y, channel, std::span(planes).subspan(static_cast<std::size_t>(channel) * width, width));
    write_row(starts, made, y);
  }
  return made;
}

}  // namespace

ResultRows::Enlarged::Enlarged(ImageView picture, int factor)
    : picture_(picture),
      resizer_(picture.size(), {picture.width() * factor, picture.height() * factor}, picture.channels(),
               Filter::bicubic) {}

Image ResultRows::Enlarged::next(int rows) {
  while (resizer_.ready() < rows && resizer_.written() < picture_.height()) {
    const int count = std::min(kStripRows, picture_.height() - resizer_.written());
    resizer_.write(to_f32(picture_.crop({0, resizer_.written(), picture_.width(), count})));
  }
  return resizer_.take(rows);
}

ResultRows::ResultRows(const RestoreSource& source, int factor, int planes, float strength)
    : source_(source),
      width_(source.colours.width() * factor),
      planes_(planes),
      strength_(strength),
      channels_(source.alpha.empty() ? source.colours.channels() : 4) {
  const bool adds_colour = planes == 1 && source.colours.channels() == 3;
  if (adds_colour || strength < 1.0F) photograph_.emplace(source.colours, factor);
  if (!source.alpha.empty()) alpha_.emplace(source.alpha, factor);
}

// A row of the model's planes in the channels of the photograph.
void ResultRows::restore_row(const Mosaic& mosaic, int y, const float* photograph, std::vector<float>& row) const {
  const auto width = static_cast<std::size_t>(width_);
  const float* const first = mosaic.at(0, y);
  if (planes_ == channels_of_photograph()) {
    for (int plane = 0; plane < planes_; ++plane)
      std::copy_n(mosaic.at(plane, y), width, row.begin() + static_cast<std::ptrdiff_t>(plane * width));
  } else if (planes_ == 3) {  // a gray photograph, restored in colour
    const float* const green = mosaic.at(1, y);
    const float* const blue = mosaic.at(2, y);
    for (std::size_t x = 0; x < width; ++x) row[x] = kRed * first[x] + kGreen * green[x] + kBlue * blue[x];
  } else if (photograph != nullptr) {  // the brightness alone: the colours are the photograph's
    for (std::size_t x = 0; x < width; ++x) {
      const float* const pixel = photograph + 3 * x;
      const float change = first[x] - (kRed * pixel[0] + kGreen * pixel[1] + kBlue * pixel[2]);
      for (std::size_t c = 0; c < 3; ++c) row[c * width + x] = pixel[c] + change;
    }
  }
}

// What nobody sees is black, which makes files small.
void ResultRows::clear_hidden(const float* alpha, std::vector<float>& row) const {
  const auto width = static_cast<std::size_t>(width_);
  const float least = source_.alpha.type() == PixelType::u8 ? 0.5F / 255.0F : 0.5F / 65535.0F;
  for (std::size_t x = 0; x < width; ++x) {
    if (alpha[x] >= least) continue;
    for (std::size_t c = 0; c < row.size(); c += width) row[c + x] = 0.0F;
  }
}

Image ResultRows::make(const Mosaic& mosaic, const Mosaic::Rows& rows) {
  const auto width = static_cast<std::size_t>(width_);
  const auto colours = static_cast<std::size_t>(channels_of_photograph());
  const Image photograph = photograph_ ? photograph_->next(rows.count) : Image();
  const Image alpha = alpha_ ? alpha_->next(rows.count) : Image();
  Image made({width_, rows.count}, channels_, source_.colours.type());
  std::vector<float> row(width * colours);
  std::vector<const float*> planes;
  for (std::size_t c = 0; c < colours; ++c) planes.push_back(row.data() + c * width);
  for (int y = 0; y < rows.count; ++y) {
    const float* const seen = photograph.empty() ? nullptr : photograph.row<float>(y);
    restore_row(mosaic, rows.first + y, seen, row);
    if (seen != nullptr && strength_ < 1.0F) {
      for (std::size_t c = 0; c < colours; ++c) {
        for (std::size_t x = 0; x < width; ++x) {
          float& value = row[c * width + x];
          const float before = seen[x * colours + c];
          value = before + strength_ * (value - before);
        }
      }
    }
    std::vector<const float*> all = planes;
    if (channels_ == 4) {
      if (colours == 1) all.assign(3, planes.front());
      all.push_back(alpha.row<float>(y));
      clear_hidden(alpha.row<float>(y), row);
    }
    write_row(all, made, y);
  }
  return made;
}

ResultSink::ResultSink(Context& context, Size made, Size wanted, int channels, PixelType type)
    : context_(context), wanted_(wanted) {
  if (made != wanted) resizer_.emplace(made, wanted, channels, Filter::lanczos3);
  if (wanted.area() > kWholePixels) {
    rows_ = &context.rows("picture", wanted, channels, type);
  } else {
    picture_ = Image(wanted, channels, type);
  }
  type_ = type;
}

void ResultSink::write(ImageView rows) {
  if (!resizer_) return put(rows);
  resizer_->write(to_f32(rows));
  if (const int ready = resizer_->ready(); ready > 0) put(as_type(resizer_->take(ready), type_));
}

void ResultSink::put(ImageView rows) {
  if (rows_ != nullptr) return rows_->write(rows);
  for (int y = 0; y < rows.height(); ++y)
    std::memcpy(picture_.data() + static_cast<std::size_t>(next_++) * picture_.stride(), rows.row_bytes(y),
                picture_.stride());
}

void ResultSink::finish() {
  if (rows_ == nullptr) context_.picture("picture", std::move(picture_));
}

}  // namespace pixmill::tasks
