#include "codecs/vips_rows.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "codecs/metadata.h"
#include "codecs/open.h"
#include "codecs/reading.h"
#include "codecs/upright.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {

VipsRows::VipsRows(InputFile file, std::string name, Format format, std::int64_t max_pixels)
    : file_(std::move(file)),
      name_(std::move(name)),
      format_(format),
      max_pixels_(max_pixels),
      blocks_(without_pixels(file_, format)) {
  refuse_preview(format_, blocks_, name_);
  if (const auto reason = failure_of([&] { return open_again(); })) {
    if (!is_harmless(format_, *reason)) throw failed(*reason);
    fail_on_ = VIPS_FAIL_ON_TRUNCATED;
    if (const auto again = failure_of([&] { return open_again(); })) throw failed(*again);
  }
}

Metadata VipsRows::metadata() const {
  return read_metadata(opened_.get(), format_, blocks_, upright(stored_, orientation_));
}

bool VipsRows::open_again() {
  region_.reset();
  ready_.reset();
  opened_.reset();
  source_ = make_source();
  opened_ = open(format_, VIPS_SOURCE(source_.get()), fail_on_);
  if (!opened_) return false;
  stored_ = size_of(opened_.get());
  check_pixels(stored_, max_pixels_, name_);
  orientation_ = orientation_of(opened_.get(), format_, blocks_);
  in_passes_ = is_in_passes(opened_.get());
  ready_ = to_srgb(opened_.get(), format_, name_, plan_);
  if (!ready_) return false;
  region_.reset(vips_region_new(ready_.get()));
  return region_ != nullptr;
}

void VipsRows::fill(Image& strip, int rows) {
  bool fresh = false;  // the first attempt goes on where the last call ended; a further one begins anew
  const auto attempt = [&] {
    if (fresh && !(open_again() && skip_to(next_))) return false;
    fresh = true;
    return decode(strip, rows);
  };
  auto reason = failure_of(attempt);
  if (reason && is_harmless(format_, *reason)) {
    fail_on_ = VIPS_FAIL_ON_TRUNCATED;
    reason = failure_of(attempt);
  }
  if (reason) throw failed(*reason);
  next_ += rows;
}

bool VipsRows::skip_to(int row) {
  for (int y = 0; y < row; y += kStripRows) {
    const VipsRect strip = {0, y, stored_.width, std::min(kStripRows, row - y)};
    if (vips_region_prepare(region_.get(), &strip) != 0) return false;
  }
  return true;
}

bool VipsRows::decode(Image& strip, int rows) {
  UprightWriter writer({stored_.width, rows}, orientation_, plan_.layout, strip);
  for (int y = 0; y < rows; y += kStripRows) {
    const VipsRect area = {0, next_ + y, stored_.width, std::min(kStripRows, rows - y)};
    if (vips_region_prepare(region_.get(), &area) != 0) return false;
    writer.write(reinterpret_cast<const std::byte*>(VIPS_REGION_ADDR(region_.get(), 0, area.top)),
                 static_cast<std::size_t>(VIPS_REGION_LSKIP(region_.get())), y, area.height);
  }
  return true;
}

Ref<VipsSourceCustom> VipsRows::make_source() {
  position_ = {&file_, 0};
  Ref<VipsSourceCustom> source(vips_source_custom_new());
  const auto read = +[](VipsSourceCustom*, void* data, gint64 bytes, gpointer at) {
    auto& position = *static_cast<Position*>(at);
    const std::ptrdiff_t count =
        position.file->read_at(position.offset, {static_cast<std::byte*>(data), static_cast<std::size_t>(bytes)});
    if (count > 0) position.offset += count;
    return gint64{count};
  };
  const auto seek = +[](VipsSourceCustom*, gint64 offset, int whence, gpointer at) {
    auto& position = *static_cast<Position*>(at);
    const gint64 base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? position.offset : position.file->size();
    if (base + offset < 0) return gint64{-1};
    return gint64{position.offset = base + offset};
  };
  g_signal_connect(source.get(), "read", G_CALLBACK(read), &position_);
  g_signal_connect(source.get(), "seek", G_CALLBACK(seek), &position_);
  return source;
}

Error VipsRows::failed(const std::string& reason) const {
  return file_.failure() != 0 ? read_error(name_, file_.failure()) : read_failure(name_, format_, reason);
}

}  // namespace pixmill::codecs
