#include "pipeline/stages.h"

#include <utility>

namespace pixmill::pipeline {
Stages::Stages(const LineParts& parts) : parts_(parts), wanted_outputs_(parts.task.wanted_outputs()) {}

void Stages::decode_and_preprocess(Item& item) const {
  attempt(item, [&] {
    parts_.reporter.working_on(item.input);
    {
      const StageTimer timer(item.times, Stage::decode);
      item.picture = codecs::decode(item.file, item.input.string(), parts_.spec.decode);
      item.file = {};
      item.size = item.picture.image.size();
    }
    {
      const StageTimer timer(item.times, Stage::preprocess);
      item.input_tensor = parts_.task.preprocess(item.picture.image);
    }
    if (parts_.results != nullptr) look_up(item);
  });
}

void Stages::look_up(Item& item) const {
  const StageTimer timer(item.times, Stage::infer);
  item.cache_key = parts_.results->key_of(item.input_tensor);
  if (auto found = parts_.results->find(item.cache_key)) {
    item.output_tensors = std::move(*found);
    item.input_tensor = {};
    item.cache_key = {};
  }
}

// Those without an entry in the cache, where the loaded model is another one than was looked up.
Batch Stages::not_known(const Batch& items) const {
  if (parts_.results == nullptr) return items;
  Batch rest;
  for (const ItemPtr& item : items) {
    if (!parts_.results->is_current(item->cache_key)) attempt(*item, [&] { look_up(*item); });
    if (!item->failure && !item->input_tensor.empty()) rest.push_back(item);
  }
  return rest;
}

void Stages::keep(Item& item) const {
  const double inference_ms = item.times[static_cast<std::size_t>(Stage::infer)];
  const StageTimer timer(item.times, Stage::write);
  parts_.results->store(item.cache_key, item.output_tensors, inference_ms);
}

Batch Stages::infer(Engine& engine, const Batch& items) const {
  const Batch batch = not_known(items);
  if (batch.empty()) return {};
  std::vector<const Tensor*> inputs;
  inputs.reserve(batch.size());
  for (const ItemPtr& item : batch) inputs.push_back(&item->input_tensor);
  StageTimes times{};
  std::vector<Engine::Answer> answers;
  {
    const StageTimer timer(times, Stage::infer);
    answers = engine.infer(inputs, wanted_outputs_);
  }
  const double ms = times[static_cast<std::size_t>(Stage::infer)];
  const bool may_keep = engine.as_loaded();  // else it is not what the key of the cache says
  Batch unfinished;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Item& item = *batch[i];
    item.times[static_cast<std::size_t>(Stage::infer)] += ms / static_cast<double>(batch.size());
    if (answers[i].unfinished) {
      unfinished.push_back(batch[i]);
      continue;
    }
    item.input_tensor = {};
    item.output_tensors = std::move(answers[i].outputs);
    if (!may_keep) item.cache_key = {};
    if (const std::optional<Error>& error = answers[i].error) {
      item.failure = Failed{item.input, error->code(), item.input.string() + ": " + error->message(), error->hint()};
    }
  }
  if (unfinished.size() < batch.size())
    parts_.reporter.batch_ended(engine.share().session.device, static_cast<int>(batch.size() - unfinished.size()), ms);
  return unfinished;
}

void Stages::postprocess_and_write(const ItemPtr& pointer) const {
  Item& item = *pointer;
  Made made;
  attempt(item, [&] {
    if (parts_.results != nullptr) keep(item);
    std::vector<tasks::Output> results;
    {
      const StageTimer timer(item.times, Stage::postprocess);
      results = parts_.task.postprocess(std::move(item.output_tensors), std::move(item.picture.image));
    }
    const StageTimer timer(item.times, Stage::encode);
    const OutputSpec& outputs = parts_.spec.outputs;
    for (tasks::Output& result : results) {
      codecs::EncodeOptions options = outputs.picture;
      if (result.role == "mask") options = {.format = codecs::Format::png};
      if (outputs.keep_metadata) options.metadata = &item.picture.metadata;
      made.files.push_back(codecs::encode(result.image, options));
      result.image = {};
    }
  });
  if (item.failure) {
    parts_.reporter.item_ended(item);
  } else {
    parts_.committer.commit(pointer, std::move(made));
  }
}

}  // namespace pixmill::pipeline
