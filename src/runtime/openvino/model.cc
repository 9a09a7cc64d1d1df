#include "runtime/openvino/model.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "pixmill/core/error.h"
#include "runtime/hardware.h"
#include "runtime/names.h"
#include "runtime/openvino/kept.h"

namespace pixmill::runtime {
namespace {

// Never destroyed: its plugins have threads and statics that end with the process.
ov::Core& core() {
  static ov::Core* const the_core = new ov::Core();
  return *the_core;
}

constexpr std::array<std::pair<ElementType, ov::element::Type_t>, 11> kTypes = {{
    {ElementType::f32, ov::element::Type_t::f32},
    {ElementType::f16, ov::element::Type_t::f16},
    {ElementType::bf16, ov::element::Type_t::bf16},
    {ElementType::f64, ov::element::Type_t::f64},
    {ElementType::u8, ov::element::Type_t::u8},
    {ElementType::i8, ov::element::Type_t::i8},
    {ElementType::u16, ov::element::Type_t::u16},
    {ElementType::i16, ov::element::Type_t::i16},
    {ElementType::i32, ov::element::Type_t::i32},
    {ElementType::i64, ov::element::Type_t::i64},
    {ElementType::boolean, ov::element::Type_t::boolean},
}};

ov::element::Type inference_type(Precision precision) {
  switch (precision) {
    case Precision::bf16: return ov::element::bf16;
    case Precision::fp16: return ov::element::f16;
    default: return ov::element::f32;  // quantised models bring their int8 along
  }
}

std::string device_of(const LoadRequest& request) {
  std::string device(request.provider.name);
  if (request.placement.index > 0) add_to(device, std::to_string(request.placement.index), ".");
  return device;
}

// Whether a node of the executed graph computes, as opposed to moving or reshaping data.
bool computes(const std::string& type) {
  constexpr std::array<std::string_view, 6> kTypesThatCompute = {"Convolution", "Deconvolution", "FullyConnected",
                                                                 "MatMul",      "convolution",   "fully_connected"};
  for (const std::string_view known : kTypesThatCompute) {
    if (type == known) return true;
  }
  return false;
}

std::string note(const ov::Node& node, const char* key) {
  const auto& notes = node.get_rt_info();
  const auto found = notes.find(key);
  return found == notes.end() ? "" : found->second.as<std::string>();
}

Precision precision_of(const ov::element::Type& type) {
  if (type == ov::element::i8 || type == ov::element::u8) return Precision::int8;
  if (type == ov::element::bf16) return Precision::bf16;
  if (type == ov::element::f16) return Precision::fp16;
  return Precision::fp32;
}

// Gives the first input the shape that was promised, where the model leaves it open.
void fix_shape(ov::Model& model, const LoadRequest& request) {
  const std::vector<std::int64_t>& shape = request.placement.shape;
  const std::vector<Port>& declared = request.file.signature.inputs;
  if (shape.empty() || declared.empty()) return;
  for (const auto& input : model.inputs()) {
    if (!input.get_names().contains(declared.front().name) || input.get_partial_shape().is_static()) continue;
    const ov::PartialShape wanted(std::vector<ov::Dimension>(shape.begin(), shape.end()));
    if (input.get_partial_shape().compatible(wanted)) model.reshape({{input, wanted}});
    return;
  }
}

// The user's options by the names of OpenVINO's properties. Throws Error{usage} for one that the device does not take.
void add_users(const ProviderOptions& options, const std::string& device, ov::AnyMap& properties) {
  if (options.empty()) return;
  std::vector<std::string> known;
  for (const ov::PropertyName& name : core().get_property(device, ov::supported_properties)) {
    if (name.is_mutable()) known.push_back(name);
  }
  for (const auto& [name, value] : options) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw unknown_name("property of OpenVINO's " + device, name, known);
    properties[name] = value;
  }
}

ov::AnyMap properties_of(const LoadRequest& request, const std::string& device) {
  ov::AnyMap properties = {ov::hint::inference_precision(inference_type(request.placement.precision)),
                           ov::cache_dir("")};  // what is kept, pixmill keeps: OpenVINO would leave half a file behind
  if (request.provider.name == "CPU") {
    properties.insert(ov::num_streams(ov::streams::Num(request.placement.streams)));
    properties.insert(ov::inference_num_threads(request.placement.streams * request.placement.threads));
  } else {
    properties.insert(ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT));
  }
  if (!request.placement.profile.empty()) properties.insert(ov::enable_profiling(true));
  add_users(request.placement.options, device, properties);
  return properties;
}

}  // namespace

