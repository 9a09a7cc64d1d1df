#include "pipeline/picture_context.h"

#include <algorithm>
#include <string>
#include <utility>

#include "pipeline/rows_file.h"
#include "pipeline/workers.h"
#include "pixmill/core/error.h"

namespace pixmill::pipeline {

std::optional<Stage> StageClock::to(std::optional<Stage> stage) {
  const auto now = std::chrono::steady_clock::now();
  if (stage_) {
    times_[static_cast<std::size_t>(*stage_)] += std::chrono::duration<double, std::milli>(now - since_).count();
  }
  since_ = now;
  return std::exchange(stage_, stage);
}

// A request that the task may wait for. Whoever drops it unasked takes it back.
class PictureContext::Waiting final : public tasks::Pending::State {
 public:
  Waiting(PictureContext& context, RequestPtr request, bool known)
      : context_(context), request_(std::move(request)), known_(known) {}
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() override {
    if (request_ && !known_) context_.parts_.queue.cancel(request_);
  }

  std::vector<Tensor> get() override {
    const RequestPtr request = std::exchange(request_, nullptr);
    if (!known_) wait(request);
    if (request->left) throw NoDeviceLeft();
    if (const auto& error = request->error) {
      throw Error(error->code(), context_.parts_.item.input.string() + ": " + error->message(), error->hint());
    }
    return std::move(request->outputs);
  }

 private:
  void wait(const RequestPtr& request) {
    Parts& parts = context_.parts_;
    const auto stage = parts.clock.to(std::nullopt);
    parts.queue.wait(request);
    parts.item.times[static_cast<std::size_t>(Stage::infer)] += request->ms;
    if (parts.results != nullptr && !request->error && !request->left) {
      parts.clock.to(Stage::write);
      parts.results->store(request->cache_key, request->outputs, request->ms, request->keep);
    }
    parts.clock.to(stage);
  }

  PictureContext& context_;
  RequestPtr request_;
  const bool known_;  // the cache had its outputs
};

PictureContext::PictureContext(Parts parts) : parts_(std::move(parts)), has_(parts_.products.size()) {
  made_.files.resize(parts_.products.size());
}

PictureContext::~PictureContext() = default;

tasks::Pending PictureContext::infer(int graph, tasks::Tensors inputs) {
  return ask(graph, std::move(inputs), false);
}

tasks::Pending PictureContext::infer_on_cpu(int graph, tasks::Tensors inputs) {
  return ask(graph, std::move(inputs), true);
}

tasks::Pending PictureContext::ask(int graph, tasks::Tensors inputs, bool on_cpu) {
  if (graph < 0 || static_cast<std::size_t>(graph) >= parts_.graphs.size())
    throw Error(ErrorCode::internal, "the task asked for a graph that it did not announce", "please report this");
  auto request = std::make_shared<Request>();
  request->requester = parts_.requester;
  request->graph = graph;
  request->inputs = std::move(inputs);
  request->on_cpu = on_cpu;
  request->last = ++asked_ >= parts_.inferences;
  request->keep = parts_.graphs[static_cast<std::size_t>(graph)].keep;
  bool known = false;
  if (parts_.results != nullptr && request->keep != tasks::Keep::never) {
    parts_.clock.to(Stage::infer);
    known = find_known(*parts_.results, *request);
  }
  if (!known) parts_.queue.add(request);
  parts_.clock.to(Stage::postprocess);
  return tasks::Pending(std::make_unique<Waiting>(*this, std::move(request), known));
}

void PictureContext::picture(std::string_view role, Image image) {
  const std::size_t at = product(role);
  const auto stage = parts_.clock.to(Stage::encode);
  const codecs::EncodeOptions options = options_of(parts_.products[at]);
  codecs::check_limits(options.format, image.size(), image.channels(), parts_.item.input.string());
  made_.files[at].bytes = codecs::encode(image, options);
  parts_.clock.to(stage);
}

tasks::RowSink& PictureContext::rows(std::string_view role, Size size, int channels, PixelType type) {
  const std::size_t at = product(role);
  rows_.push_back(std::make_unique<RowsFile>(parts_.committer, parts_.item.outputs.at(at), at, parts_.clock));
  rows_.back()->open(options_of(parts_.products[at]), {size, channels, type});
  return *rows_.back();
}

void PictureContext::record(tasks::Record record) {
  made_.records.push_back(std::move(record));
}

void PictureContext::note(std::string_view text) {
  parts_.item.notes.emplace_back(text);
}

void PictureContext::tally(std::string_view name, std::int64_t count) {
  add_to(parts_.item.tallies, name, count);
}

Made PictureContext::made() && {
  for (std::size_t i = 0; i < has_.size(); ++i) {
    if (!has_[i])
      throw Error(ErrorCode::internal, "the task made no '" + parts_.products[i].role + "'", "please report this");
  }
  parts_.clock.to(Stage::encode);
  for (const auto& rows : rows_) made_.files[rows->product()].file = rows->finish();
  return std::move(made_);
}

std::size_t PictureContext::product(std::string_view role) {
  const auto found = std::find_if(parts_.products.begin(), parts_.products.end(),
                                  [&](const tasks::Product& product) { return product.role == role; });
  const auto at = static_cast<std::size_t>(found - parts_.products.begin());
  if (found == parts_.products.end() || has_[at]) {
    throw Error(ErrorCode::internal,
                "the task made '" + std::string(role) + "', which it " +
                    (found == parts_.products.end() ? "did not announce" : "had made before"),
                "please report this");
  }
  has_[at] = true;
  return at;
}

codecs::EncodeOptions PictureContext::options_of(const tasks::Product& product) const {
  codecs::EncodeOptions options = parts_.spec.outputs.picture;
  if (product.format) options = {.format = *product.format, .effort = options.effort};
  options.side_by_side = side_by_side();
  if (parts_.spec.outputs.keep_metadata) options.metadata = parts_.metadata;
  return options;
}

bool find_known(ResultCache& results, Request& request) {
  std::vector<const Tensor*> inputs;
  for (const auto& input : request.inputs) inputs.push_back(input.get());
  request.cache_key = results.key_of(request.graph, inputs);
  auto found = results.find(request.cache_key);
  if (!found) return false;
  request.outputs = std::move(*found);
  request.cache_key = {};
  return true;
}

}  // namespace pixmill::pipeline
