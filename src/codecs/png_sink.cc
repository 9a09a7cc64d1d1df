// Rows become strips; a few strips at a time are compressed beside the caller, in a thread of their own.
#include <algorithm>
#include <cstring>
#include <future>
#include <system_error>
#include <utility>
#include <vector>

#include "codecs/png_file.h"
#include "codecs/png_strip.h"
#include "codecs/row_sink.h"
#include "codecs/side_by_side.h"

namespace pixmill::codecs {
namespace {

// Strips that are compressed at once: enough for the cores of most machines, a few megabytes.
constexpr int kStripsAtOnce = 8;

// Rows in the order of the picture, below the last one of those before.
struct Rows {
  Image image;
  int first = 0;  // the first row that is new: 0 at the top of the picture, else 1
  int end = 0;
};

class PngSink : public RowSink {
 public:
  PngSink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec)
      : file_(file),
        options_(options),
        strip_rows_(png_strip_rows(spec.size.width, spec.channels, spec.type, options.effort)),
        group_rows_(std::min(spec.size.height, (options.side_by_side ? kStripsAtOnce : 1) * strip_rows_)) {
    const std::vector<std::byte> head = png_head(spec, options.metadata);
    options_.metadata = nullptr;
    for (Rows* rows : {&filled_, &compressed_})
      rows->image = Image({spec.size.width, group_rows_ + 1}, spec.channels, spec.type);
    file_.write(head);
    file_.check();
  }

  ~PngSink() override {
    if (busy_.valid()) busy_.wait();
  }

  void write(ImageView rows) override {
    file_.check();
    for (int y = 0; y < rows.height();) {
      const int count = std::min(rows.height() - y, filled_.first + group_rows_ - filled_.end);
      for (int i = 0; i < count; ++i)
        std::memcpy(row(filled_, filled_.end + i), rows.row_bytes(y + i), filled_.image.stride());
      filled_.end += count;
      y += count;
      if (filled_.end == filled_.first + group_rows_) compress_filled();
    }
  }

  void finish() override {
    if (filled_.end > filled_.first) compress_filled();
    wait();
    file_.write(png_end(all_));
    file_.check();
  }

 private:
  static std::byte* row(Rows& rows, int y) {
    return rows.image.data() + static_cast<std::size_t>(y) * rows.image.stride();
  }

  void wait() {
    if (busy_.valid()) busy_.get();
    file_.check();
  }

  void compress_filled() {
    wait();
    std::swap(filled_, compressed_);
    std::memcpy(row(filled_, 0), row(compressed_, compressed_.end - 1), filled_.image.stride());
    filled_.first = filled_.end = 1;
    try {
      busy_ = std::async(std::launch::async, [this] { compress(); });
    } catch (const std::system_error&) {  // no thread is to be had
      compress();
    }
  }

  void compress() {
    const int rows = compressed_.end - compressed_.first;
    std::vector<PngStrip> strips(static_cast<std::size_t>((rows + strip_rows_ - 1) / strip_rows_));
    run_side_by_side(options_, strips.size(), [&](std::size_t i) {
      const int from = compressed_.first + static_cast<int>(i) * strip_rows_;
      strips[i] =
          make_png_strip(compressed_.image, from, std::min(from + strip_rows_, compressed_.end), options_.effort);
    });
    for (const PngStrip& strip : strips) {
      file_.write(strip.chunk);
      all_.append(strip.adler);
    }
  }

  OutputFile& file_;
  EncodeOptions options_;
  const int strip_rows_;
  const int group_rows_;  // of the strips that are compressed at once: one strip where nobody helps
  Rows filled_;           // by write()
  Rows compressed_;       // by compress(), while `busy_` is valid
  Adler all_;
  std::future<void> busy_;
};

}  // namespace

std::unique_ptr<RowSink> make_png_sink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec) {
  return std::make_unique<PngSink>(file, options, spec);
}

}  // namespace pixmill::codecs
