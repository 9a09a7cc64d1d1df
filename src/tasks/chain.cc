#include "pixmill/tasks/chain.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/tasks/direct_context.h"

namespace pixmill::tasks {
namespace {

// What the last step sees: its inferences are the chain's, and so are its products.
class StepContext : public Context {
 public:
  StepContext(Context& chain, int first_graph) : chain_(chain), first_graph_(first_graph) {}

  Pending infer(int graph, Tensors inputs) final { return chain_.infer(first_graph_ + graph, std::move(inputs)); }
  void picture(std::string_view role, Image image) override { chain_.picture(role, std::move(image)); }
  RowSink& rows(std::string_view role, Size size, int channels, PixelType type) override {
    return chain_.rows(role, size, channels, type);
  }
  void record(Record record) final { chain_.record(std::move(record)); }
  void note(std::string text) final { chain_.note(std::move(text)); }
  void tally(std::string_view name, std::int64_t count) final { chain_.tally(name, count); }

 private:
  Context& chain_;
  const int first_graph_;
};

// What a step before it sees: its picture stays here.
class EarlyContext final : public StepContext {
 public:
  EarlyContext(Context& chain, int first_graph)
      : StepContext(chain, first_graph), made_([](int, const Tensors&) { return std::vector<Tensor>(); }) {}

  void picture(std::string_view role, Image image) override { made_.picture(role, std::move(image)); }
  RowSink& rows(std::string_view role, Size size, int channels, PixelType type) override {
    return made_.rows(role, size, channels, type);
  }

  Image made(std::string_view step) && {
    std::vector<Output> outputs = std::move(made_).outputs();
    if (outputs.size() != 1)
      throw Error(ErrorCode::internal, std::string(step) + " made no picture for the next step", "please report this");
    return std::move(outputs.front().image);
  }

 private:
  DirectContext made_;
};

class Chain final : public Task {
 public:
  explicit Chain(std::vector<std::unique_ptr<Task>> steps) : steps_(std::move(steps)) {
    if (steps_.empty()) throw Error(ErrorCode::usage, "a chain needs a job", "name one or more");
    for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
      const std::size_t products = steps_[i]->products().size();
      if (products == 1) continue;
      throw Error(ErrorCode::usage,
                  std::string(steps_[i]->name()) + " makes " + std::to_string(products) +
                      " pictures, and the job behind it takes one",
                  "put it last");
    }
  }

  std::string_view name() const override { return "chain"; }

  std::string key() const override {
    std::string text;
    for (const auto& step : steps_) text += std::string(step->name()) + ":\n" + step->key();
    return text;
  }

  std::vector<Graph> graphs() const override {
    std::vector<Graph> all;
    for (const auto& step : steps_) {
      for (Graph& graph : step->graphs()) all.push_back(std::move(graph));
    }
    return all;
  }

  std::vector<Product> products() const override { return steps_.back()->products(); }

  // Of the most expensive step, with what the others have done; a picture lives in one step at a time.
  Cost cost(Size picture) const override {
    Cost cost{.bytes = 0, .inferences = 0};
    for (const auto& step : steps_) {
      const Cost one = step->cost(picture);
      cost.bytes = std::max(cost.bytes, one.bytes);
      cost.inferences += one.inferences;
      picture = step->result_size(picture);
    }
    return cost;
  }

  Size result_size(Size picture) const override {
    for (const auto& step : steps_) picture = step->result_size(picture);
    return picture;
  }

  void run(Image picture, Context& context) const override {
    int graph = 0;
    for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
      EarlyContext step(context, graph);
      steps_[i]->run(std::move(picture), step);
      picture = std::move(step).made(steps_[i]->name());
      graph += static_cast<int>(steps_[i]->graphs().size());
    }
    StepContext last(context, graph);
    steps_.back()->run(std::move(picture), last);
  }

 private:
  const std::vector<std::unique_ptr<Task>> steps_;
};

}  // namespace

std::unique_ptr<Task> make_chain(std::vector<std::unique_ptr<Task>> steps) {
  return std::make_unique<Chain>(std::move(steps));
}

}  // namespace pixmill::tasks
