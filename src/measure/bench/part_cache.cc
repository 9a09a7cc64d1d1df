// The cache of results: what a picture costs that was looked at before.
#include <cmath>
#include <random>

#include "measure/bench/part_rows.h"
#include "pixmill/pipeline/result_cache.h"

namespace pixmill::measure {
namespace {

struct Kind {
  const char* name;
  std::vector<std::int64_t> shape;
};

// Smooth, with some noise, as outputs of networks are.
Tensor made_up(const std::vector<std::int64_t>& shape) {
  std::mt19937 random(7);
  std::normal_distribution<float> noise(0, 0.01F);
  Tensor tensor(shape, ElementType::f32);
  float at = 0;
  for (float& value : tensor.as<float>()) value = std::sin(at += 0.01F) + noise(random);
  return tensor;
}

}  // namespace

std::vector<PartRow> measure_cache(const PartInput& input) {
  constexpr double kSlowModelMs = 1000.0;  // so that keeping it pays
  std::vector<PartRow> rows;
  for (const Kind& kind : {Kind{"a matte of 320x320", {1, 1, 320, 320}}, Kind{"8400 candidates", {1, 84, 8400}},
                           Kind{"an embedding of 4 MB", {1, 256, 64, 64}}}) {
    pipeline::ResultCache cache(input.scratch / "results", std::int64_t{1} << 30, "measured");
    const Tensor output = made_up(kind.shape);
    Tensor picture({1, 3, 640, 640}, ElementType::f32);
    std::fill(picture.as<float>().begin(), picture.as<float>().end(), 0.5F);
    float stored = 0;
    const std::string of = std::string(" ") + kind.name;
    rows.push_back(timed(input, "keep" + of, 1, "results", [&] {
      picture.as<float>()[0] = ++stored;
      cache.store(cache.key_of(picture), {&output, 1}, kSlowModelMs);
    }));
    rows.push_back(timed(input, "find" + of, 1, "results", [&] {
      if (!cache.find(cache.key_of(picture)))
        throw Error(ErrorCode::internal, "the cache has lost a result", "please report this");
    }));
  }
  return rows;
}

}  // namespace pixmill::measure
