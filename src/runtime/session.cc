#include "pixmill/runtime/session.h"

#include <new>
#include <utility>

#include "pixmill/core/error.h"
#include "runtime/load.h"

namespace pixmill::runtime {
namespace {

// Trouble of this provider, that another may not have.
bool may_try_next(const Error& error) {
  return error.code() == ErrorCode::no_device || error.code() == ErrorCode::out_of_memory ||
         error.code() == ErrorCode::bad_model;
}

// LibTorch alone runs TorchScript, and nothing else. Where the plan says otherwise the file decides, with a warning.
std::vector<Candidate> candidates_for(const ModelSource& model, const ModelFile& file, const Plan& plan,
                                      std::vector<std::string>& warnings) {
  const bool planned = plan.candidates.front().provider->backend == "libtorch";
  if (file.format == FileFormat::onnx) {
    if (!planned) return plan.candidates;
    throw Error(ErrorCode::bad_model, model.name + " is an ONNX model; LibTorch runs TorchScript files",
                "--backend auto takes a runtime that can");
  }
  if (planned) return plan.candidates;
  const Provider& libtorch = provider_of("libtorch");
  const Availability availability = probe(libtorch);
  if (!availability.available) {
    throw Error(ErrorCode::no_device, model.name + " is a TorchScript file: " + availability.reason,
                "or export the model to ONNX");
  }
  warnings.push_back(std::string(plan.candidates.front().provider->id) +
                     " was replaced by libtorch: only LibTorch runs TorchScript files");
  return {{&libtorch, availability.precisions}};
}

// A model may have outputs that are sequences, maps or strings, as long as they are not requested, but no such inputs.
void require_tensors(const ModelSource& model, const ModelSignature& signature) {
  for (const Port& port : signature.inputs) {
    if (port.type != ElementType::other) continue;
    throw Error(ErrorCode::bad_model, model.name + ": its input '" + port.name + "' is not a tensor of numbers",
                "models take tensors only: export this one without sequences, maps and strings");
  }
}

}  // namespace

std::shared_ptr<Session> load_planned(const ModelSource& model, const Plan& plan) {
  const ModelFile file = read_model_file(model);
  require_tensors(model, file.signature);
  std::vector<std::string> warnings = plan.warnings;
  Placement placement = plan.placement;
  const std::vector<Candidate> candidates = candidates_for(model, file, plan, warnings);
  for (std::size_t i = 0;; ++i) {
    const Provider& provider = *candidates[i].provider;
    try {
      return find_backend(provider.backend)->load({model, file, provider, placement}, warnings);
    } catch (const Error& error) {
      if (!plan.fall_back || i + 1 == candidates.size() || !may_try_next(error)) throw;
      warnings.push_back(std::string(provider.id) + " was replaced by " + std::string(candidates[i + 1].provider->id) +
                         ": " + error.message());
      placement.options.clear();  // they were the first one's
    } catch (const std::bad_alloc& error) {
      throw vendor_error(ErrorCode::out_of_memory, "cannot load " + model.name, error.what());
    }
  }
}

std::shared_ptr<Session> load_session(const ModelSource& model, const SessionOptions& options) {
  return load_planned(model, make_plan(options));
}

ModelSignature read_signature(const ModelSource& model) {
  return read_model_file(model).signature;
}

ModelSignature signature_of(const std::string& name, std::span<const std::byte> bytes) {
  return read_signature({name, bytes, {}});
}

}  // namespace pixmill::runtime
