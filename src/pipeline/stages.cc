#include "pipeline/stages.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "pipeline/naming.h"

namespace pixmill::pipeline {
namespace {

void write_to_standard_output(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw Error(ErrorCode::unwritable, "standard output: " + std::generic_category().message(errno),
                  "is the reader still there?");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace

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

void Stages::postprocess_and_write(Item& item) const {
  attempt(item, [&] {
    if (parts_.results != nullptr) keep(item);
    std::vector<tasks::Output> results;
    {
      const StageTimer timer(item.times, Stage::postprocess);
      results = parts_.task.postprocess(std::move(item.output_tensors), std::move(item.picture.image));
    }
    std::vector<std::vector<std::byte>> files;
    {
      const StageTimer timer(item.times, Stage::encode);
      const OutputSpec& outputs = parts_.spec.outputs;
      for (tasks::Output& result : results) {
        codecs::EncodeOptions options = outputs.picture;
        if (result.role == "mask") options = {.format = codecs::Format::png};
        if (outputs.keep_metadata) options.metadata = &item.picture.metadata;
        files.push_back(codecs::encode(result.image, options));
        result.image = {};
      }
    }
    const StageTimer timer(item.times, Stage::write);
    write(item, files);
  });
  if (item.failure && item.failure->code == ErrorCode::disk_full) parts_.disk_full = true;
}

// Another process may run the same job: what it made of the same picture in the same way is this item's result too.
bool Stages::made_meanwhile(const Item& item) const {
  return std::all_of(item.outputs.begin(), item.outputs.end(), [&](const std::filesystem::path& output) {
    return parts_.journal.state_of(output, item.key) == Journal::State::done;
  });
}

void Stages::write(Item& item, const std::vector<std::vector<std::byte>>& files) const {
  if (files.size() != item.outputs.size()) {
    throw Error(ErrorCode::internal, "the task made " + std::to_string(files.size()) + " results where " +
                                         std::to_string(item.outputs.size()) + " were planned");
  }
  if (item.outputs.front() == kStandardOutput) return write_to_standard_output(files.front());
  try {
    commit(item, files);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::collision || !made_meanwhile(item)) throw;
  }
}

void Stages::commit(const Item& item, const std::vector<std::vector<std::byte>>& files) const {
  std::vector<std::filesystem::path> staged;
  try {
    for (std::size_t i = 0; i < files.size(); ++i) staged.push_back(parts_.writer.stage(item.outputs[i], files[i]));
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (!item.replace[i] && parts_.journal.state_of(item.outputs[i], item.key) == Journal::State::done) {
        parts_.writer.discard(staged[i]);  // another process was quicker; its file may differ in bytes, not in kind
        continue;
      }
      parts_.journal.begin(item.outputs[i], item.key, fingerprint_of(std::span(files[i])));
      parts_.writer.commit(staged[i], item.outputs[i], item.replace[i]);
      parts_.journal.finish(item.outputs[i]);
    }
  } catch (...) {
    for (const std::filesystem::path& file : staged)
      parts_.writer.discard(file);  // those that have a name by now are not there
    throw;
  }
}

}  // namespace pixmill::pipeline
