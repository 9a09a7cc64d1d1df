// One inference of several requests, without what an engine does when it fails.
#pragma once

#include <cstddef>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "pixmill/core/error.h"
#include "pixmill/core/tensor.h"
#include "pixmill/runtime/session.h"
#include "pixmill/tasks/task.h"

namespace pixmill::pipeline {

// The first dimension that a session requires; 0 where it takes any. `batches`: the graph takes several requests at
// all.
int fixed_batch_of(const ModelSignature& signature, bool batches);

// The outputs of each request, joined along the first dimension as far as `batches` allows. Throws what the session
// throws.
std::vector<std::vector<Tensor>> run_session(runtime::Session& session, std::span<const tasks::Tensors* const> inputs,
                                             bool batches, std::span<const int> wanted);

std::size_t bytes_of(const std::vector<Tensor>& tensors);
std::size_t bytes_of(const tasks::Tensors& tensors);

tasks::Tensors zeros_like(const tasks::Tensors& tensors);

// The error that `work` ended with.
template <typename Work>
std::optional<Error> error_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::out_of_memory, "not enough memory for the tensors of an inference",
                 "use a smaller batch (-b) or fewer pictures at once (-j)");
  } catch (const std::exception& error) {
    return Error(ErrorCode::internal, error.what(), "please report this");
  }
  return std::nullopt;
}

}  // namespace pixmill::pipeline
