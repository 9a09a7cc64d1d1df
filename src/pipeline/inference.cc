#include "pipeline/inference.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "pixmill/core/tensor_batch.h"

namespace pixmill::pipeline {

int fixed_batch_of(const ModelSignature& signature, bool batches) {
  if (!batches) return 1;
  if (signature.inputs.empty() || signature.inputs.front().shape.empty()) return 0;
  return static_cast<int>(std::max<std::int64_t>(0, signature.inputs.front().shape.front()));
}

std::size_t bytes_of(const std::vector<Tensor>& tensors) {
  std::size_t bytes = 0;
  for (const Tensor& tensor : tensors) bytes += tensor.bytes();
  return bytes;
}

std::size_t bytes_of(const tasks::Tensors& tensors) {
  std::size_t bytes = 0;
  for (const auto& tensor : tensors) bytes += tensor->bytes();
  return bytes;
}

tasks::Tensors zeros_like(const tasks::Tensors& tensors) {
  tasks::Tensors all;
  for (const auto& tensor : tensors) {
    auto zeros = std::make_shared<Tensor>(tensor->shape(), tensor->type());
    std::memset(zeros->data(), 0, zeros->bytes());
    all.push_back(std::move(zeros));
  }
  return all;
}

std::vector<std::vector<Tensor>> run_session(runtime::Session& session, std::span<const tasks::Tensors* const> inputs,
                                             bool batches, std::span<const int> wanted) {
  std::vector<std::vector<Tensor>> outputs(inputs.size());
  const int fixed = fixed_batch_of(session.signature(), batches);
  if (inputs.size() == 1 && fixed <= 1) {
    std::vector<const Tensor*> pointers;
    for (const auto& input : *inputs.front()) pointers.push_back(input.get());
    outputs.front() = session.run_inputs(pointers, wanted);
    return outputs;
  }
  std::vector<Tensor> joined;
  for (std::size_t port = 0; port < inputs.front()->size(); ++port) {
    std::vector<const Tensor*> parts;
    for (const tasks::Tensors* one : inputs) parts.push_back((*one)[port].get());
    joined.push_back(join(parts, static_cast<std::size_t>(fixed)));
  }
  for (const Tensor& output : session.run(joined, wanted)) {
    std::vector<Tensor> slices = split(output, inputs.size());
    for (std::size_t i = 0; i < slices.size(); ++i) outputs[i].push_back(std::move(slices[i]));
  }
  return outputs;
}

}  // namespace pixmill::pipeline
