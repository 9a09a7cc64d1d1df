#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "codecs/open.h"
#include "codecs/reading.h"
#include "codecs/sniff.h"
#include "codecs/upright.h"
#include "codecs/vips_rows.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/codecs/rows.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

constexpr std::size_t kHeadBytes = 4096;
constexpr int kLastInOrder = 2;  // orientations 1 and 2 keep the order of the rows

// The stricter of two limits, where 0 is none.
std::int64_t stricter(std::int64_t a, std::int64_t b) {
  return a <= 0 ? b : b <= 0 ? a : std::min(a, b);
}

bool is_read_in_rows(Format format) {
  start_vips();
  return (format == Format::jpeg || format == Format::png || format == Format::tiff) && has_row_reader(format);
}

}  // namespace

class RowReader::Impl {
 public:
  Impl(const std::filesystem::path& path, const RowReadOptions& options, std::string_view name)
      : name_(name.empty() ? path.string() : std::string(name)) {
    InputFile file(path);
    format_ = identify(file.bytes_at(0, kHeadBytes), name_);
    if (is_read_in_rows(format_)) open_rows(std::move(file), options);
    if (!rows_) hold(path, options);
  }

  const RowSpec& spec() const { return spec_; }
  Format format() const { return format_; }
  const Metadata& metadata() const { return metadata_; }
  bool streams() const { return rows_ && !rows_->in_passes(); }
  int next_row() const { return next_; }

  int read(Image& strip) {
    require(!dead_, "was to be read on after it had failed");
    require(strip.width() == spec_.size.width && strip.channels() == spec_.channels && strip.type() == spec_.type,
            "was to be read into rows of another shape");
    const int rows = std::min(strip.height(), spec_.size.height - next_);
    if (rows == 0) return 0;
    dead_ = true;  // unless all goes well
    if (rows_) {
      rows_->fill(strip, rows);
    } else {
      std::memcpy(strip.data(), held_.view().row_bytes(next_), held_.stride() * static_cast<std::size_t>(rows));
    }
    dead_ = false;
    next_ += rows;
    return rows;
  }

 private:
  // Leaves `rows_` empty where the file turns the picture, so that its first row is not the upright one's.
  void open_rows(InputFile file, const RowReadOptions& options) {
    auto rows = std::make_unique<VipsRows>(std::move(file), name_, format_, options.max_pixels);
    if (rows->in_passes()) check_pixels(rows->stored(), options.max_held_pixels, name_);
    if (rows->orientation() > kLastInOrder) return;
    rows_ = std::move(rows);
    spec_ = {rows_->stored(), rows_->channels(), rows_->type()};
    if (options.metadata) metadata_ = rows_->metadata();
  }

  void hold(const std::filesystem::path& path, const RowReadOptions& options) {
    DecodeOptions decoding;
    decoding.max_pixels = stricter(options.max_pixels, options.max_held_pixels);
    decoding.metadata = options.metadata;
    Picture picture = decode(read_file(path), name_, decoding);
    held_ = std::move(picture.image);
    metadata_ = std::move(picture.metadata);
    spec_ = {held_.size(), held_.channels(), held_.type()};
  }

  void require(bool condition, const char* otherwise) const {
    if (!condition) throw Error(ErrorCode::internal, name_ + " " + otherwise);
  }

  std::string name_;
  Format format_ = Format::png;
  RowSpec spec_;
  Metadata metadata_;
  std::unique_ptr<VipsRows> rows_;
  Image held_;  // the whole picture where `rows_` is empty
  int next_ = 0;
  bool dead_ = false;
};

RowReader::RowReader(const std::filesystem::path& path, const RowReadOptions& options, std::string_view name)
    : impl_(std::make_unique<Impl>(path, options, name)) {}
RowReader::RowReader(RowReader&&) noexcept = default;
RowReader& RowReader::operator=(RowReader&&) noexcept = default;
RowReader::~RowReader() = default;

const RowSpec& RowReader::spec() const {
  return impl_->spec();
}

Format RowReader::format() const {
  return impl_->format();
}

const Metadata& RowReader::metadata() const {
  return impl_->metadata();
}

bool RowReader::streams() const {
  return impl_->streams();
}

int RowReader::next_row() const {
  return impl_->next_row();
}

int RowReader::read(Image& strip) {
  return impl_->read(strip);
}

Image RowReader::read(int rows) {
  const int count = std::min(rows, spec().size.height - next_row());
  if (count <= 0) return {};
  Image strip({spec().size.width, count}, spec().channels, spec().type);
  read(strip);
  return strip;
}

}  // namespace pixmill::codecs
