// Rewrites an ONNX file whose graph takes a fixed number of pictures into one that takes any.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "pixmill/core/tensor.h"
#include "pixmill/runtime/session.h"

namespace pixmill::runtime {

// The node that keeps a graph from taking any number of pictures. Thrown by plan_rebatch().
struct BatchObstacle {
  std::string node;  // its name; "" where it has none
  std::string op;    // "Reshape"
  std::string why;   // "it takes the mean over the pictures of a batch"
};

// A file in pieces: what stays as it is, as spans of the original, and what is new.
class RebatchPlan {
 public:
  // In words, one for each node or constant that becomes another; empty: only names of dimensions do.
  std::vector<std::string> changes;
  std::string dimension;  // the name that the batch gets
  bool already = false;   // the inputs take any batch as they are, and no node has to change

  // Writes the new file. The bytes that plan_rebatch() had must still be there. Throws Error{unwritable, disk_full}.
  void write(const std::filesystem::path& path) const;

  // Appends a piece of the original, or a new one.
  void keep(std::span<const std::byte> piece) { pieces_.push_back(piece); }
  void add(std::string piece);

 private:
  std::vector<std::span<const std::byte>> pieces_;
  std::deque<std::string> made_;  // what the spans of new pieces point into
};

// Follows the batch of `inputs` (one for each input of the model, their first dimension the batch that the file has)
// through the graph: ONNX Runtime tells the shapes of all tensors, by one inference on the CPU; a table of operators
// tells where the batch goes. The result is a proposal: who writes it should run it and compare.
// Throws BatchObstacle, and Error as load_session() and Session::run() do.
RebatchPlan plan_rebatch(const ModelSource& model, std::span<const Tensor> inputs);

}  // namespace pixmill::runtime
