// The backend of LibTorch for TorchScript files, as a library of its own.
#include <ATen/Parallel.h>
#include <torch/script.h>
#include <torch/version.h>

#include <algorithm>
#include <cstring>
#include <istream>
#include <iterator>
#include <stdexcept>
#include <streambuf>

#include "runtime/plugin.h"

namespace pixmill::runtime {
namespace {

// Bytes in memory as a stream that can be read and sought.
class Bytes : public std::streambuf {
 public:
  explicit Bytes(std::span<const std::byte> bytes) {
    char* const begin = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
    setg(begin, begin, begin + bytes.size());
  }

 protected:
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    char* const base = from == std::ios_base::beg ? eback() : from == std::ios_base::cur ? gptr() : egptr();
    if (offset < eback() - base || offset > egptr() - base) return pos_type(off_type(-1));
    setg(eback(), base + offset, egptr());
    return gptr() - eback();
  }
  pos_type seekpos(pos_type position, std::ios_base::openmode which) override {
    return seekoff(off_type(position), std::ios_base::beg, which);
  }
};

at::Tensor borrowed(const Tensor& tensor) {
  return torch::from_blob(const_cast<std::byte*>(tensor.data()), tensor.shape(), torch::kFloat32);
}

Tensor copied(const at::Tensor& value) {
  const at::Tensor packed = value.to(torch::kCPU, torch::kFloat32).contiguous();
  Tensor tensor(std::vector<std::int64_t>(packed.sizes().begin(), packed.sizes().end()), ElementType::f32);
  std::memcpy(tensor.data(), packed.data_ptr(), tensor.bytes());
  return tensor;
}

// The tensors of what forward() answers, in its order: a tensor, a tuple, a list, or a dictionary of them.
void gather(const c10::IValue& value, std::vector<at::Tensor>& tensors) {
  if (value.isTensor()) {
    tensors.push_back(value.toTensor());
  } else if (value.isTuple()) {
    for (const c10::IValue& element : value.toTuple()->elements()) gather(element, tensors);
  } else if (value.isTensorList()) {
    for (const at::Tensor& element : value.toTensorVector()) tensors.push_back(element);
  } else if (value.isList()) {
    for (const c10::IValue& element : value.toListRef()) gather(element, tensors);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) gather(entry.value(), tensors);
  } else {
    throw std::runtime_error("the model returns something that is not a tensor");
  }
}

class Net final : public PluginNet {
 public:
  explicit Net(const torch::jit::Module& module) : module_(module) {}

  std::vector<Tensor> run(std::span<const Tensor* const> inputs, std::span<const int> wanted) override {
    const c10::InferenceMode no_gradients;
    std::vector<c10::IValue> given;
    for (const Tensor* input : inputs) given.emplace_back(borrowed(*input));
    std::vector<at::Tensor> values;
    gather(module_.forward(std::move(given)), values);
    std::vector<Tensor> outputs;
    if (wanted.empty()) std::transform(values.begin(), values.end(), std::back_inserter(outputs), copied);
    for (const int index : wanted) outputs.push_back(copied(values.at(static_cast<std::size_t>(index))));
    return outputs;
  }

 private:
  torch::jit::Module module_;  // its weights are shared by the nets; forward() only reads them
};

std::vector<std::unique_ptr<PluginNet>> load(const PluginModel& model, int count) {
  at::set_num_threads(model.threads);
  Bytes bytes(model.bytes);
  std::istream stream(&bytes);
  torch::jit::Module module = torch::jit::load(stream, torch::kCPU);
  module.eval();
  std::vector<std::unique_ptr<PluginNet>> nets;
  for (int i = 0; i < count; ++i) nets.push_back(std::make_unique<Net>(module));
  return nets;
}

const Plugin kModule = {kPluginInterface, TORCH_VERSION, load};

}  // namespace
}  // namespace pixmill::runtime

extern "C" __attribute__((visibility("default"))) const pixmill::runtime::Plugin* pixmill_backend_plugin() {
  return &pixmill::runtime::kModule;
}
