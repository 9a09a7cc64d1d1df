#include "pipeline/line.h"

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <map>
#include <thread>

#include "pipeline/dispatcher.h"
#include "pipeline/stages.h"

namespace pixmill::pipeline {
namespace flow = tbb::flow;
namespace {

using OrderPtr = std::shared_ptr<Dispatcher::Order>;

// What is nearly done goes first: it frees memory before new work comes in.
constexpr flow::node_priority_t kLast = 3;
constexpr flow::node_priority_t kMiddle = 2;
constexpr flow::node_priority_t kFirst = 1;

constexpr std::size_t kItemsPerWorker = 3;  // one in work, one preprocessed, one on its way

}  // namespace

struct Line::Graph {
  using ItemNode = flow::function_node<ItemPtr>;
  using OrderNode = flow::function_node<OrderPtr>;

  Graph(const LineParts& line_parts, int workers)
      : parts(line_parts),
        kept_busy(static_cast<std::size_t>(workers) * kItemsPerWorker),
        stages(parts),
        dispatcher(parts.engines),
        decode(
            graph, flow::unlimited, [this](const ItemPtr& item) { begin(item); }, kFirst),
        postprocess(
            graph, flow::unlimited, [this](const ItemPtr& item) { end(item); }, kLast) {
    add_nodes();
    make_room();
  }

  void add_nodes() {
    for (Engine* engine : parts.engines) {
      infer.try_emplace(
          engine, graph, static_cast<std::size_t>(engine->side_by_side()),
          [this](const OrderPtr& order) { serve(*order); }, kMiddle);
    }
  }

  // The dispatcher holds what arrives meanwhile, so the nodes are not read before they exist.
  void load() {
    if (!parts.load || loading.exchange(true)) return;
    graph.reserve_wait();
    loader = std::jthread([this] {
      std::vector<Engine*> engines = parts.load();
      parts.engines = engines;
      add_nodes();
      launch(dispatcher.start(engines));
      make_room();
      graph.release_wait();
    });
  }

  // An item without an input for the model after this, because it failed or needs none, skips the devices.
  void begin(const ItemPtr& item) {
    stages.decode_and_preprocess(*item);
    const bool needs_inference = !item->failure && !item->input_tensor.empty();
    if (needs_inference) load();
    launch(needs_inference ? dispatcher.arrived(item) : dispatcher.needs_none());
    if (!needs_inference) postprocess.try_put(item);
  }

  void serve(Dispatcher::Order& order) {
    Batch unfinished = stages.infer(*order.engine, order.batch);
    for (const ItemPtr& item : order.batch) {
      if (std::find(unfinished.begin(), unfinished.end(), item) == unfinished.end()) postprocess.try_put(item);
    }
    make_room();
    launch(dispatcher.ended(*order.engine, std::move(unfinished)));
  }

  void end(const ItemPtr& item) {
    if (!item->left) stages.postprocess_and_write(item);
    item->picture = {};
    item->share = {};
  }

  void launch(Dispatcher::Next next) {
    for (Dispatcher::Order& order : next.orders) {
      OrderNode& node = infer.at(order.engine);
      node.try_put(std::make_shared<Dispatcher::Order>(std::move(order)));
    }
    for (const ItemPtr& item : next.left) {
      item->left = true;
      postprocess.try_put(item);
    }
    if (next.lost)
      parts.reporter.warning(next.lost->device() + " no longer works: " + next.lost->failure()->message() +
                             "; its pictures go to the other devices");
  }

  // Pictures in flight: enough for the workers, for what the devices run, and for one more batch of several.
  void make_room() {
    std::size_t items = kept_busy;
    for (const Engine* engine : parts.engines) {
      const int batch = engine->wanted();
      items += static_cast<std::size_t>(batch) * static_cast<std::size_t>(engine->side_by_side() + (batch > 1 ? 1 : 0));
    }
    parts.budget.allow(items);
  }

  LineParts parts;
  const std::size_t kept_busy;
  Stages stages;
  Dispatcher dispatcher;
  flow::graph graph;  // belongs to the arena that it is made in
  ItemNode decode;
  std::map<const Engine*, OrderNode> infer;
  ItemNode postprocess;
  std::atomic<bool> loading = false;
  std::jthread loader;
};

// The pushing thread sleeps most of the time, so all places of the arena are for workers; oneTBB must be allowed one
// thread more than it counts for itself.
struct Line::Pool {
  explicit Pool(int threads)
      : limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads) + 1), arena(threads, 0) {}
  tbb::global_control limit;
  tbb::task_arena arena;
};

Line::Line(const LineParts& parts, int workers) {
  int threads = workers + parts.threads_for_devices;
  for (const Engine* engine : parts.engines) threads += engine->on_cpu() ? 0 : engine->side_by_side();
  pool_ = std::make_unique<Pool>(threads);
  pool_->arena.execute([&] { graph_ = std::make_unique<Graph>(parts, workers); });
}

Line::~Line() {
  drain();
}

void Line::push(const ItemPtr& item) {
  graph_->dispatcher.expect();
  graph_->decode.try_put(item);
}

void Line::load_now() {
  graph_->load();
}

void Line::drain() {
  graph_->graph.wait_for_all();
  graph_->parts.committer.drain();
}

}  // namespace pixmill::pipeline
