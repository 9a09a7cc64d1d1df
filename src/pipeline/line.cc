#include "pipeline/line.h"

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "pipeline/dispatcher.h"
#include "pipeline/stages.h"

namespace pixmill::pipeline {
namespace flow = tbb::flow;
namespace {

using OrderPtr = std::shared_ptr<Dispatcher::Order>;

constexpr std::size_t kItemsPerWorker = 3;  // one in work, one that waits for its inference, one on its way

}  // namespace

// Pictures are works; orders of the dispatcher are tasks of oneTBB with a priority, so that devices are kept busy
// before another picture is begun.
struct Line::Graph final : RequestQueue {
  using OrderNode = flow::function_node<OrderPtr>;

  Graph(const LineParts& line_parts, int threads, int workers)
      : parts(line_parts),
        kept_busy(static_cast<std::size_t>(workers) * kItemsPerWorker),
        stages(parts),
        dispatcher(parts.engines),
        works(parts.plain_threads ? make_plain_workers(threads) : make_resumable_workers()) {
    add_nodes(parts.engines);
    make_room();
  }

  void add_nodes(const std::vector<Engine*>& added) {
    const std::scoped_lock lock(mutex);
    for (Engine* engine : added) {
      engines.push_back(engine);
      infer.try_emplace(
          engine, graph, static_cast<std::size_t>(engine->side_by_side()),
          [this](const OrderPtr& order) { serve(*order); }, flow::node_priority_t(1));
    }
  }

  // The dispatcher holds what is asked for meanwhile, so a node is not looked up before it exists.
  void load(int of) {
    const std::scoped_lock lock(mutex);
    if (!parts.load || !loading.insert(of).second) return;
    graph.reserve_wait();
    loaders.emplace_back([this, of] {
      const std::vector<Engine*> loaded = parts.load(of);
      add_nodes(loaded);
      launch(dispatcher.start(of, loaded));
      make_room();
      graph.release_wait();
    });
  }

  void push(const ItemPtr& item) {
    works->start([this, item, requester = dispatcher.begins()] {
      stages.make(item, requester, *this);
      launch(dispatcher.ends(*requester));
      item->share = {};
    });
  }

  void add(const RequestPtr& request) override {
    load(request->graph);
    launch(dispatcher.add(request));
  }

  void wait(const RequestPtr& request) override {
    if (dispatcher.is_done(*request)) return;
    works->suspend([this, request](Resume resume) { launch(dispatcher.await(*request, std::move(resume))); });
  }

  void cancel(const RequestPtr& request) override { launch(dispatcher.cancel(request)); }

  void serve(Dispatcher::Order& order) {
    Batch unfinished = stages.infer(*order.engine, order.batch);
    Batch finished;
    for (RequestPtr& request : order.batch) {
      if (std::find(unfinished.begin(), unfinished.end(), request) == unfinished.end())
        finished.push_back(std::move(request));
    }
    make_room();
    launch(dispatcher.ended(*order.engine, finished, std::move(unfinished)));
  }

  void launch(Dispatcher::Next next) {
    for (Dispatcher::Order& order : next.orders) {
      OrderNode& node = node_of(order.engine);
      node.try_put(std::make_shared<Dispatcher::Order>(std::move(order)));
    }
    for (const Resume& go_on : next.ready) go_on();
    if (next.lost != nullptr)
      parts.reporter.warning(next.lost->device() + " no longer works: " + next.lost->failure()->message() +
                             "; its pictures go to the other devices");
  }

  OrderNode& node_of(const Engine* engine) {
    const std::scoped_lock lock(mutex);
    return infer.at(engine);
  }

  // Pictures in flight: enough for the workers, for what the devices run, and for one more batch of several.
  void make_room() {
    std::size_t items = kept_busy;
    const std::scoped_lock lock(mutex);
    for (const Engine* engine : engines) {
      const int batch = engine->wanted();
      items += static_cast<std::size_t>(batch) * static_cast<std::size_t>(engine->side_by_side() + (batch > 1 ? 1 : 0));
    }
    parts.budget.allow(items);
  }

  LineParts parts;
  const std::size_t kept_busy;
  Stages stages;
  Dispatcher dispatcher;
  flow::graph graph;                         // belongs to the arena that it is made in
  std::mutex mutex;                          // guards engines, infer, loading and loaders
  std::vector<Engine*> engines;              // that have come
  std::map<const Engine*, OrderNode> infer;  // a node stays where it is
  std::set<int> loading;                     // graphs whose engines were sent for
  std::unique_ptr<Workers> works;
  std::vector<std::jthread> loaders;
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
  pool_->arena.execute([&] { graph_ = std::make_unique<Graph>(parts, threads, workers); });
}

Line::~Line() {
  drain();
}

void Line::push(const ItemPtr& item) {
  graph_->push(item);
}

void Line::load_now() {
  const auto graphs = static_cast<int>(graph_->parts.task.graphs().size());
  for (int graph = 0; graph < graphs; ++graph) graph_->load(graph);
}

void Line::drain() {
  graph_->works->drain();
  graph_->graph.wait_for_all();
  graph_->parts.committer.drain();
}

}  // namespace pixmill::pipeline
