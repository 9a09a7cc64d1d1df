#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "codecs/row_sink.h"
#include "codecs/save.h"
#include "codecs/vips.h"
#include "pixmill/codecs/rows.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

// Rows that change their type on the way are changed in pieces of so many.
constexpr int kPieceRows = 64;

// Keeps the whole picture for an encoder that needs it so.
class HeldSink : public RowSink {
 public:
  HeldSink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec)
      : file_(file), options_(options), image_(spec.size, spec.channels, spec.type) {
    if (options.metadata == nullptr) return;
    metadata_ = *options.metadata;
    options_.metadata = &metadata_;
  }

  void write(ImageView rows) override {
    for (int y = 0; y < rows.height(); ++y, ++next_) {
      std::memcpy(image_.data() + static_cast<std::size_t>(next_) * image_.stride(), rows.row_bytes(y),
                  image_.stride());
    }
  }

  void finish() override {
    const std::vector<std::byte> bytes = encoded();
    image_ = {};
    file_.write(bytes);
    file_.check();
  }

 private:
  std::vector<std::byte> encoded() const {
    try {
      return encode(image_, options_);
    } catch (const Error& error) {
      throw Error(error.code(), file_.name() + ": " + error.message(), error.hint());
    }
  }

  OutputFile& file_;
  EncodeOptions options_;
  Metadata metadata_;
  Image image_;
  int next_ = 0;
};

void require_encoder(Format format) {
  start_vips();
  if (!has_writer(format)) throw cannot_write(format, "");
  if (format != Format::avif && format != Format::heic) return;
  for (const FormatSupport& row : supported_formats()) {
    if (row.format == format && !row.write) throw cannot_write(format, "");
  }
}

std::unique_ptr<RowSink> make_sink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec) {
  if (options.format == Format::bmp) return make_bmp_sink(file, options, spec);
  if (options.format == Format::png) return make_png_sink(file, options, spec);
  if (streams(options.format)) return make_vips_sink(file, options, spec);
  return std::make_unique<HeldSink>(file, options, spec);
}

}  // namespace

bool streams(Format format) {
  start_vips();
  switch (format) {
    case Format::jpeg:
    case Format::tiff: return has_row_writer(format);
    case Format::png:
    case Format::bmp: return true;
    default: return false;
  }
}

class RowWriter::Impl {
 public:
  Impl(const std::filesystem::path& path, const EncodeOptions& options, const RowSpec& spec, std::string_view name)
      : spec_(checked(path, options, spec, name)),
        format_(options.format),
        file_(path, std::string(name)),
        sink_(make_sink(file_, options, {spec.size, spec.channels, stored_type(options.format, spec.type)})) {}

  const RowSpec& spec() const { return spec_; }
  int next_row() const { return next_; }

  void write(ImageView rows) {
    require(!dead_, "was to be written after it had failed or was finished");
    require(rows.width() == spec_.size.width && rows.channels() == spec_.channels && rows.type() == spec_.type,
            "was given rows of another shape");
    require(rows.height() <= spec_.size.height - next_, "was given more rows than the picture has");
    dead_ = true;  // unless all goes well
    for (int y = 0; y < rows.height(); y += kPieceRows) {
      const int count = std::min(kPieceRows, rows.height() - y);
      Image owner;
      sink_->write(as_stored(rows.crop({0, y, rows.width(), count}), format_, owner));
    }
    next_ += rows.height();
    dead_ = false;
  }

  void finish() {
    require(!dead_, "was to be finished after it had failed or was finished");
    require(next_ == spec_.size.height, "was given too few rows");
    dead_ = true;
    sink_->finish();
    file_.keep();
  }

 private:
  // `spec`, once everything that can be known before the file is made has been asked.
  static RowSpec checked(const std::filesystem::path& path, const EncodeOptions& options, const RowSpec& spec,
                         std::string_view name) {
    check_limits(options.format, spec.size, spec.channels, name.empty() ? path.string() : std::string(name));
    require_encoder(options.format);
    return spec;
  }

  void require(bool condition, const char* otherwise) const {
    if (condition) return;
    throw Error(ErrorCode::internal, file_.name() + " " + otherwise + " (row " + std::to_string(next_) + " of " +
                                         std::to_string(spec_.size.height) + ")");
  }

  RowSpec spec_;
  Format format_;
  OutputFile file_;
  std::unique_ptr<RowSink> sink_;
  int next_ = 0;
  bool dead_ = false;
};

RowWriter::RowWriter(const std::filesystem::path& path, const EncodeOptions& options, const RowSpec& spec,
                     std::string_view name)
    : impl_(std::make_unique<Impl>(path, options, spec, name)) {}
RowWriter::RowWriter(RowWriter&&) noexcept = default;
RowWriter& RowWriter::operator=(RowWriter&&) noexcept = default;
RowWriter::~RowWriter() = default;

const RowSpec& RowWriter::spec() const {
  return impl_->spec();
}

int RowWriter::next_row() const {
  return impl_->next_row();
}

void RowWriter::write(ImageView rows) {
  impl_->write(rows);
}

void RowWriter::finish() {
  impl_->finish();
}

}  // namespace pixmill::codecs
