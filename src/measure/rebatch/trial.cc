#include "measure/rebatch/trial.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <span>
#include <utility>

#include "pixmill/core/error.h"
#include "pixmill/core/tensor_batch.h"
#include "pixmill/measure/subject.h"

namespace pixmill::measure {
namespace {

// The largest that was seen of what should be equal, over 35 models: 3e-6 (fp32); halves and steps of integers round
// to other neighbours.
constexpr double kTolerance = 1e-4, kCoarseTolerance = 0.02;
constexpr double kMostElements = 1 << 28;  // of one input
constexpr std::int64_t kSide = 256;        // of dimensions that may have any extent

models::ModelData data_of(const std::string& model, const platform::Home& home, std::string& name,
                          std::filesystem::path& path) {
  std::error_code unknown;
  name = model;
  if (std::filesystem::is_regular_file(model, unknown)) {
    path = model;
    return models::ModelData::map(model);
  }
  models::ResolvedModel found = models::ModelStore(home.models).resolve(model, "", runtime::signature_of);
  path = found.path;
  return std::move(found.data);
}

std::shared_ptr<runtime::Session> load(const std::string& name, std::span<const std::byte> bytes) {
  return runtime::load_session({name, bytes, {}}, {.backend = "onnxruntime",
                                                   .device = "cpu",
                                                   .precision = runtime::Precision::fp32,
                                                   .streams = 1,
                                                   .require_device = true,
                                                   .keep_compiled = false});
}

double number_at(const Tensor& tensor, std::size_t i) {
  switch (tensor.type()) {
    case ElementType::f32: return tensor.as<float>()[i];
    case ElementType::f64: return tensor.as<double>()[i];
    case ElementType::i64: return static_cast<double>(tensor.as<std::int64_t>()[i]);
    case ElementType::i32: return tensor.as<std::int32_t>()[i];
    case ElementType::i8: return tensor.as<std::int8_t>()[i];
    case ElementType::u8:
    case ElementType::boolean: return tensor.as<std::uint8_t>()[i];
    default: return 0.0;
  }
}

// Parts of the largest value of `expected`; infinite where a value is no number.
double difference(const Tensor& expected, const Tensor& seen) {
  double largest = 0.0, scale = 0.0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(expected.size()); ++i) {
    const double a = number_at(expected, i), b = number_at(seen, i);
    if (std::isnan(a) != std::isnan(b)) return HUGE_VAL;
    if (std::isnan(a) || a == b) continue;
    scale = std::max(scale, std::abs(a));
    largest = std::max(largest, std::abs(a - b));
  }
  for (std::size_t i = 0; largest > 0 && i < static_cast<std::size_t>(expected.size()); ++i) {
    if (const double a = std::abs(number_at(expected, i)); std::isfinite(a)) scale = std::max(scale, a);
  }
  return largest == 0.0 ? 0.0 : largest / std::max(scale, 1e-12);
}

// The rows of `group` of a result for all groups.
Tensor part_of(const Tensor& all, std::size_t group, std::size_t groups) {
  std::vector<std::int64_t> shape = all.shape();
  shape.front() /= static_cast<std::int64_t>(groups);
  Tensor part(shape, all.type());
  std::copy_n(all.data() + group * part.bytes(), part.bytes(), part.data());
  return part;
}

Tensor drawn(const std::string& model, const Port& port, std::mt19937& random) {
  std::vector<std::int64_t> shape = port.shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0) shape[i] = i == 0 ? 1 : i == 1 && shape.size() == 4 && shape[3] != 3 && shape[3] != 1 ? 3 : kSide;
  }
  double elements = 1;
  for (const std::int64_t extent : shape) elements *= static_cast<double>(extent);
  if (elements > kMostElements)
    throw Error(ErrorCode::too_large, model + ": its input '" + port.name + "' is too large to be tried");
  const auto next = [&] { return static_cast<double>(random()) / 4294967296.0; };
  if (port.type == ElementType::i64 || port.type == ElementType::i32) {
    Tensor tensor(shape, port.type);
    for (std::size_t i = 0; i < static_cast<std::size_t>(tensor.size()); ++i) {
      const auto value = static_cast<std::int32_t>(1 + next() * 63);
      if (port.type == ElementType::i64)
        tensor.as<std::int64_t>()[i] = value;
      else
        tensor.as<std::int32_t>()[i] = value;
    }
    return tensor;
  }
  if (port.type == ElementType::u8 || port.type == ElementType::boolean) {
    Tensor tensor(shape, port.type);
    for (std::uint8_t& value : tensor.as<std::uint8_t>())
      value = static_cast<std::uint8_t>(next() * (port.type == ElementType::u8 ? 256 : 2));
    return tensor;
  }
  if (port.type != ElementType::f32 && port.type != ElementType::f16)
    throw Error(ErrorCode::bad_model, model + ": pixmill makes no values of the type of its input '" + port.name + "'");
  Tensor tensor(shape, ElementType::f32);
  for (float& value : tensor.as<float>()) value = static_cast<float>(next());
  return tensor;
}

