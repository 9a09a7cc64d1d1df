// Masks of photographs on one core: from runs to bits, growing, PNG. A person stands in the middle, with arms, legs and
// a crooked edge.
//   bit_mask_bench --benchmark_filter=Dilate
#include <benchmark/benchmark.h>

#include <cmath>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/gray_png.h"
#include "pixmill/core/bit_mask.h"

namespace pixmill {
namespace {

constexpr Size k12Megapixels = {4000, 3000}, k24Megapixels = {6000, 4000};

RunMask person(Size size) {
  RunMaskBuilder mask(size);
  const double middle = size.width / 2.0, reach = size.height * 0.18;
  for (int x = 0; x < size.width; ++x) {
    const double off = (x - middle) / reach;
    if (std::abs(off) > 1) continue;
    const double edge = 12 * std::sin(x * 0.21) + 7 * std::sin(x * 0.047);
    const double top = size.height * (0.12 + 0.5 * off * off) + edge, bottom = size.height * (0.95 - 0.2 * off * off);
    mask.add(x, static_cast<int>(top), static_cast<int>(bottom - (std::abs(off) < 0.1 ? size.height * 0.3 : 0)));
  }
  return mask.take();
}

BitMask bits(Size size) {
  BitMask made(size);
  add(made, person(size));
  return made;
}

Size of(const benchmark::State& state) {
  return state.range(0) == 12 ? k12Megapixels : k24Megapixels;
}

void FromRuns(benchmark::State& state) {
  const RunMask runs = person(of(state));
  for (auto _ : state) {
    BitMask made(of(state));
    add(made, runs);
    benchmark::DoNotOptimize(made.bits().data());
  }
}

void Dilate(benchmark::State& state) {
  const BitMask from = bits(of(state));
  for (auto _ : state) {
    BitMask grown = from;
    dilate(grown, static_cast<int>(state.range(1)));
    benchmark::DoNotOptimize(grown.bits().data());
  }
}

void FillHoles(benchmark::State& state) {
  const BitMask from = bits(of(state));
  for (auto _ : state) {
    BitMask filled = from;
    fill_holes(filled);
    benchmark::DoNotOptimize(filled.bits().data());
  }
}

void GrayPng(benchmark::State& state) {
  BitMask mask = bits(of(state));
  invert(mask);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = codecs::gray_png(mask).size();
  state.counters["KB"] = static_cast<double>(bytes) / 1000;
}

void VipsPng(benchmark::State& state) {
  BitMask mask = bits(of(state));
  invert(mask);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = codecs::encode(image_of(mask), {.format = codecs::Format::png}).size();
  state.counters["KB"] = static_cast<double>(bytes) / 1000;
}

BENCHMARK(FromRuns)->Arg(12)->Arg(24)->Unit(benchmark::kMillisecond);
BENCHMARK(Dilate)->ArgsProduct({{12, 24}, {1, 7, 15, 50, 200}})->Unit(benchmark::kMillisecond);
BENCHMARK(FillHoles)->Arg(12)->Arg(24)->Unit(benchmark::kMillisecond);
BENCHMARK(GrayPng)->Arg(12)->Arg(24)->Unit(benchmark::kMillisecond);
BENCHMARK(VipsPng)->Arg(12)->Arg(24)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pixmill

BENCHMARK_MAIN();
