// The inferences of `pixmill upscale` and nothing else: every tile of every picture through the bare session.
//   tiles_bench MODEL FOLDER TILE OVERLAP BACKEND DEVICE PRECISION STREAMS THREADS
// Prints the seconds, the tiles, and the pixels that went in. bench/upscale.py runs it in turns with the program.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "pixmill/codecs/codec.h"
#include "pixmill/codecs/read_file.h"
#include "pixmill/core/composite.h"
#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/sources.h"
#include "pixmill/platform/home.h"
#include "pixmill/runtime/session.h"
#include "pixmill/tasks/direct_context.h"
#include "pixmill/tasks/restore.h"

namespace pixmill {
namespace {

// Keeps what a task gives to its model, and answers with gray.
class Collector {
 public:
  explicit Collector(const models::ModelCard& card) : card_(card) {}

  std::vector<Tensor> operator()(int, const tasks::Tensors& inputs) {
    given.push_back(inputs.front());
    std::vector<std::int64_t> shape = inputs.front()->shape();
    const std::size_t first = card_.input.planar ? 2 : 1;
    for (std::size_t side = first; side < first + 2; ++side)
      shape[side] = (shape[side] - 2 * card_.output.margin) * card_.output.factor;
    std::vector<Tensor> outputs;
    outputs.emplace_back(shape, ElementType::f32);
    std::fill(outputs[0].as<float>().begin(), outputs[0].as<float>().end(), 0.5F);
    return outputs;
  }

  tasks::Tensors given;

 private:
  const models::ModelCard& card_;
};

tasks::Tensors tiles_of(const std::string& folder, const models::ModelCard& card, int tile, int overlap) {
  const auto task = tasks::make_restore(card, {.tile = tile, .overlap = overlap});
  Collector collector(card);
  pipeline::InputSpec inputs;
  inputs.inputs = {folder};
  for (const pipeline::SourceItem& item : pipeline::find_sources(inputs).items) {
    tasks::DirectContext context([&](int graph, const tasks::Tensors& given) { return collector(graph, given); });
    task->run(to_rgb8(codecs::decode(codecs::read_file(item.path), item.path.string(), {}).image), context);
  }
  return std::move(collector.given);
}

int run(const std::vector<std::string>& words) {
  const models::ResolvedModel model =
      models::ModelStore(platform::find_home().models).resolve(words[0], "", runtime::signature_of);
  const tasks::Tensors tiles = tiles_of(words[1], model.card, std::stoi(words[2]), std::stoi(words[3]));
  runtime::SessionOptions options;
  options.backend = words[4];
  options.device = words[5];
  options.precision = runtime::precision_from(words[6]).value();
  options.streams = std::stoi(words[7]);
  options.threads = std::stoi(words[8]);
  const auto session = runtime::load_session({model.name, model.data.bytes(), model.content_hash}, options);
  std::int64_t pixels = 0;
  for (const auto& tile : tiles)
    pixels += static_cast<std::int64_t>(tile->bytes() / sizeof(float)) /
              (model.card.input.color == models::Color::luma ? 1 : 3);
  const auto start = std::chrono::steady_clock::now();
  std::atomic<std::size_t> next = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < options.streams; ++i) {
      threads.emplace_back([&] {
        for (std::size_t at = next++; at < tiles.size(); at = next++) (void)session->run(std::span(tiles[at].get(), 1));
      });
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%.3f %zu %lld\n", seconds, tiles.size(), static_cast<long long>(pixels));
  return 0;
}

}  // namespace
}  // namespace pixmill

int main(int argc, char** argv) {
  if (argc != 10) {
    std::fprintf(stderr, "tiles_bench MODEL FOLDER TILE OVERLAP BACKEND DEVICE PRECISION STREAMS THREADS\n");
    return 2;
  }
  return pixmill::run({argv + 1, argv + argc});
}
