// From a detector's output to the boxes of a picture, on one core, under every SIMD target of the machine:
//   boxes_bench --benchmark_filter=avx2
//
// "decode" is a head of YOLOv8 with 80 classes: so many candidates, of which one in forty passes the confidence (in
// photographs it is one in a hundred). "nms" gets as many boxes as its name says, all above the confidence, ten around
// each thing; "spread" are boxes anywhere, of which more stay.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "core/simd.h"
#include "pixmill/models/model_card.h"
#include "pixmill/tasks/boxes.h"
#include "tasks/detect/decoders.h"

namespace pixmill::tasks {
namespace {

constexpr int kClasses = 80;
constexpr std::size_t kKept = 1000;  // what a record keeps

float pick(std::mt19937& random, float from, float to) {
  return from + (to - from) * static_cast<float>(random() >> 8U) / 16777216.0F;
}

std::vector<Box> crowd(std::size_t count, std::size_t of_each) {
  std::mt19937 random(1);
  std::vector<Box> boxes;
  Box thing;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % of_each == 0) {
      thing.left = pick(random, 0, 600), thing.top = pick(random, 0, 600);
      thing.right = thing.left + pick(random, 8, 120), thing.bottom = thing.top + pick(random, 8, 120);
      thing.label = static_cast<int>(random() % kClasses);
    }
    const float dx = pick(random, -3, 3), dy = pick(random, -3, 3);
    boxes.push_back(
        {thing.left + dx, thing.top + dy, thing.right + dx, thing.bottom + dy, pick(random, 0.05F, 1), thing.label});
  }
  return boxes;
}

Tensor head(std::size_t candidates) {
  Tensor output({1, 4 + kClasses, static_cast<std::int64_t>(candidates)}, ElementType::f32);
  std::mt19937 random(1);
  float* values = output.as<float>().data();
  for (std::size_t i = 4 * candidates; i < (4 + kClasses) * candidates; ++i) values[i] = pick(random, 0, 0.04F);
  const std::vector<Box> boxes = crowd(candidates, 10);
  for (std::size_t i = 0; i < candidates; ++i) {
    const Box& box = boxes[i];
    values[i] = (box.left + box.right) / 2;
    values[candidates + i] = (box.top + box.bottom) / 2;
    values[2 * candidates + i] = box.right - box.left;
    values[3 * candidates + i] = box.bottom - box.top;
    if (i % 40 == 0) values[(4 + static_cast<std::size_t>(box.label)) * candidates + i] = box.score;
  }
  return output;
}

template <typename Work>
void add(const std::string& name, const std::string& target, Work work) {
  benchmark::RegisterBenchmark((name + "/" + target).c_str(), [target, work](benchmark::State& state) {
    use_simd(target);
    work(state);
  })->Unit(benchmark::kMillisecond);
}

void add_suppression(const std::string& name, const std::string& target, std::size_t count, std::size_t of_each,
                     bool across_classes) {
  add("nms/" + name + std::to_string(count), target, [=](benchmark::State& state) {
    const std::vector<Box> boxes = crowd(count, of_each);
    std::size_t kept = 0;
    for (auto _ : state) {
      kept = best_boxes(boxes, {.across_classes = across_classes, .most = kKept}).size();
      benchmark::DoNotOptimize(kept);
    }
    state.counters["kept"] = static_cast<double>(kept);
  });
}

void add_all(const std::string& target) {
  for (const std::size_t count : {8400U, 100000U}) {
    add("decode/" + std::to_string(count), target, [=](benchmark::State& state) {
      const Tensor output = head(count);
      models::ModelCard card;
      card.output.decoder = "yolov8";
      for (auto _ : state)
        benchmark::DoNotOptimize(decode_boxes(card, {&output, 1}, 0.05F, {.most = kKept}).boxes.data());
    });
    add_suppression("", target, count, 10, false);
    add_suppression("agnostic_", target, count, 10, true);
    add_suppression("spread_", target, count, 1, false);
    add_suppression("agnostic_spread_", target, count, 1, true);
  }
}

}  // namespace
}  // namespace pixmill::tasks

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (const std::string& target : pixmill::simd_targets()) pixmill::tasks::add_all(target);
  benchmark::RunSpecifiedBenchmarks();
}
