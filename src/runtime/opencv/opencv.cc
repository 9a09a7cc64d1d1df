// The backend of OpenCV's DNN module, as a library of its own.
#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>
#include <stdexcept>

#include "runtime/plugin.h"

namespace pixmill::runtime {
namespace {

// Tensors of f32 are all that passes in and out.
cv::Mat borrowed(const Tensor& tensor) {
  const std::vector<int> shape(tensor.shape().begin(), tensor.shape().end());
  return {shape, CV_32F, const_cast<std::byte*>(tensor.data())};
}

Tensor copied(const cv::Mat& blob) {
  if (blob.depth() != CV_32F) throw std::runtime_error("an output is of another type than f32");
  const cv::Mat packed = blob.isContinuous() ? blob : blob.clone();
  Tensor tensor(std::vector<std::int64_t>(packed.size.p, packed.size.p + packed.dims), ElementType::f32);
  std::memcpy(tensor.data(), packed.data, tensor.bytes());
  return tensor;
}

// OpenCV calls its layers after the nodes of the file, with a prefix; outputs have no names of their own.
std::vector<std::string> output_layers(const cv::dnn::Net& net, const PluginModel& model) {
  std::vector<std::string> ends = net.getUnconnectedOutLayersNames();
  if (model.signature.outputs.size() == 1 && ends.size() == 1) return ends;
  std::vector<std::string> layers;
  for (std::size_t i = 0; i < model.signature.outputs.size(); ++i) {
    const std::string& output = model.signature.outputs[i].name;
    for (const std::string& name : {"onnx_node!" + model.producers[i], "onnx_node_output_0!" + output, output}) {
      if (layers.size() == i && net.getLayerId(name) >= 0) layers.push_back(name);
    }
    if (layers.size() == i) throw std::runtime_error("it has no layer for the output '" + output + "'");
  }
  return layers;
}

class Net final : public PluginNet {
 public:
  explicit Net(const PluginModel& model) {
    net_ = cv::dnn::readNetFromONNX(reinterpret_cast<const char*>(model.bytes.data()), model.bytes.size());
    if (net_.empty()) throw std::runtime_error("no layers were read");
    net_.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net_.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    for (const Port& input : model.signature.inputs) {
      if (input.type != ElementType::f32)
        throw std::runtime_error("input '" + input.name + "' takes " + std::string(name_of(input.type)) + ", not f32");
      input_names_.push_back(input.name);
    }
    output_layers_ = output_layers(net_, model);
  }

  std::vector<Tensor> run(std::span<const Tensor* const> inputs, std::span<const int> wanted) override {
    for (std::size_t i = 0; i < inputs.size(); ++i) net_.setInput(borrowed(*inputs[i]), input_names_[i]);
    std::vector<std::string> names = wanted.empty() ? output_layers_ : std::vector<std::string>();
    for (const int index : wanted) names.push_back(output_layers_[static_cast<std::size_t>(index)]);
    std::vector<cv::Mat> blobs;
    net_.forward(blobs, names);
    std::vector<Tensor> outputs;
    for (const cv::Mat& blob : blobs) outputs.push_back(copied(blob));
    return outputs;
  }

 private:
  cv::dnn::Net net_;
  std::vector<std::string> input_names_;
  std::vector<std::string> output_layers_;
};

// OpenCV's words without source positions: "Node [Clip@ai.onnx]:(onnx_node!Clip_69) parse error: ...", with what its
// own checks say in more lines, becomes "its operator Clip in the form of node Clip_69".
std::string plain(const cv::Exception& error) {
  const std::string& words = error.err;
  const std::size_t op = words.find("Node [");
  const std::size_t end = words.find('@', op);
  const std::size_t node = words.find(":(", op);
  const std::size_t close = words.find(')', node);
  if (op == words.npos || end == words.npos || node == words.npos || close == words.npos) return words;
  std::string name = words.substr(node + 2, close - node - 2);
  name.erase(0, name.find('!') + 1);
  return "it does not know the operator " + words.substr(op + 6, end - op - 6) + " as node '" + name + "' uses it";
}

std::vector<std::unique_ptr<PluginNet>> load(const PluginModel& model, int count) try {
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);  // what matters comes as an exception
  cv::setNumThreads(model.threads);                                       // of all nets: OpenCV knows no other way
  std::vector<std::unique_ptr<PluginNet>> nets;
  for (int i = 0; i < count; ++i) nets.push_back(std::make_unique<Net>(model));
  return nets;
} catch (const cv::Exception& error) {
  throw std::runtime_error(plain(error));
}

const Plugin kModule = {kPluginInterface, CV_VERSION, load};

}  // namespace
}  // namespace pixmill::runtime

extern "C" __attribute__((visibility("default"))) const pixmill::runtime::Plugin* pixmill_backend_plugin() {
  return &pixmill::runtime::kModule;
}
