// Encoders and decoders of pictures, in turns, on one core unless a rival says how many:
//   codecs_bench png|webp|avif|jxl|jpeg [--rounds N] FOLDER...
// png, webp, avif, jxl: all pictures of the folders are written by each rival, in memory. jpeg: files are read.
// Prints for each folder and rival the processor's time and the wall's (the best of N rounds, summed up over the
// pictures), the size, and for lossy formats PSNR and SSIM of the picture over white.
#include <vips/vips.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <thread>
#include <vector>

// After its types:
#include <jpeglib.h>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/core/error.h"

namespace pixmill {
namespace {

using Bytes = std::vector<std::byte>;

struct Input {
  Image image;
  Bytes file;
};

struct Rival {
  std::string name;
  std::function<Bytes(const Input&)> run;  // the file; nothing of a decoder
};

double seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Figures {
  double cpu = 0, wall = 0, bytes = 0, error = 0, samples = 0, ssim = 0, pictures = 0;
};

// --- How far a picture is from the original, both over white.

std::vector<double> over_white(ImageView image) {
  std::vector<double> samples;
  samples.reserve(static_cast<std::size_t>(image.size().area()) * 3);
  for (int y = 0; y < image.height(); ++y) {
    const auto* row = image.row<std::uint8_t>(y);
    for (int x = 0; x < image.width(); ++x, row += image.channels()) {
      const double alpha = image.channels() == 4 ? row[3] / 255.0 : 1.0;
      for (int c = 0; c < 3; ++c) samples.push_back(row[image.channels() == 1 ? 0 : c] * alpha + 255 * (1 - alpha));
    }
  }
  return samples;
}

// Mean over blocks of 8 x 8 samples of green, which has most of the brightness.
double ssim(const std::vector<double>& a, const std::vector<double>& b, Size size) {
  constexpr double kFirst = 6.5025, kSecond = 58.5225, kCount = 64;
  double sum = 0;
  std::int64_t blocks = 0;
  for (int top = 0; top + 8 <= size.height; top += 8) {
    for (int left = 0; left + 8 <= size.width; left += 8, ++blocks) {
      double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
      for (int y = top; y < top + 8; ++y) {
        for (int x = left; x < left + 8; ++x) {
          const std::size_t at =
              (static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) + static_cast<std::size_t>(x)) * 3 +
              1;
          sa += a[at], sb += b[at], saa += a[at] * a[at], sbb += b[at] * b[at], sab += a[at] * b[at];
        }
      }
      const double ma = sa / kCount, mb = sb / kCount;
      const double va = saa / kCount - ma * ma, vb = sbb / kCount - mb * mb, vab = sab / kCount - ma * mb;
      sum += (2 * ma * mb + kFirst) * (2 * vab + kSecond) / ((ma * ma + mb * mb + kFirst) * (va + vb + kSecond));
    }
  }
  return blocks > 0 ? sum / static_cast<double>(blocks) : 1;
}

void judge(const Input& input, const Bytes& file, Figures& figures) {
  const codecs::Picture back = codecs::decode(file, "what was written");
  const auto before = over_white(input.image), after = over_white(back.image);
  for (std::size_t i = 0; i < before.size(); ++i) figures.error += (before[i] - after[i]) * (before[i] - after[i]);
  figures.samples += static_cast<double>(before.size());
  figures.ssim += ssim(before, after, input.image.size());
}

// --- Rivals.

template <typename... Options>
Bytes by_libvips(const Input& input, const char* writer, Options... options) {
  const ImageView view = input.image;
  VipsImage* image = vips_image_new_from_memory(view.row_bytes(0), input.image.bytes(), view.width(), view.height(),
                                                view.channels(), VIPS_FORMAT_UCHAR);
  image->Type = view.channels() == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  VipsBlob* blob = nullptr;
  const int failed = vips_call(writer, image, &blob, "strip", TRUE, options..., nullptr);
  g_object_unref(image);
  if (failed != 0) throw Error(ErrorCode::internal, vips_error_buffer());
  std::size_t bytes = 0;
  const auto* data = static_cast<const std::byte*>(vips_blob_get(blob, &bytes));
  Bytes file(data, data + bytes);
  vips_area_unref(VIPS_AREA(blob));
  return file;
}

Rival pixmill(const std::string& name, codecs::EncodeOptions options) {
  return {"pixmill " + name, [options](const Input& input) { return codecs::encode(input.image, options); }};
}

// Two threads that share the parts.
void on_two_cores(std::size_t count, const std::function<void(std::size_t)>& part) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) part(i);
  };
  std::thread other(work);
  work();
  other.join();
}

