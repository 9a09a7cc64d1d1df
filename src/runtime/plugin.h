// The interface of a backend in its own shared library, so that a large vendor library costs nothing until it is
// needed. The library is opened by plugin_backend.cc; only standard types and a Tensor cross the interface.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pixmill/core/tensor.h"

namespace pixmill::runtime {

// Bumped when anything below changes: a library of another build is refused.
inline constexpr int kPluginInterface = 1;

struct PluginModel {
  std::string name;                           // for messages
  std::span<const std::byte> bytes;           // the whole file; valid during load() only
  const ModelSignature& signature;            // valid during load() only
  const std::vector<std::string>& producers;  // per output: the name of the node that makes it, "" where it has none
  int threads = 1;                            // of one inference
};

// A loaded model for one caller at a time. Throws std::exception with the vendor's words.
class PluginNet {
 public:
  virtual ~PluginNet() = default;

  // Inputs in the model's order; returns the outputs of these indices, in that order; all when there is none.
  virtual std::vector<Tensor> run(std::span<const Tensor* const> inputs, std::span<const int> wanted) = 0;
};

struct Plugin {
  int interface = kPluginInterface;
  const char* version = "";  // the vendor's
  // `count` nets that may run side by side. Throws std::exception with the vendor's words.
  std::vector<std::unique_ptr<PluginNet>> (*load)(const PluginModel& model, int count) = nullptr;
};

}  // namespace pixmill::runtime

// The one symbol of such a library.
extern "C" const pixmill::runtime::Plugin* pixmill_backend_plugin();
