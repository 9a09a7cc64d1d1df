// What an engine's device has no memory for, on the CPU.
#include <utility>

#include "pipeline/engine.h"
#include "pipeline/inference.h"

namespace pixmill::pipeline {

std::shared_ptr<runtime::Session> Engine::cpu_session() {
  if (!load_on_cpu_) {
    throw Error(ErrorCode::out_of_memory, "there is no memory for an inference, nor another device",
                "close other programs, or use a machine with more memory");
  }
  const std::scoped_lock lock(cpu_mutex_);
  if (!cpu_session_) cpu_session_ = load_on_cpu_();
  return cpu_session_;
}

std::vector<Engine::Answer> Engine::infer_on_cpu(Inputs inputs, std::span<const int> wanted) {
  std::vector<Answer> answers;
  for (const tasks::Tensors* const& one : inputs) {
    Answer answer;
    answer.error = error_of([&] {
      answer.outputs = std::move(run_session(*cpu_session(), {&one, 1}, batches_, wanted).front());
    });
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace pixmill::pipeline