std::vector<Rival> png_rivals() {
  std::vector<Rival> rivals = {
      {"libvips level 2, up",
       [](const Input& input) {
         return by_libvips(input, "pngsave_buffer", "compression", 2, "filter", VIPS_FOREIGN_PNG_FILTER_UP);
       }},
      {"libvips level 6, all", [](const Input& input) {
         return by_libvips(input, "pngsave_buffer", "compression", 6, "filter", VIPS_FOREIGN_PNG_FILTER_ALL);
       }}};
  rivals.push_back(pixmill("fast", {.effort = codecs::Effort::fast}));
  rivals.push_back(pixmill("balanced", {}));
  rivals.push_back(pixmill("balanced, 2 cores", {.side_by_side = on_two_cores}));
  rivals.push_back(pixmill("small", {.effort = codecs::Effort::small}));
  return rivals;
}

std::vector<Rival> lossy_rivals(codecs::Format format, const char* writer, int from, int to) {
  std::vector<Rival> rivals;
  for (int effort = from; effort <= to; ++effort) {
    rivals.push_back({"effort " + std::to_string(effort), [=](const Input& input) {
                        if (format != codecs::Format::avif) return by_libvips(input, writer, "Q", 90, "effort", effort);
                        return by_libvips(input, writer, "Q", 90, "effort", effort, "compression",
                                          VIPS_FOREIGN_HEIF_COMPRESSION_AV1);
                      }});
  }
  if (format == codecs::Format::webp) {
    for (const int effort : {0, 2, 4, 6}) {
      rivals.push_back({"lossless, effort " + std::to_string(effort), [=](const Input& input) {
                          return by_libvips(input, writer, "lossless", TRUE, "effort", effort);
                        }});
    }
  }
  rivals.push_back(pixmill("fast", {.format = format, .effort = codecs::Effort::fast}));
  rivals.push_back(pixmill("balanced", {.format = format}));
  rivals.push_back(pixmill("small", {.format = format, .effort = codecs::Effort::small}));
  return rivals;
}

// libjpeg-turbo itself, into RGB rows.
Bytes read_by_libjpeg(const Input& input) {
  jpeg_decompress_struct reader{};
  jpeg_error_mgr errors{};
  reader.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&reader);
  jpeg_mem_src(&reader, reinterpret_cast<const unsigned char*>(input.file.data()), input.file.size());
  jpeg_read_header(&reader, TRUE);
  reader.out_color_space = JCS_RGB;
  jpeg_start_decompress(&reader);
  Image image({static_cast<int>(reader.output_width), static_cast<int>(reader.output_height)}, 3);
  while (reader.output_scanline < reader.output_height) {
    JSAMPROW row = image.row<std::uint8_t>(static_cast<int>(reader.output_scanline));
    jpeg_read_scanlines(&reader, &row, 1);
  }
  jpeg_finish_decompress(&reader);
  jpeg_destroy_decompress(&reader);
  return {};
}

Bytes read_by_libvips(const Input& input) {
  VipsImage* image = nullptr;
  if (vips_jpegload_buffer(const_cast<std::byte*>(input.file.data()), input.file.size(), &image, "access",
                           VIPS_ACCESS_SEQUENTIAL, nullptr) != 0)
    throw Error(ErrorCode::corrupt, vips_error_buffer());
  std::size_t bytes = 0;
  g_free(vips_image_write_to_memory(image, &bytes));
  g_object_unref(image);
  return {};
}

std::vector<Rival> jpeg_rivals() {
  return {{"libvips", read_by_libvips},
          {"pixmill",
           [](const Input& input) {
             codecs::decode(input.file, "a file", {.metadata = false});
             return Bytes();
           }},
          {"libjpeg-turbo", read_by_libjpeg}};
}

