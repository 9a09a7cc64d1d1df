// Masks of 300 things on a photograph of 12 megapixels, on one core: prototypes of 160 x 160, an input of 640 x 640.
//   masks_bench --benchmark_filter=avx3
// `realistic`: boxes of 1 % to 40 % of the picture's sides, as likely small as large (the median is 6 %); `whole`:
// every box is the picture. MB: of the masks that come out; peak_MB: what the process took beside.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "core/simd.h"
#include "tasks/segment/decoders.h"

namespace pixmill::tasks {
namespace {

constexpr Size kPhoto = {4000, 3000};
constexpr int kThings = 300, kPrototypes = 32, kSide = 160, kInput = 640;

models::ModelCard card() {
  models::ModelCard made;
  made.id = "bench";
  made.task = "segment";
  made.input.size = {kInput, kInput};
  made.input.fit = models::Fit::letterbox;
  made.output.decoder = "end_to_end";
  return made;
}

// Noise that was smoothed over about 12 samples, so that a mask has the crooked edges and few parts of a thing.
Tensor prototypes(std::mt19937& random) {
  Tensor made({1, kPrototypes, kSide, kSide}, ElementType::f32);
  std::normal_distribution<float> normal;
  const std::span<float> values = made.as<float>();
  for (float& value : values) value = normal(random);
  for (int round = 0; round < 2; ++round) {
    for (const std::size_t step : {1, kSide}) {
      for (std::size_t i = step; i < values.size(); ++i) values[i] = 0.85F * values[i - step] + 0.3F * values[i];
      for (std::size_t i = values.size() - step; i-- > 0;) values[i] = 0.85F * values[i + step] + 0.3F * values[i];
    }
  }
  return made;
}

// Rows of box, score, class and coefficients.
Tensor table(std::mt19937& random, bool whole) {
  Tensor made({1, kThings, 6 + kPrototypes}, ElementType::f32);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> share;
  constexpr float kPadding = 80, kHeight = 480;  // of 4:3 in a square
  float* row = made.as<float>().data();
  for (int i = 0; i < kThings; ++i, row += 6 + kPrototypes) {
    const auto side = [&] { return whole ? 1.0F : std::exp(std::log(0.01F) + share(random) * std::log(40.0F)); };
    const float width = side() * kInput, height = side() * kHeight;
    const float left = share(random) * (kInput - width), top = kPadding + share(random) * (kHeight - height);
    const float box[] = {left, top, left + width, top + height, 0.9F, 0};
    std::copy(std::begin(box), std::end(box), row);
    for (int k = 0; k < kPrototypes; ++k) row[6 + k] = normal(random);
  }
  return made;
}

// The kernel's count of the largest memory so far, from now on.
void forget_peak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}
double megabytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kilobytes = 0;
    if (word == key && status >> kilobytes) return kilobytes / 1024;
  }
  return 0;
}

void add(const std::string& target, const char* name, bool whole) {
  benchmark::RegisterBenchmark(("masks_12mp_300/" + std::string(name) + "/" + target).c_str(),
                               [=](benchmark::State& state) {
                                 use_simd(target);
                                 std::mt19937 random(7);
                                 std::vector<Tensor> outputs;
                                 outputs.push_back(table(random, whole));
                                 outputs.push_back(prototypes(random));
                                 const models::ModelCard from = card();
                                 const Seen seen{from, outputs, kPhoto, place_input(kPhoto, from.input), {}};
                                 forget_peak();
                                 const double before = megabytes("VmRSS:");
                                 std::size_t bytes = 0;
                                 for (auto _ : state) {
                                   const Detections found = decode_prototypes(seen);
                                   bytes = 0;
                                   for (const Detection& one : found.found) bytes += one.mask.runs.size() * 4;
                                 }
                                 state.counters["MB"] = static_cast<double>(bytes) / (1 << 20);
                                 state.counters["peak_MB"] = megabytes("VmHWM:") - before;
                               })
      ->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace pixmill::tasks

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (const std::string& target : pixmill::simd_targets()) {
    pixmill::tasks::add(target, "realistic", false);
    pixmill::tasks::add(target, "whole", true);
  }
  benchmark::RunSpecifiedBenchmarks();
}
