// The kernels of src/core on one core, under every SIMD target of the machine:
//   kernels_bench --benchmark_filter=resize
#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/simd.h"
#include "pixmill/core/blur.h"
#include "pixmill/core/composite.h"
#include "pixmill/core/resize.h"

namespace pixmill {
namespace {

constexpr Size kPhoto = {4000, 3000};
constexpr Size kInput = {320, 320};

Image noise(Size size, int channels, PixelType type = PixelType::u8) {
  Image image(size, channels, PixelType::u8);
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < image.bytes(); ++i) {
    state = state * 1664525U + 1013904223U;
    image.data()[i] = static_cast<std::byte>(state >> 24U);
  }
  return type == PixelType::u8 ? std::move(image) : to_f32(image);
}

template <typename Work>
void add(const std::string& name, const std::string& target, Work work) {
  benchmark::RegisterBenchmark((name + "/" + target).c_str(), [target, work](benchmark::State& state) {
    use_simd(target);
    work(state);
  })->Unit(benchmark::kMillisecond);
}

void add_resize(const std::string& name, const std::string& target, Size from, int channels, PixelType type, Size to,
                Filter filter) {
  add("resize/" + name, target, [=](benchmark::State& state) {
    const Image image = noise(from, channels, type);
    for (auto _ : state) benchmark::DoNotOptimize(resize(image, to, filter).data());
  });
}

void add_all(const std::string& target) {
  add_resize("rgb_400x300_to_320x320_lanczos3", target, {400, 300}, 3, PixelType::u8, kInput, Filter::lanczos3);
  add_resize("rgb_12mp_to_320x320_lanczos3", target, kPhoto, 3, PixelType::u8, kInput, Filter::lanczos3);
  add_resize("rgb_12mp_to_320x320_bilinear", target, kPhoto, 3, PixelType::u8, kInput, Filter::bilinear);
  add_resize("f32_320x320_to_12mp_bilinear", target, kInput, 1, PixelType::f32, kPhoto, Filter::bilinear);
  add("normalise/320x320", target, [](benchmark::State& state) {
    const Image image = noise(kInput, 3);
    std::vector<float> out(3 * static_cast<std::size_t>(kInput.area()));
    for (auto _ : state) {
      normalise(image, {}, out);
      benchmark::ClobberMemory();
    }
  });
  for (const int sigma : {2, 20}) {
    add("gaussian_blur/rgb_12mp_sigma_" + std::to_string(sigma), target, [sigma](benchmark::State& state) {
      const Image image = noise(kPhoto, 3);
      for (auto _ : state) benchmark::DoNotOptimize(gaussian_blur(image, static_cast<float>(sigma)).data());
    });
  }
  add("with_alpha/rgb_12mp_f32", target, [](benchmark::State& state) {
    const Image image = noise(kPhoto, 3);
    const Image matte = noise(kPhoto, 1, PixelType::f32);
    for (auto _ : state) benchmark::DoNotOptimize(with_alpha(image, matte).data());
  });
  add("over_colour/rgba_12mp", target, [](benchmark::State& state) {
    const Image image = noise(kPhoto, 4);
    for (auto _ : state) benchmark::DoNotOptimize(over_colour(image, {255, 255, 255}).data());
  });
  add("opaque_bounds/u8_12mp", target, [](benchmark::State& state) {
    const Image image = noise(kPhoto, 1);
    for (auto _ : state) benchmark::DoNotOptimize(opaque_bounds(image, 8));
  });
}

}  // namespace
}  // namespace pixmill

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (const std::string& target : pixmill::simd_targets()) pixmill::add_all(target);
  benchmark::RunSpecifiedBenchmarks();
}