void compare(const std::vector<Tensor>& expected, const std::vector<Tensor>& seen, std::size_t group,
             std::size_t groups, const ModelSignature& signature, BatchProof& proof) {
  for (std::size_t i = 0; i < expected.size() && proof.why_not.empty(); ++i) {
    const std::string& name = signature.outputs[i].name;
    std::vector<std::int64_t> wanted = expected[i].shape();
    if (!wanted.empty()) wanted.front() *= static_cast<std::int64_t>(groups);
    if (wanted.empty() || seen[i].shape() != wanted || seen[i].type() != expected[i].type()) {
      proof.why_not = "the output '" + name + "' of several pictures at once does not have a row for each";
      return;
    }
    const double found = difference(expected[i], part_of(seen[i], group, groups));
    proof.difference = std::max(proof.difference, found);
    if (found <= proof.tolerance) continue;
    char text[64];
    std::snprintf(text, sizeof text, "%.2g", found);
    proof.why_not = "the output '" + name + "' of a picture changes with the other pictures of its batch (by " + text +
                    " of its largest value)";
  }
}

bool all_equal(const std::vector<std::vector<Tensor>>& results) {
  for (std::size_t i = 1; i < results.size(); ++i) {
    for (std::size_t j = 0; j < results[i].size(); ++j) {
      if (results[i][j].shape() != results[0][j].shape() || difference(results[0][j], results[i][j]) > 0) return false;
    }
  }
  return true;
}

}  // namespace

BatchTrial::BatchTrial(const std::string& model, const platform::Home& home)
    : data_(data_of(model, home, name_, path_)), file_(runtime::read_model_file({name_, data_.bytes(), {}})) {
  if (file_.format != runtime::FileFormat::onnx)
    throw Error(ErrorCode::unsupported, name_ + " is TorchScript; batches are looked at in ONNX files only");
  if (file_.signature.inputs.empty() || file_.signature.inputs.front().shape.empty())
    throw Error(ErrorCode::bad_model, name_ + " has no input with dimensions");
  try {
    take_pictures(model, home);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::corrupt || error.code() == ErrorCode::out_of_memory) throw;
    groups_.clear();  // several inputs, or no pictures: any numbers will do
  }
  if (groups_.empty()) draw_numbers();
}

bool BatchTrial::dynamic() const {
  const auto& inputs = file_.signature.inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (carries(i) && inputs[i].shape.front() > 0) return false;
  }
  return true;
}

// What a job, or else a measurement, would give to the model.
void BatchTrial::take_pictures(const std::string& model, const platform::Home& home) {
  Subject subject = load_subject(model, {}, kGroups, home);
  if (!subject.model.card.task.empty()) card_ = subject.model.card;
  const std::vector<std::int64_t>& fixed = file_.signature.inputs.front().shape;
  const std::size_t batch = fixed.front() > 0 ? static_cast<std::size_t>(fixed.front()) : 1;
  if (batch > 64) return;
  for (std::size_t i = 0; i < kGroups; ++i) {
    groups_.emplace_back();
    groups_.back().push_back(subject.batch(i * batch, static_cast<int>(batch)));
    const std::vector<std::int64_t>& shape = groups_.back().front().shape();
    for (std::size_t j = 0; j < fixed.size(); ++j) {
      if (fixed[j] > 0 && (j >= shape.size() || shape[j] != fixed[j])) return groups_.clear();
    }
    if (shape != groups_.front().front().shape()) return groups_.clear();
  }
}

void BatchTrial::draw_numbers() {
  std::mt19937 random(7);
  for (std::size_t i = 0; i < kGroups; ++i) {
    groups_.emplace_back();
    for (const Port& port : file_.signature.inputs) groups_.back().push_back(drawn(name_, port, random));
  }
}

// As plan_rebatch() sees it.
bool BatchTrial::carries(std::size_t input) const {
  const auto& group = groups_.front();
  const std::vector<std::int64_t>& shape = group[input].shape();
  return input == 0 || (shape.size() > 1 && shape.front() == group.front().shape().front());
}

BatchTrial::Tensors BatchTrial::inputs_of(std::size_t first, std::size_t count) const {
  Tensors inputs;
  for (std::size_t i = 0; i < groups_.front().size(); ++i) {
    if (!carries(i)) {
      inputs.push_back(groups_.front()[i].clone());
      continue;
    }
    std::vector<std::int64_t> shape = groups_.front()[i].shape();
    shape.front() *= static_cast<std::int64_t>(count);
    Tensor all(shape, groups_.front()[i].type());
    std::byte* to = all.data();
    for (std::size_t group = first; group < first + count; ++group) {
      const Tensor& part = groups_[group][i];
      to = std::copy_n(part.data(), part.bytes(), to);
    }
    inputs.push_back(std::move(all));
  }
  return inputs;
}

runtime::RebatchPlan BatchTrial::plan() const {
  return runtime::plan_rebatch({name_, data_.bytes(), {}}, groups_.front());
}

BatchProof BatchTrial::prove(const std::filesystem::path* rewritten) const {
  BatchProof proof;
  proof.tolerance = file_.precision == runtime::Precision::fp32 ? kTolerance : kCoarseTolerance;
  std::vector<Tensors> singles;
  auto session = load(name_, data_.bytes());
  for (std::size_t i = 0; i < kGroups; ++i) singles.push_back(session->run(inputs_of(i, 1)));
  if (all_equal(singles)) {
    proof.why_not = "the model gives the same result for every picture, so nothing can be compared";
    return proof;
  }
  if (rewritten != nullptr) session = load(name_ + " with a dynamic batch", models::ModelData::map(*rewritten).bytes());
  try {
    compare(singles.front(), session->run(inputs_of(0, 1)), 0, 1, file_.signature, proof);
    const Tensors together = session->run(inputs_of(0, kGroups));
    for (std::size_t i = 0; i < kGroups; ++i) compare(singles[i], together, i, kGroups, file_.signature, proof);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::out_of_memory) throw;
    proof.why_not = "it fails with several pictures at once: " + error.message();
  }
  return proof;
}

}  // namespace pixmill::measure
