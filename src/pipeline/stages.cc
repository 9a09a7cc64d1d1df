#include "pipeline/stages.h"

#include <chrono>
#include <utility>

namespace pixmill::pipeline {

Stages::Stages(const LineParts& parts)
    : parts_(parts), graphs_(parts.task.graphs()), products_(parts.task.products()) {}

void Stages::make(const ItemPtr& item, const std::shared_ptr<Requester>& requester, RequestQueue& queue) const {
  Made made;
  try {
    attempt(*item, [&] { made = made_of(*item, requester, queue); });
  } catch (const NoDeviceLeft&) {
    item->left = true;
    return;
  }
  if (item->failure) {
    parts_.reporter.item_ended(*item);
  } else {
    parts_.committer.commit(item, std::move(made));
  }
}

Made Stages::made_of(Item& item, const std::shared_ptr<Requester>& requester, RequestQueue& queue) const {
  parts_.reporter.working_on(item.input);
  StageClock clock(item.times);
  clock.to(Stage::decode);
  codecs::DecodeOptions options = parts_.spec.decode;
  options.metadata = options.metadata && !products_.empty();  // only pictures carry them on
  options.least = [this](Size full) { return parts_.task.least(full); };
  codecs::Picture picture = codecs::decode(item.file, item.input.string(), options);
  item.file = {};
  item.size = picture.full;
  check_result_size(item);
  clock.to(Stage::preprocess);
  PictureContext context({.spec = parts_.spec,
                          .products = products_,
                          .queue = queue,
                          .results = parts_.results,
                          .metadata = &picture.metadata,
                          .requester = requester,
                          .inferences = parts_.task.cost(item.size).inferences,
                          .graphs = graphs_,
                          .committer = parts_.committer,
                          .item = item,
                          .clock = clock});
  parts_.task.run(std::move(picture.image), context);
  Made made = std::move(context).made();
  clock.to(std::nullopt);
  return made;
}

// A result that its format cannot hold is known before anything is inferred.
void Stages::check_result_size(const Item& item) const {
  if (products_.empty()) return;
  const codecs::Format format = products_.front().format.value_or(parts_.spec.outputs.picture.format);
  constexpr int kFewestChannels = 3;  // of formats without limits on them
  codecs::check_limits(format, parts_.task.result_size(item.size), kFewestChannels, item.input.string());
}

// Those without an entry in the cache, where the loaded model is another one than was looked up.
Batch Stages::not_known(const Batch& requests) const {
  if (parts_.results == nullptr) return requests;
  Batch rest;
  for (const RequestPtr& request : requests) {
    const bool asked = request->keep == tasks::Keep::never || parts_.results->is_current(request->cache_key);
    if (asked || !find_known(*parts_.results, *request)) rest.push_back(request);
  }
  return rest;
}

Batch Stages::infer(Engine& engine, const Batch& requests) const {
  const Batch batch = not_known(requests);
  if (batch.empty()) return {};
  std::vector<const tasks::Tensors*> inputs;
  inputs.reserve(batch.size());
  for (const RequestPtr& request : batch) inputs.push_back(&request->inputs);
  const auto start = std::chrono::steady_clock::now();
  const std::vector<int>& wanted = graphs_[static_cast<std::size_t>(engine.graph())].outputs;
  const bool on_cpu = batch.front()->on_cpu;
  std::vector<Engine::Answer> answers = on_cpu ? engine.infer_on_cpu(inputs, wanted) : engine.infer(inputs, wanted);
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  const bool may_keep = engine.as_loaded() && !on_cpu;  // else it is not what the key of the cache says
  Batch unfinished;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Request& request = *batch[i];
    request.ms += ms / static_cast<double>(batch.size());
    if (answers[i].unfinished) {
      unfinished.push_back(batch[i]);
      continue;
    }
    request.inputs.clear();
    request.outputs = std::move(answers[i].outputs);
    request.error = std::move(answers[i].error);
    if (!may_keep) request.cache_key = {};
  }
  if (unfinished.size() < batch.size())
    parts_.reporter.batch_ended(engine.share().session.device, static_cast<int>(batch.size() - unfinished.size()), ms);
  return unfinished;
}

}  // namespace pixmill::pipeline
