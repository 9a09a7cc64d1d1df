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

}  // namespace

std::shared_ptr<Session> load_planned(const ModelSource& model, const Plan& plan) {
  const ModelFile file = read_model_file(model);
  std::vector<std::string> warnings;
  for (std::size_t i = 0;; ++i) {
    const Provider& provider = *plan.candidates[i].provider;
    try {
      return find_backend(provider.backend)->load({model, file, provider, plan.placement}, warnings);
    } catch (const Error& error) {
      if (!plan.fall_back || i + 1 == plan.candidates.size() || !may_try_next(error)) throw;
      warnings.push_back(std::string(provider.id) + " was left for " +
                         std::string(plan.candidates[i + 1].provider->id) + ": " + error.message());
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

}  // namespace pixmill::runtime