std::string openvino_version() {
  const std::string build = ov::get_openvino_version().buildNumber;  // "2026.4.1-12345-abcdef"
  return build.substr(0, build.find('-'));
}

std::string openvino_library() {
  return library_holding(reinterpret_cast<const void*>(&ov::get_openvino_version));
}

std::vector<OpenVinoDevice> openvino_devices() {
  std::vector<OpenVinoDevice> devices;
  for (const std::string& name : core().get_available_devices()) {
    devices.push_back({name, core().get_property(name, ov::device::full_name)});
  }
  return devices;
}

ov::CompiledModel compile_model(const LoadRequest& request) {
  const std::string device = device_of(request);
  const ov::AnyMap properties = properties_of(request, device);
  // One that measures its nodes is not kept: it would be slower for everyone after.
  const std::filesystem::path kept =
      request.placement.profile.empty() ? kept_file(request, openvino_version()) : std::filesystem::path();
  if (auto imported = import_kept(core(), kept, device, properties)) return *imported;
  const auto bytes = request.model.bytes;
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto model = core().read_model(text, ov::Tensor());
  fix_shape(*model, request);
  ov::CompiledModel compiled = core().compile_model(model, device, properties);
  keep(compiled, kept);
  return compiled;
}

ProviderOptions options_of(const ov::CompiledModel& model, const LoadRequest& request) {
  ProviderOptions told;
  std::set<std::string> names = {"INFERENCE_PRECISION_HINT", "NUM_STREAMS", "INFERENCE_NUM_THREADS"};
  for (const auto& [name, value] : request.placement.options) names.insert(name);
  for (const ov::PropertyName& name : model.get_property(ov::supported_properties)) {
    if (names.contains(name)) told[name] = model.get_property(name).as<std::string>();
  }
  return told;
}

ExecutedModel executed_model(const ov::CompiledModel& model) {
  ExecutedModel executed;
  std::map<Precision, int> votes;
  for (const auto& node : model.get_runtime_model()->get_ordered_ops()) {
    const std::string type = note(*node, "layerType");
    if (type == "Input" || type == "Output" || type == "Const") continue;
    ++executed.nodes;
    if (computes(type)) ++votes[precision_of(ov::element::Type(note(*node, "runtimePrecision")))];
  }
  if (votes.empty()) {
    executed.precision = precision_of(model.get_property(ov::hint::inference_precision));
    return executed;
  }
  for (const auto& [precision, count] : votes) {
    if (count > votes[executed.precision]) executed.precision = precision;
  }
  return executed;
}

ov::Tensor borrowed(const Tensor& tensor) {
  for (const auto& [ours, theirs] : kTypes) {
    if (ours != tensor.type()) continue;
    return {theirs, ov::Shape(tensor.shape().begin(), tensor.shape().end()), const_cast<std::byte*>(tensor.data())};
  }
  throw Error(ErrorCode::usage, "OpenVINO does not take tensors of type " + std::string(name_of(tensor.type())));
}

Tensor copied(const ov::Tensor& tensor, const Port& port) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs != tensor.get_element_type()) continue;
    const ov::Shape& shape = tensor.get_shape();
    Tensor copy(std::vector<std::int64_t>(shape.begin(), shape.end()), ours);
    std::memcpy(copy.data(), tensor.data(), copy.bytes());
    return copy;
  }
  throw Error(ErrorCode::bad_model, "output '" + port.name + "' is not a tensor of numbers");
}

}  // namespace pixmill::runtime
