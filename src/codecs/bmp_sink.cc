// A bitmap's last row comes first: every strip is written where it belongs.
#include <unistd.h>

#include <vector>

#include "codecs/bmp.h"
#include "codecs/row_sink.h"

namespace pixmill::codecs {
namespace {

class BmpSink : public RowSink {
 public:
  BmpSink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec)
      : file_(file),
        row_bytes_(bmp_row_bytes(spec.size.width, spec.channels == 4)),
        end_(bmp_bytes(spec.size, spec.channels == 4)) {
    const double pixels_per_mm = options.metadata != nullptr ? options.metadata->pixels_per_mm : 0.0;
    file_.write(bmp_header(spec.size, spec.channels == 4, pixels_per_mm));
    file_.check();
  }

  void write(ImageView rows) override {
    strip_.resize(row_bytes_ * static_cast<std::size_t>(rows.height()));
    std::byte* out = strip_.data();
    for (int y = rows.height() - 1; y >= 0; --y, out += row_bytes_) {
      write_bmp_row(rows.row<std::uint8_t>(y), rows.width(), rows.channels(), out);
    }
    end_ -= strip_.size();
    if (file_.seek(static_cast<std::int64_t>(end_), SEEK_SET) >= 0) file_.write(strip_);
    file_.check();
  }

  void finish() override { file_.check(); }

 private:
  OutputFile& file_;
  std::size_t row_bytes_;
  std::uint64_t end_;  // of the rows that are still missing, in the file
  std::vector<std::byte> strip_;
};

}  // namespace

std::unique_ptr<RowSink> make_bmp_sink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec) {
  return std::make_unique<BmpSink>(file, options, spec);
}

}  // namespace pixmill::codecs
