#include "pixmill/tasks/chain.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "pixmill/core/composite.h"
#include "pixmill/core/error.h"
#include "pixmill/tasks/direct_context.h"

namespace pixmill::tasks {
namespace {

constexpr std::size_t kBytesPerPixel = 8;  // RGBA of 16 bits

// What the last step sees: its inferences are the chain's, and so are its products.
class StepContext : public Context {
 public:
  StepContext(Context& chain, int first_graph) : chain_(chain), first_graph_(first_graph) {}

  std::string name() const final { return chain_.name(); }
  Pending infer(int graph, Tensors inputs) final { return chain_.infer(first_graph_ + graph, std::move(inputs)); }
  Pending infer_on_cpu(int graph, Tensors inputs) final {
    return chain_.infer_on_cpu(first_graph_ + graph, std::move(inputs));
  }
  void picture(std::string_view role, Image image) override { chain_.picture(role, std::move(image)); }
  RowSink& rows(std::string_view role, Size size, int channels, PixelType type) override {
    return chain_.rows(role, size, channels, type);
  }
  void record(Record record) final { chain_.record(std::move(record)); }
  void note(std::string_view text) final { chain_.note(text); }
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

  // As it would come back from a file.
  Image made() && {
    std::vector<Output> outputs = std::move(made_).outputs();
    if (outputs.size() != 1)
      throw Error(ErrorCode::internal, "it made no picture for the next step", "please report this");
    Image image = std::move(outputs.front().image);
    return image.type() == PixelType::f32 ? to_u16(image) : std::move(image);
  }

 private:
  DirectContext made_;
};

class Chain final : public Task {
 public:
  explicit Chain(std::vector<ChainStep> steps) : steps_(std::move(steps)) {
    if (steps_.empty()) throw Error(ErrorCode::usage, "a chain needs a job", "name one or more");
    for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
      const std::size_t products = steps_[i].task->products().size();
      if (products == 1) continue;
      throw Error(ErrorCode::usage,
                  text_of(i) + " makes " + std::to_string(products) + " pictures, and the step behind it takes one",
                  "put it last, or leave out the option that makes them");
    }
  }

  std::string_view name() const override { return "chain"; }

  std::string key() const override {
    std::string text;
    for (const ChainStep& step : steps_) text += std::string(step.task->name()) + ":\n" + step.task->key();
    return text;
  }

  // Of several steps with the same field the last one says it.
  std::map<std::string, std::string> name_fields() const override {
    std::map<std::string, std::string> fields;
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) fields.merge(step->task->name_fields());
    return fields;
  }

  std::vector<Graph> graphs() const override {
    std::vector<Graph> all;
    for (const ChainStep& step : steps_) {
      for (Graph& graph : step.task->graphs()) all.push_back(std::move(graph));
    }
    return all;
  }

  std::vector<Product> products() const override { return steps_.back().task->products(); }

  // Of the most expensive step; a picture lives in one step at a time. What a step hands on is whole, though the step
  // may count only the rows that it has at a time.
  Cost cost(Size picture) const override {
    Cost cost{.bytes = 0, .inferences = 0};
    for (const ChainStep& step : steps_) {
      const Cost one = step.task->cost(picture);
      picture = step.task->result_size(picture);
      const bool last = &step == &steps_.back();
      const std::size_t handed_on = last ? 0 : kBytesPerPixel * static_cast<std::size_t>(picture.area());
      cost.bytes = std::max(cost.bytes, one.bytes + handed_on);
      cost.inferences += one.inferences;
    }
    return cost;
  }

  Size result_size(Size picture) const override {
    for (const ChainStep& step : steps_) picture = step.task->result_size(picture);
    return picture;
  }

  void run(Image picture, Context& context) const override {
    int graph = 0;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      try {
        picture = run_step(i, graph, std::move(picture), context);
      } catch (const Error& error) {
        throw Error(error.code(), text_of(i) + ": " + error.message(), error.hint());
      }
      graph += static_cast<int>(steps_[i].task->graphs().size());
    }
  }

 private:
  // Returns what the next step gets.
  Image run_step(std::size_t i, int graph, Image picture, Context& context) const {
    const Task& task = *steps_[i].task;
    if (i + 1 == steps_.size()) {
      StepContext last(context, graph);
      task.run(std::move(picture), last);
      return {};
    }
    EarlyContext step(context, graph);
    task.run(std::move(picture), step);
    return std::move(step).made();
  }

  std::string text_of(std::size_t i) const { return step_text(i, steps_[i].task->name(), steps_[i].name); }

  const std::vector<ChainStep> steps_;
};

}  // namespace

std::unique_ptr<Task> make_chain(std::vector<ChainStep> steps) {
  return std::make_unique<Chain>(std::move(steps));
}

std::string step_text(std::size_t index, std::string_view task, std::string_view name) {
  const std::string start = "step " + std::to_string(index + 1) + ", ";
  return name.empty() ? start + std::string(task) : start + std::string(name) + " (" + std::string(task) + ")";
}

}  // namespace pixmill::tasks
