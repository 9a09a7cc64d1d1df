// What a cut-out costs at the photo's size, on one core, without decoding and inference:
//   cutout_bench PHOTO MASK
// MASK: a gray picture of any size, reduced to the 320x320 that models answer with.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <utility>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/core/foreground.h"
#include "pixmill/core/guided_filter.h"
#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

constexpr int kRuns = 40;
constexpr Size kAnswer = {320, 320};

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

// The least time that each step took.
struct Times {
  double matte = std::numeric_limits<double>::max();
  double colours = std::numeric_limits<double>::max();
  double alpha = std::numeric_limits<double>::max();
};

void finish(Image photo, ImageView small, Times& times) {
  const auto start = Clock::now();
  const Matte matte = enlarge_guided(small, photo);
  const auto enlarged = Clock::now();
  const Image colours = estimate_foreground(std::move(photo), matte);
  const auto estimated = Clock::now();
  const Image result = with_alpha(colours, matte);
  const auto end = Clock::now();
  times.matte = std::min(times.matte, milliseconds(start, enlarged));
  times.colours = std::min(times.colours, milliseconds(enlarged, estimated));
  times.alpha = std::min(times.alpha, milliseconds(estimated, end));
}

Image picture(const char* file) {
  return codecs::decode(codecs::read_file(file), file).image;
}

// Share of the pixels that are neither wholly in nor wholly out.
double half_covered(const Matte& matte) {
  std::int64_t held = 0;
  for (int y = 0; y < matte.height(); ++y) {
    matte.each_run(y, [&](const Matte::Run& run) { held += run.values == nullptr ? 0 : run.width(); });
  }
  return static_cast<double>(held) / static_cast<double>(matte.size().area());
}

void measure(const char* photo_file, const char* mask_file) {
  const Image photo = to_rgb8(picture(photo_file));
  const Image small = resize(to_f32(picture(mask_file)), kAnswer, Filter::box);
  Times times;
  for (int i = 0; i < kRuns; ++i) finish(photo.clone(), small, times);
  std::printf("%d x %d, %.1f%% with values: matte %.1f ms, colours %.1f ms, alpha %.1f ms, together %.1f ms\n",
              photo.width(), photo.height(), 100.0 * half_covered(Matte(small, photo.size())), times.matte,
              times.colours, times.alpha, times.matte + times.colours + times.alpha);
}

}  // namespace
}  // namespace pixmill

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: cutout_bench PHOTO MASK\n", stderr);
    return 2;
  }
  try {
    pixmill::measure(argv[1], argv[2]);
  } catch (const pixmill::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
