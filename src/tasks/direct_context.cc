#include "pixmill/tasks/direct_context.h"

#include <cstring>
#include <utility>

#include "pixmill/core/error.h"

namespace pixmill::tasks {
namespace {

class Known final : public Pending::State {
 public:
  explicit Known(std::vector<Tensor> outputs) : outputs_(std::move(outputs)) {}
  std::vector<Tensor> get() override { return std::move(outputs_); }

 private:
  std::vector<Tensor> outputs_;
};

struct FirstRequest {
  Tensors inputs;
};

}  // namespace

struct DirectContext::Canvas final : RowSink {
  void write(ImageView rows) override {
    if (rows.width() != output.image.width() || rows.channels() != output.image.channels() ||
        rows.type() != output.image.type() || next + rows.height() > output.image.height())
      throw Error(ErrorCode::internal, "the rows do not fit into the picture that was announced");
    const std::size_t bytes = output.image.stride();
    for (int y = 0; y < rows.height(); ++y)
      std::memcpy(output.image.data() + static_cast<std::size_t>(next++) * bytes, rows.row_bytes(y), bytes);
  }
  Output output;
  int next = 0;  // the first row that is missing
};

DirectContext::DirectContext(Answer answer) : answer_(std::move(answer)) {}

DirectContext::~DirectContext() = default;

Pending DirectContext::infer(int graph, Tensors inputs) {
  return Pending(std::make_unique<Known>(answer_(graph, inputs)));
}

void DirectContext::picture(std::string_view role, Image image) {
  auto canvas = std::make_unique<Canvas>();
  canvas->next = image.height();
  canvas->output = {std::string(role), std::move(image)};
  canvases_.push_back(std::move(canvas));
}

RowSink& DirectContext::rows(std::string_view role, Size size, int channels, PixelType type) {
  auto canvas = std::make_unique<Canvas>();
  canvas->output = {std::string(role), Image(size, channels, type)};
  canvases_.push_back(std::move(canvas));
  return *canvases_.back();
}

std::vector<Output> DirectContext::outputs() && {
  std::vector<Output> outputs;
  for (const auto& canvas : canvases_) {
    if (canvas->next != canvas->output.image.height())
      throw Error(ErrorCode::internal, "rows are missing in '" + canvas->output.role + "'");
    outputs.push_back(std::move(canvas->output));
  }
  canvases_.clear();
  return outputs;
}

Tensors first_inputs(const Task& task, Image picture) {
  DirectContext context([](int, const Tensors& inputs) -> std::vector<Tensor> { throw FirstRequest{inputs}; });
  try {
    task.run(std::move(picture), context);
  } catch (FirstRequest& request) {
    return std::move(request.inputs);
  }
  throw Error(ErrorCode::internal, std::string(task.name()) + " asked for no inference");
}

}  // namespace pixmill::tasks
