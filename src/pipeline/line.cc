#include "pipeline/line.h"

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "pipeline/stages.h"

namespace pixmill::pipeline {
namespace flow = tbb::flow;
namespace {

using BatchPtr = std::shared_ptr<Batch>;

// What is nearly done goes first: it frees memory, and only then does new work come in.
constexpr flow::node_priority_t kLast = 3;
constexpr flow::node_priority_t kMiddle = 2;
constexpr flow::node_priority_t kFirst = 1;

}  // namespace

struct Line::Graph {
  using BatchNode = flow::multifunction_node<ItemPtr, std::tuple<BatchPtr>>;
  using InferNode = flow::multifunction_node<BatchPtr, std::tuple<ItemPtr>>;

  Graph(const LineParts& parts, int batch, int streams)
      : stages(parts),
        batcher(static_cast<std::size_t>(batch)),
        decode(
            graph, flow::unlimited,
            [this](const ItemPtr& item) {
              stages.decode_and_prepare(*item);
              return item;
            },
            kFirst),
        gather(graph, flow::serial,
               [this](const ItemPtr& item, BatchNode::output_ports_type& ports) {
                 for (Batch& ready : batcher.add(item, --upstream)) {
                   std::get<0>(ports).try_put(std::make_shared<Batch>(std::move(ready)));
                 }
               }),
        infer(
            graph, static_cast<std::size_t>(streams),
            [this](const BatchPtr& ready, InferNode::output_ports_type& ports) {
              stages.infer(*ready);
              for (ItemPtr& item : *ready) std::get<0>(ports).try_put(item);
              ready->clear();
            },
            kMiddle),
        finish(
            graph, flow::unlimited,
            [this, &reporter = parts.reporter](const ItemPtr& item) {
              stages.finish_and_write(*item);
              reporter.item_ended(*item);
              item->picture = {};
              item->share = {};
              return flow::continue_msg();
            },
            kLast) {
    flow::make_edge(decode, gather);
    flow::make_edge(flow::output_port<0>(gather), infer);
    flow::make_edge(flow::output_port<0>(infer), finish);
  }

  Stages stages;
  Batcher batcher;
  std::atomic<std::size_t> upstream = 0;  // pushed, not yet gathered
  flow::graph graph;                      // belongs to the arena that it is made in
  flow::function_node<ItemPtr, ItemPtr> decode;
  BatchNode gather;
  InferNode infer;
  flow::function_node<ItemPtr, flow::continue_msg> finish;
};

// The pushing thread sleeps most of the time, so all places of the arena are for workers; oneTBB must be allowed one
// thread more than it counts for itself.
struct Line::Pool {
  explicit Pool(int workers)
      : limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(workers) + 1), arena(workers, 0) {}
  tbb::global_control limit;
  tbb::task_arena arena;
};

Line::Line(const LineParts& parts, int workers, int batch, int streams) : pool_(std::make_unique<Pool>(workers)) {
  pool_->arena.execute([&] { graph_ = std::make_unique<Graph>(parts, batch, streams); });
}

Line::~Line() {
  drain();
}

void Line::push(const ItemPtr& item) {
  ++graph_->upstream;
  graph_->decode.try_put(item);
}

void Line::drain() {
  graph_->graph.wait_for_all();
}

}  // namespace pixmill::pipeline
