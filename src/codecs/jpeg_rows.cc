#include "codecs/jpeg_rows.h"

#include <cstdio>
// After <cstdio>, which it needs.
#include <jpeglib.h>

#include <array>
#include <csetjmp>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "codecs/exif.h"

namespace pixmill::codecs {
namespace {

constexpr int kRows = 16;  // that are handed on at a time: a row of blocks with halved chroma

// libjpeg reports through this; it is a C library, so an error leaves by longjmp.
struct Reports {
  jpeg_error_mgr base;  // first: libjpeg knows this part
  std::jmp_buf leave;
  bool warned = false;
};

Reports& reports_of(j_common_ptr info) {
  return *reinterpret_cast<Reports*>(info->err);
}

[[noreturn]] void leave(j_common_ptr info) {
  std::longjmp(reports_of(info).leave, 1);
}

void note(j_common_ptr info, int level) {
  if (level < 0) reports_of(info).warned = true;
}

void say_nothing(j_common_ptr) {}

class Cleanup {
 public:
  explicit Cleanup(jpeg_decompress_struct& info) : info_(info) {}
  ~Cleanup() { jpeg_destroy_decompress(&info_); }  // of one that was never created too
  Cleanup(const Cleanup&) = delete;
  Cleanup& operator=(const Cleanup&) = delete;

 private:
  jpeg_decompress_struct& info_;
};

// Nothing here may need a destructor: see Reports.
bool decode(jpeg_decompress_struct& info, Reports& reports, std::span<const std::byte> file, int bands, int reduction,
            std::byte* rows, std::size_t row_bytes, UprightWriter& writer) {
  if (setjmp(reports.leave) != 0) return false;
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  if (jpeg_read_header(&info, TRUE) != JPEG_HEADER_OK) return false;
  const bool plain = info.num_components == bands && info.progressive_mode == FALSE && info.arith_code == FALSE &&
                     jpeg_has_multiple_scans(&info) == FALSE;
  if (!plain || reports.warned) return false;
  info.out_color_space = bands == 1 ? JCS_GRAYSCALE : JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(reduction);
  if (jpeg_start_decompress(&info) == FALSE) return false;
  if (static_cast<std::size_t>(info.output_width) * static_cast<std::size_t>(bands) != row_bytes) return false;
  std::array<JSAMPROW, kRows> lines{};
  for (std::size_t i = 0; i < kRows; ++i) lines[i] = reinterpret_cast<JSAMPROW>(rows + i * row_bytes);
  while (info.output_scanline < info.output_height) {
    const int from = static_cast<int>(info.output_scanline);
    int count = 0;
    while (count < kRows && info.output_scanline < info.output_height)
      count +=
          static_cast<int>(jpeg_read_scanlines(&info, lines.data() + count, static_cast<JDIMENSION>(kRows - count)));
    if (reports.warned) return false;
    writer.write(rows, row_bytes, from, count);
  }
  return jpeg_finish_decompress(&info) != FALSE && !reports.warned;
}

bool begins_with(const jpeg_marker_struct& marker, std::string_view text) {
  return marker.data_length >= text.size() && std::memcmp(marker.data, text.data(), text.size()) == 0;
}

// Nothing here may need a destructor: see Reports. `exif`: within what `info` holds.
bool read_head(jpeg_decompress_struct& info, Reports& reports, std::span<const std::byte> file, JpegHead& head,
               std::span<const std::byte>& exif) {
  constexpr std::string_view kExif("Exif\0\0", 6);
  constexpr unsigned kWhole = 0xFFFF;
  if (setjmp(reports.leave) != 0) return false;
  jpeg_save_markers(&info, JPEG_APP0 + 1, kWhole);
  jpeg_save_markers(&info, JPEG_APP0 + 2, kWhole);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  if (jpeg_read_header(&info, TRUE) != JPEG_HEADER_OK || reports.warned || info.data_precision != 8) return false;
  const bool gray = info.num_components == 1 && info.jpeg_color_space == JCS_GRAYSCALE;
  const bool colour =
      info.num_components == 3 && (info.jpeg_color_space == JCS_YCbCr || info.jpeg_color_space == JCS_RGB);
  if (!gray && !colour) return false;
  bool has_exif = false;
  for (const jpeg_marker_struct* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    if (begins_with(*marker, "ICC_PROFILE")) return false;
    if (marker->marker != JPEG_APP0 + 1 || !begins_with(*marker, "Exif")) continue;
    if (!begins_with(*marker, kExif) || std::exchange(has_exif, true)) return false;
    exif = std::as_bytes(std::span(marker->data, marker->data_length)).subspan(kExif.size());
  }
  head.size = {static_cast<int>(info.image_width), static_cast<int>(info.image_height)};
  head.bands = info.num_components;
  head.in_passes = jpeg_has_multiple_scans(&info) != FALSE;
  return true;
}

void report_to(jpeg_decompress_struct& info, Reports& reports) {
  info.err = jpeg_std_error(&reports.base);
  reports.base.error_exit = leave;
  reports.base.emit_message = note;
  reports.base.output_message = say_nothing;
}

}  // namespace

std::optional<JpegHead> read_jpeg_head(std::span<const std::byte> file) {
  jpeg_decompress_struct info{};
  Reports reports{};
  report_to(info, reports);
  const Cleanup cleanup(info);
  if (setjmp(reports.leave) != 0) return std::nullopt;
  jpeg_create_decompress(&info);
  JpegHead head;
  std::span<const std::byte> exif;
  if (!read_head(info, reports, file, head, exif)) return std::nullopt;
  head.orientation = exif_orientation(exif);
  return head;
}

Size reduced(Size stored, int reduction) {
  return {(stored.width + reduction - 1) / reduction, (stored.height + reduction - 1) / reduction};
}

bool read_jpeg_rows(std::span<const std::byte> file, Size stored, int bands, int reduction, UprightWriter& writer) {
  const std::size_t row_bytes =
      static_cast<std::size_t>(reduced(stored, reduction).width) * static_cast<std::size_t>(bands);
  std::vector<std::byte> rows(row_bytes * kRows);
  jpeg_decompress_struct info{};
  Reports reports{};
  report_to(info, reports);
  const Cleanup cleanup(info);
  if (setjmp(reports.leave) != 0) return false;
  jpeg_create_decompress(&info);
  return decode(info, reports, file, bands, reduction, rows.data(), row_bytes, writer);
}

}  // namespace pixmill::codecs
