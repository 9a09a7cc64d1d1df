#include "pixmill/runtime/model_file.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "pixmill/core/error.h"
#include "pixmill/core/protobuf.h"

namespace pixmill::runtime {
namespace {

using Bytes = std::span<const std::byte>;

// Numbers of the fields in onnx.proto that are read here.
namespace model_field {
constexpr std::uint32_t kGraph = 7, kOpsetImport = 8, kMetadata = 14;
}
namespace graph_field {
constexpr std::uint32_t kNode = 1, kInitializer = 5, kInput = 11, kOutput = 12;
}
namespace node_field {
constexpr std::uint32_t kInput = 1, kOutput = 2, kName = 3, kOperator = 4;
}
namespace tensor_field {
constexpr std::uint32_t kDimension = 1, kType = 2, kName = 8, kExternal = 13, kLocation = 14;
}

ElementType element_type(std::int64_t onnx) {
  switch (onnx) {
    case 1: return ElementType::f32;
    case 2: return ElementType::u8;
    case 3: return ElementType::i8;
    case 4: return ElementType::u16;
    case 5: return ElementType::i16;
    case 6: return ElementType::i32;
    case 7: return ElementType::i64;
    case 9: return ElementType::boolean;
    case 10: return ElementType::f16;
    case 11: return ElementType::f64;
    case 16: return ElementType::bf16;
    default: return ElementType::other;
  }
}

// The first field of that number, as a message; empty when there is none.
Bytes child(Bytes message, std::uint32_t number) {
  for (Fields fields(message); fields.next();) {
    if (fields.number() == number) return fields.bytes();
  }
  return {};
}

std::pair<std::string, std::string> key_and_value(Bytes message) {
  std::pair<std::string, std::string> entry;
  for (Fields fields(message); fields.next();) {
    if (fields.number() == 1) entry.first = fields.text();
    if (fields.number() == 2) entry.second = fields.text();
  }
  return entry;
}

void read_dimension(Bytes message, Port& port) {
  std::int64_t extent = -1;
  std::string name;
  for (Fields fields(message); fields.next();) {
    if (fields.number() == 1 && fields.integer() > 0) extent = fields.integer();
    if (fields.number() == 2) name = fields.text();
  }
  port.shape.push_back(extent);
  port.dimension_names.push_back(std::move(name));
}

Port read_port(Bytes message) {
  Port port;
  port.type = ElementType::other;
  for (Fields fields(message); fields.next();) {
    if (fields.number() == 1) port.name = fields.text();
    if (fields.number() != 2) continue;
    for (Fields tensor(child(fields.bytes(), 1)); tensor.next();) {
      if (tensor.number() == 1) port.type = element_type(tensor.integer());
      if (tensor.number() != 2) continue;
      for (Fields shape(tensor.bytes()); shape.next();) {
        if (shape.number() == 1) read_dimension(shape.bytes(), port);
      }
    }
  }
  return port;
}

struct Weight {
  std::string name;
  ElementType type = ElementType::other;
  double elements = 1;  // a double: a damaged file may claim any number
  bool external = false;
  std::string file;  // where an external one lies
};

Weight read_weight(Bytes message) {
  Weight weight;
  for (Fields fields(message); fields.next();) {
    switch (fields.number()) {
      case tensor_field::kDimension:
        weight.elements *= static_cast<double>(std::max<std::int64_t>(fields.integer(), 1));
        break;
      case tensor_field::kType: weight.type = element_type(fields.integer()); break;
      case tensor_field::kName: weight.name = fields.text(); break;
      case tensor_field::kLocation: weight.external = fields.integer() == 1; break;
      case tensor_field::kExternal:
        if (auto entry = key_and_value(fields.bytes()); entry.first == "location") weight.file = entry.second;
        break;
      default: break;
    }
  }
  return weight;
}

bool computes_in_integers(std::string_view op) {
  return op.starts_with("QLinear") || op == "ConvInteger" || op == "MatMulInteger";
}

bool quantises(std::string_view op) {
  return op == "QuantizeLinear" || op == "DynamicQuantizeLinear" || computes_in_integers(op);
}

class Reader {
 public:
  explicit Reader(const ModelSource& model) : source_(model) {}

  ModelFile read() {
    bool graph = false;
    for (Fields fields(source_.bytes); fields.next();) {
      if (fields.number() == model_field::kGraph) {
        graph = true;
        read_graph(fields.bytes());
      } else if (fields.number() == model_field::kOpsetImport) {
        read_opset(fields.bytes());
      } else if (fields.number() == model_field::kMetadata) {
        file_.signature.metadata.push_back(key_and_value(fields.bytes()));
      }
    }
    if (!graph || file_.nodes == 0 || file_.signature.outputs.empty()) {
      throw Error(ErrorCode::bad_model, source_.name + " is not an ONNX model: it holds no graph",
                  "pixmill runs .onnx files; export the model to ONNX");
    }
    for (const Port& output : file_.signature.outputs) file_.producers.push_back(producers_[output.name]);
    file_.signed_integers = std::any_of(integer_weights_.begin(), integer_weights_.end(),
                                        [&](const std::string& name) { return signed_weights_.contains(name); });
    // Files of old IR versions list the weights among the inputs.
    std::erase_if(file_.signature.inputs, [&](const Port& port) { return weights_.contains(port.name); });
    file_.precision = quantised_ ? Precision::int8 : half_elements_ > f32_elements_ ? Precision::fp16 : Precision::fp32;
    return std::move(file_);
  }

