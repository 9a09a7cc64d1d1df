// libvips pulls pixels, a task pushes rows: its writer runs in a thread of its own and takes the rows that write()
// offers, without a copy between them but libvips' own.
#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

#include "codecs/metadata.h"
#include "codecs/row_sink.h"
#include "codecs/save.h"
#include "codecs/vips.h"
#include "pixmill/core/error.h"

namespace pixmill::codecs {
namespace {

// Passes what libvips writes on to a file.
Ref<VipsTargetCustom> target_into(OutputFile& file) {
  Ref<VipsTargetCustom> target(vips_target_custom_new());
  const auto write = +[](VipsTargetCustom*, const void* data, gint64 bytes, gpointer to) {
    static_cast<OutputFile*>(to)->write({static_cast<const std::byte*>(data), static_cast<std::size_t>(bytes)});
    return bytes;
  };
  const auto read = +[](VipsTargetCustom*, void* data, gint64 bytes, gpointer from) {
    return gint64{
        static_cast<OutputFile*>(from)->read({static_cast<std::byte*>(data), static_cast<std::size_t>(bytes)})};
  };
  const auto seek = +[](VipsTargetCustom*, gint64 offset, int whence, gpointer in) {
    return gint64{static_cast<OutputFile*>(in)->seek(offset, whence)};
  };
  g_signal_connect(target.get(), "write", G_CALLBACK(write), &file);
  g_signal_connect(target.get(), "read", G_CALLBACK(read), &file);
  g_signal_connect(target.get(), "seek", G_CALLBACK(seek), &file);
  return target;
}

class VipsSink : public RowSink {
 public:
  VipsSink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec)
      : file_(file), options_(options), picture_(vips_image_new()), target_(target_into(file)) {
    vips_image_init_fields(picture_.get(), spec.size.width, spec.size.height, spec.channels, band_format_of(spec.type),
                           VIPS_CODING_NONE, interpretation_of(spec.channels, spec.type), 1.0, 1.0);
    if (options.metadata != nullptr) attach_metadata(picture_.get(), options.format, *options.metadata);
    // Whole strips of rows from top to bottom, as they come.
    const bool made = vips_image_pipelinev(picture_.get(), VIPS_DEMAND_STYLE_FATSTRIP, nullptr) == 0 &&
                      vips_image_generate(picture_.get(), nullptr, generate, nullptr, this, nullptr) == 0;
    if (!made) throw failed(take_vips_error());
    try {
      thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
      throw failed(error.what());
    }
  }

  ~VipsSink() override {
    // The text of the writer that is broken off belongs to nobody.
    const auto inside = enter_vips();
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void write(ImageView rows) override {
    std::unique_lock lock(mutex_);
    offered_ = rows;
    taken_ = 0;
    changed_.notify_all();
    changed_.wait(lock, [&] { return taken_ == offered_.height() || ended_; });
    file_.check();
    if (taken_ < offered_.height()) throw failed(failure_.value_or("it ended before the picture did"));
    offered_ = {};
    taken_ = 0;
  }

  void finish() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_; });
    file_.check();
    if (failure_) throw failed(*failure_);
  }

 private:
  // In a thread of libvips: the rows of `region`, once they have been written.
  static int generate(VipsRegion* region, void*, void* sink, void*, gboolean*) {
    return static_cast<VipsSink*>(sink)->fill(region) ? 0 : -1;
  }

  bool fill(VipsRegion* region) {
    const VipsRect& area = region->valid;
    if (area.left != 0 || area.width != picture_->Xsize) return false;
    const std::size_t row_bytes = VIPS_IMAGE_SIZEOF_LINE(picture_.get());
    std::unique_lock lock(mutex_);
    if (area.top < next_) return false;  // rows that are gone
    for (int y = 0; y < area.height;) {
      changed_.wait(lock, [&] { return stopped_ || (next_ == area.top + y && taken_ < offered_.height()); });
      if (stopped_) return false;
      const int count = std::min(area.height - y, offered_.height() - taken_);
      for (int i = 0; i < count; ++i) {
        std::memcpy(VIPS_REGION_ADDR(region, 0, area.top + y + i), offered_.row_bytes(taken_ + i), row_bytes);
      }
      y += count;
      next_ += count;
      taken_ += count;
      changed_.notify_all();
    }
    return true;
  }

  void run() {
    const bool good = save_to_target(picture_.get(), VIPS_TARGET(target_.get()), options_, HuffmanTables::fixed);
    {
      const std::scoped_lock lock(mutex_);
      if (!good && !stopped_) failure_ = take_vips_error();
      ended_ = true;
    }
    changed_.notify_all();
    vips_thread_shutdown();
  }

  Error failed(const std::string& reason) const {
    return {ErrorCode::internal,
            file_.name() + " cannot be written as " + std::string(name_of(options_.format)) + ": " + reason,
            "choose another format"};
  }

  OutputFile& file_;
  EncodeOptions options_;  // of its metadata only whether there is any is asked
  Ref<VipsImage> picture_;
  Ref<VipsTargetCustom> target_;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  ImageView offered_;  // by write(), which waits until all its rows are taken
  int taken_ = 0;      // rows of `offered_`
  int next_ = 0;       // rows of the picture that were taken
  bool stopped_ = false;
  bool ended_ = false;
  std::optional<std::string> failure_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<RowSink> make_vips_sink(OutputFile& file, const EncodeOptions& options, const RowSpec& spec) {
  return std::make_unique<VipsSink>(file, options, spec);
}

}  // namespace pixmill::codecs
