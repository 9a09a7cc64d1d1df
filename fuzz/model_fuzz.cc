// Any bytes as a model file: its signature, or Error{bad_model}; a card can be guessed from any signature; and the
// batch can be followed through any graph, or a node forbids it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "pixmill/core/error.h"
#include "pixmill/models/model_card.h"
#include "pixmill/runtime/model_file.h"
#include "runtime/rebatch/rewrite.h"

namespace {

void check(const std::vector<pixmill::Port>& ports) {
  for (const pixmill::Port& port : ports) {
    if (port.shape.size() != port.dimension_names.size()) std::abort();
  }
}

// As if all tensors had one shape: ONNX Runtime, which tells the shapes, is left out here.
void follow(std::span<const std::byte> file, std::int64_t batch, pixmill::runtime::rebatch::Guess guess) {
  using namespace pixmill::runtime;
  const rebatch::Graph graph = rebatch::read_graph(file);
  rebatch::Observed observed;
  observed.batch = batch;
  for (const auto* names : {&graph.inputs, &graph.outputs}) {
    for (const std::string& name : *names) observed.shapes[name] = {batch, 3, 2, 2};
  }
  for (const std::string& name : graph.names) observed.shapes[name] = observed.values[name] = {batch, 3, 2, 2};
  try {
    rebatch::Flow flow(graph, observed, guess);
    flow.run(graph.inputs);
    RebatchPlan plan;
    rebatch::rewrite(file, graph, flow, graph.inputs.empty() ? "" : graph.inputs.front(), "batch", plan);
  } catch (const BatchObstacle&) {  // most of them
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data), size);
  try {
    const pixmill::runtime::ModelFile model = pixmill::runtime::read_model_file({"fuzz.onnx", file, {}});
    check(model.signature.inputs);
    check(model.signature.outputs);
    if (model.producers.size() != model.signature.outputs.size()) std::abort();
    const auto guess = pixmill::models::guess_card(model.signature, "fuzz.onnx");
    if (guess) (void)pixmill::models::mismatch(guess->card, model.signature);
    if (model.format != pixmill::runtime::FileFormat::onnx) return 0;
    follow(file, 1, pixmill::runtime::rebatch::Guess::same_dimension);
    follow(file, 2, pixmill::runtime::rebatch::Guess::first_dimension);
  } catch (const pixmill::Error& error) {
    if (error.code() != pixmill::ErrorCode::bad_model) std::abort();
  }
  return 0;
}