std::vector<Rival> rivals_of(const std::string& task) {
  if (task == "png") return png_rivals();
  if (task == "webp") return lossy_rivals(codecs::Format::webp, "webpsave_buffer", 0, 6);
  if (task == "avif") return lossy_rivals(codecs::Format::avif, "heifsave_buffer", 0, 9);
  if (task == "jxl") return lossy_rivals(codecs::Format::jxl, "jxlsave_buffer", 3, 7);
  if (task == "jpeg") return jpeg_rivals();
  throw Error(ErrorCode::usage, "there is no task '" + task + "'", "png, webp, avif, jxl or jpeg");
}

// --- Measuring.

void measure(const Input& input, const std::vector<Rival>& rivals, int rounds, bool lossy,
             std::map<std::string, Figures>& all) {
  std::map<std::string, std::pair<double, double>> best;
  for (int round = 0; round < rounds; ++round) {
    for (const Rival& rival : rivals) {
      const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
      const Bytes file = rival.run(input);
      auto& [least_cpu, least_wall] =
          best.try_emplace(rival.name, std::numeric_limits<double>::max(), std::numeric_limits<double>::max())
              .first->second;
      least_cpu = std::min(least_cpu, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
      least_wall = std::min(least_wall, seconds(CLOCK_MONOTONIC) - wall);
      if (round > 0) continue;
      Figures& figures = all[rival.name];
      figures.bytes += static_cast<double>(file.size());
      ++figures.pictures;
      if (lossy) judge(input, file, figures);
    }
  }
  for (const auto& [name, times] : best) {
    all[name].cpu += times.first;
    all[name].wall += times.second;
  }
}

void measure_folder(const std::string& task, const std::filesystem::path& folder, int rounds) {
  const bool lossy = task != "png" && task != "jpeg";
  const std::vector<Rival> rivals = rivals_of(task);
  std::map<std::string, Figures> all;
  double megapixels = 0;
  std::vector<std::filesystem::path> paths(std::filesystem::directory_iterator(folder), {});
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) {
    Input input;
    input.file = codecs::read_file(path);
    codecs::Picture picture = codecs::decode(input.file, path.string());
    if (picture.image.type() != PixelType::u8 || (task == "jpeg" && picture.format != codecs::Format::jpeg)) continue;
    input.image = std::move(picture.image);
    megapixels += static_cast<double>(input.image.size().area()) / 1e6;
    measure(input, rivals, rounds, lossy, all);
  }
  std::printf("\n%s: %zu files, %.1f megapixels\n", folder.c_str(), paths.size(), megapixels);
  std::printf("%-24s %10s %10s %12s%s\n", "", "CPU ms", "wall ms", "KB", lossy ? "     PSNR     SSIM" : "");
  for (const Rival& rival : rivals) {
    const Figures& found = all[rival.name];
    std::printf("%-24s %10.1f %10.1f %12.1f", rival.name.c_str(), found.cpu * 1e3, found.wall * 1e3, found.bytes / 1e3);
    if (lossy) {
      std::printf(" %8.2f %8.5f", 10 * std::log10(255.0 * 255.0 / std::max(1e-9, found.error / found.samples)),
                  found.ssim / found.pictures);
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

int run(std::vector<std::string> words) {
  int rounds = 3;
  const auto flag = std::find(words.begin(), words.end(), "--rounds");
  if (flag != words.end() && flag + 1 != words.end()) {
    rounds = std::stoi(flag[1]);
    words.erase(flag, flag + 2);
  }
  if (words.size() < 2) {
    std::fprintf(stderr, "codecs_bench png|webp|avif|jxl|jpeg [--rounds N] FOLDER...\n");
    return 2;
  }
  codecs::supported_formats();  // starts libvips
  vips_concurrency_set(1);
  for (std::size_t i = 1; i < words.size(); ++i) measure_folder(words[0], words[i], rounds);
  return 0;
}

}  // namespace
}  // namespace pixmill

int main(int count, char** words) {
  try {
    return pixmill::run({words + 1, words + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
