// The devices of a job: which, and the model loaded on each.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "pipeline/engine.h"
#include "pipeline/reporter.h"
#include "pixmill/models/model_store.h"
#include "pixmill/pipeline/choice.h"
#include "pixmill/pipeline/job.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// One choice for each device that the job names ("cuda:0,cuda:1"); for "auto" each of several equal GPUs. All in one
// precision, so that a result does not depend on the device that made it. Throws Error: usage (a device twice, an empty
// name), and what choosing throws.
std::vector<Choice> choose_devices(const JobSpec& spec, const models::ResolvedModel& model, std::int64_t pictures);

// Session options for batches of so many requests of a graph.
runtime::SessionOptions options_for_batch(const Choice& choice, const tasks::Graph& graph, int batch);

// Pictures of the first batch.
int first_batch(const Choice& choice, const models::ModelCard& card, std::int64_t pictures);

struct EngineRequest {
  const JobSpec& spec;
  const models::ResolvedModel& model;  // of the graph
  tasks::Graph graph;
  int index = 0;  // of the graph among the task's
  const std::vector<Choice>& choices;
  std::int64_t pictures = 0;
  std::size_t memory_bytes = 0;         // for the tensors in flight of this graph on each device
  std::int64_t requests_a_picture = 1;  // about
};

// Loads the model on all devices at once. A device where that fails is left out, with a warning, if another one loads
// and the job does not insist; else what the first one threw is thrown. The request's parts must outlive the engines.
std::vector<std::unique_ptr<Engine>> load_engines(const EngineRequest& request, Reporter& reporter);

// The model loaded with these options, of those that this process keeps. Throws as runtime::SessionCache::get().
std::shared_ptr<runtime::Session> cached_session(const models::ResolvedModel& model,
                                                 const runtime::SessionOptions& options);

// Of the loaded models that this process keeps.
runtime::SessionCache::Stats session_stats();

}  // namespace pixmill::pipeline
