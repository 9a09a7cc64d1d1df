// One prompt through the decoder of a SAM model.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "pixmill/tasks/detections.h"
#include "pixmill/tasks/prompts.h"
#include "pixmill/tasks/task.h"
#include "tasks/segment/sam_frame.h"
#include "tasks/segment/sam_ports.h"

namespace pixmill::tasks {

inline constexpr int kSamEncoder = 0, kSamDecoder = 1;  // of the task's graphs

// What the decoder answered: one mask, or several of which the first one may be the whole of them (four of SAM).
class SamAnswer {
 public:
  // `outputs`: of the decoder: masks, scores. Throws Error{bad_model}.
  SamAnswer(std::vector<Tensor> outputs, const SamFrame& frame, std::size_t points);

  std::size_t count() const { return static_cast<std::size_t>(scores().size()); }
  float score(std::size_t i) const;  // the predicted IoU, 0..1
  SamLogits logits(std::size_t i) const;

  // Which one the exporter of a single mask takes: of four the first one for three points or more (padding counts), the
  // best of the others for fewer; else the best.
  std::size_t best() const;
  // From which one on each is a thing of its own.
  std::size_t first_of_several() const { return count() > kSeveral ? 1 : 0; }

 private:
  const Tensor& scores() const { return outputs_[1]; }

  static constexpr std::size_t kSeveral = 3;
  std::vector<Tensor> outputs_;
  Size size_;  // of a mask
  std::size_t points_;
};

// Asks for masks in one picture. Not thread-safe.
class SamDecoder {
 public:
  // `embeddings`: outputs of the encoder, in the order of `ports.embeddings`. `pads`: the file wants a point more where
  // there is no box. The first three must outlive this.
  SamDecoder(const SamPorts& ports, const SamFrame& frame, Context& context, std::vector<Tensor> embeddings, bool pads);

  struct Asked {
    Pending pending;
    std::size_t points = 0;  // that the decoder was given
  };
  Asked ask(const PromptedThing& thing);
  SamAnswer answer(Asked asked) const { return {asked.pending.get(), frame_, asked.points}; }

 private:
  std::shared_ptr<const Tensor> input(const SamPort& port, const std::vector<float>& coords,
                                      const std::vector<float>& labels);

  const SamPorts& ports_;
  const SamFrame& frame_;
  Context& context_;
  const bool pads_;
  std::vector<std::shared_ptr<const Tensor>> embeddings_;
  std::vector<std::shared_ptr<const Tensor>> same_;  // inputs that do not depend on the prompt, by port
};

// What is recorded of a mask; empty where it has no pixel.
std::optional<Detection> detection_of(RunMask mask, float score, int label);

}  // namespace pixmill::tasks