 private:
  void read_graph(Bytes message) {
    for (Fields fields(message); fields.next();) {
      switch (fields.number()) {
        case graph_field::kNode: read_node(fields.bytes()); break;
        case graph_field::kInitializer: add_weight(read_weight(fields.bytes())); break;
        case graph_field::kInput: file_.signature.inputs.push_back(read_port(fields.bytes())); break;
        case graph_field::kOutput: file_.signature.outputs.push_back(read_port(fields.bytes())); break;
        default: break;
      }
    }
  }

  void read_node(Bytes message) {
    ++file_.nodes;
    std::string name;
    std::vector<std::string> inputs, outputs;
    bool convolves_in_integers = false;
    for (Fields fields(message); fields.next();) {
      if (fields.number() == node_field::kInput) inputs.emplace_back(fields.text());
      if (fields.number() == node_field::kOutput) outputs.emplace_back(fields.text());
      if (fields.number() == node_field::kName) name = fields.text();
      if (fields.number() != node_field::kOperator) continue;
      quantised_ = quantised_ || quantises(fields.text());
      file_.integer_operators = file_.integer_operators || computes_in_integers(fields.text());
      convolves_in_integers = fields.text() == "ConvInteger";
    }
    if (convolves_in_integers && inputs.size() > 1) integer_weights_.insert(inputs[1]);
    for (std::string& output : outputs) producers_[std::move(output)] = name;
  }

  void add_weight(Weight weight) {
    if (weight.external) {
      throw Error(
          ErrorCode::bad_model,
          source_.name + " keeps its weights in another file (" + weight.file + "), which pixmill does not read",
          "store the model as one file: onnx.save(onnx.load('model.onnx'), 'one_file.onnx') in Python");
    }
    if (weight.type == ElementType::f16) half_elements_ += weight.elements;
    if (weight.type == ElementType::f32) f32_elements_ += weight.elements;
    if (weight.type == ElementType::i8) signed_weights_.insert(weight.name);
    weights_.insert(std::move(weight.name));
  }

  void read_opset(Bytes message) {
    std::string_view domain;
    std::int64_t version = 0;
    for (Fields fields(message); fields.next();) {
      if (fields.number() == 1) domain = fields.text();
      if (fields.number() == 2) version = fields.integer();
    }
    if (domain.empty() || domain == "ai.onnx") file_.opset = version;
  }

  const ModelSource& source_;
  ModelFile file_;
  std::set<std::string> weights_;
  std::set<std::string> signed_weights_;          // of int8
  std::set<std::string> integer_weights_;         // that a ConvInteger takes
  std::map<std::string, std::string> producers_;  // node by the tensor that it makes
  bool quantised_ = false;
  double half_elements_ = 0;
  double f32_elements_ = 0;
};

bool is_text(std::string_view start) {
  return std::none_of(start.begin(), start.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\n' && c != '\r' && c != '\t';
  });
}

// torch.jit.save() writes a zip archive with constants; torch.save() of weights alone has none, and no code.
bool is_torchscript(std::string_view file) {
  return file.starts_with("PK") && file.find("constants.pkl") != std::string_view::npos;
}

ModelFile torchscript_file() {
  ModelFile file;
  file.format = FileFormat::torchscript;
  file.signature.inputs.push_back({"input", ElementType::f32, {-1, -1, -1, -1}, {"batch", "", "", ""}});
  file.signature.outputs.push_back({"output", ElementType::f32, {-1, -1, -1, -1}, {"batch", "", "", ""}});
  file.producers.resize(1);
  return file;
}

// Throws for files that are plainly something else.
void refuse_other_formats(const ModelSource& model) {
  const std::string_view start(reinterpret_cast<const char*>(model.bytes.data()),
                               std::min<std::size_t>(model.bytes.size(), 512));
  const auto refuse = [&](std::string_view what, std::string hint) {
    throw Error(ErrorCode::bad_model, model.name + " " + std::string(what) + ", not an ONNX model", std::move(hint));
  };
  const std::string fetch = "fetch the file again";
  const std::string to_onnx = "export the model to ONNX";
  const std::string pytorch = to_onnx +
                              ": `yolo export model=FILE.pt format=onnx`, or torch.onnx.export(); TorchScript "
                              "(torch.jit.save) runs in LibTorch";
  if (start.empty()) refuse("is empty", fetch);
  if (start.starts_with("version https://git-lfs"))
    refuse("is a Git LFS pointer", "run `git lfs pull` where it came from");
  if (is_text(start)) refuse("is text", start.starts_with("<") ? "it looks like a web page: " + fetch : fetch);
  if (start.starts_with("PK")) refuse("is an archive (of PyTorch weights, perhaps)", pytorch);
  if (start.starts_with("\x80\x02")) refuse("is a Python pickle (of PyTorch weights, perhaps)", pytorch);
  if (start.substr(0, 8).ends_with("TFL3")) refuse("is a TensorFlow Lite model", to_onnx);
  if (start.substr(0, 8).ends_with("ORTM"))
    refuse("is a model in ORT format", "use the .onnx file that it was made from");
  if (start.starts_with("\x89HDF")) refuse("is an HDF5 file (of Keras, perhaps)", to_onnx);
}

}  // namespace

ModelFile read_model_file(const ModelSource& model) {
  if (is_torchscript({reinterpret_cast<const char*>(model.bytes.data()), model.bytes.size()}))
    return torchscript_file();
  refuse_other_formats(model);
  try {
    return Reader(model).read();
  } catch (const DamagedMessage& damage) {
    throw Error(ErrorCode::bad_model, model.name + " is damaged or not an ONNX model: " + std::string(damage.reason),
                "fetch the file again");
  }
}

}  // namespace pixmill::runtime
