// Tasks without a pipeline: for measurements and tests.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pixmill/tasks/task.h"

namespace pixmill::tasks {

// A picture that a task made.
struct Output {
  std::string role;
  Image image;
};

// Every request is answered by a function, at once and on the calling thread; what the task makes is kept.
class DirectContext : public Context {
 public:
  using Answer = std::function<std::vector<Tensor>(int graph, const Tensors& inputs)>;
  explicit DirectContext(Answer answer);
  ~DirectContext() override;

  Pending infer(int graph, Tensors inputs) override;
  void picture(std::string_view role, Image image) override;
  RowSink& rows(std::string_view role, Size size, int channels, PixelType type) override;
  void record(Record record) override { records.push_back(std::move(record)); }

  std::vector<Output> outputs() &&;  // in the order in which they were made
  std::vector<Record> records;

 private:
  struct Canvas;
  Answer answer_;
  std::vector<std::unique_ptr<Canvas>> canvases_;
};

// What the task gives to its first inference for this picture. The task goes no further. Throws Error: what it throws
// before, and internal where it asks for none.
Tensors first_inputs(const Task& task, Image picture);

}  // namespace pixmill::tasks
