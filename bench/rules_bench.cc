// How long a rule takes for a picture with three things, and how long it takes to be read.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "pixmill/tasks/rule.h"

namespace {

using pixmill::tasks::Rule;
using pixmill::tasks::RulePicture;
using pixmill::tasks::RuleThing;

constexpr std::array<const char*, 4> kRules = {
    "person", "person >= 2 and not car and area(person) > 5% and sharpness > 80",
    "count(person, area > 5% and confidence > 0.5) >= 2", "name ~ \"IMG_*\" and (person + dog) >= 2"};

void holds(benchmark::State& state) {
  const char* text = kRules[static_cast<std::size_t>(state.range(0))];
  const Rule rule = Rule::parse(text, 0.25F);
  const std::array<RuleThing, 3> things = {
      {{0, 0.9F, 10, 10, 400, 400, 90000}, {0, 0.6F, 300, 100, 600, 470, 60000}, {-1, 0.3F, 0, 0, 50, 60, 2000}}};
  const RulePicture picture{"2024/IMG_0001.jpg", {640, 480}, {120, 100}, 1'700'000'000, things};
  for (auto _ : state) benchmark::DoNotOptimize(rule.holds(picture));
  state.SetLabel(text);
}
BENCHMARK(holds)->DenseRange(0, 3);

void parse_longest(benchmark::State& state) {
  std::string text = "person";
  while (text.size() + 40 < pixmill::tasks::kLongestRule) text += " and not (car >= 2 or area(dog) > 5%)";
  for (auto _ : state) benchmark::DoNotOptimize(Rule::parse(text, 0.25F));
  state.SetLabel(std::to_string(text.size()) + " bytes");
}
BENCHMARK(parse_longest);

}  // namespace

BENCHMARK_MAIN();
