#include "tasks/segment/sam_decoder.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "pixmill/core/error.h"

namespace pixmill::tasks {
namespace {

constexpr std::int64_t kMaskSide = 256;  // of `mask_input` where the file leaves it open
constexpr float kBackground = 0, kForeground = 1, kFirstCorner = 2, kLastCorner = 3, kPadding = -1;

template <typename T>
void fill(Tensor& tensor, const std::vector<float>& values) {
  std::transform(values.begin(), values.end(), tensor.as<T>().begin(),
                 [](float value) { return static_cast<T>(value); });
}

// The numbers in the type that the file wants; halves are made of floats by the session.
std::shared_ptr<const Tensor> tensor_of(ElementType type, std::vector<std::int64_t> shape,
                                        const std::vector<float>& values) {
  const bool half = type == ElementType::f16 || type == ElementType::bf16;
  auto tensor = std::make_shared<Tensor>(std::move(shape), half ? ElementType::f32 : type);
  switch (tensor->type()) {
    case ElementType::f32: fill<float>(*tensor, values); break;
    case ElementType::f64: fill<double>(*tensor, values); break;
    case ElementType::i32: fill<std::int32_t>(*tensor, values); break;
    case ElementType::i64: fill<std::int64_t>(*tensor, values); break;
    default:
      throw Error(ErrorCode::bad_model, "the decoder takes prompts as " + std::string(name_of(type)),
                  "export it with floats");
  }
  return tensor;
}

[[noreturn]] void refuse_outputs() {
  throw Error(ErrorCode::bad_model, "the decoder's masks and scores are not those of a SAM model",
              "encoder and decoder must be exported from one SAM model");
}

}  // namespace

SamAnswer::SamAnswer(std::vector<Tensor> outputs, const SamFrame& frame, std::size_t points)
    : outputs_(std::move(outputs)), points_(points) {
  const std::vector<std::int64_t>& shape = outputs_[0].shape();
  const bool floats = outputs_[0].type() == ElementType::f32 && scores().type() == ElementType::f32;
  if (!floats || shape.size() != 4 || shape[0] != 1 || shape[1] != scores().size() || scores().size() < 1 ||
      shape[2] < 1 || shape[3] < 1)
    refuse_outputs();
  size_ = {static_cast<int>(shape[3]), static_cast<int>(shape[2])};
  if (size_ != frame.content && size_.width != size_.height) refuse_outputs();
}

float SamAnswer::score(std::size_t i) const {
  const float value = scores().as<float>()[i];
  return value > 0 ? std::min(value, 1.0F) : 0.0F;
}

SamLogits SamAnswer::logits(std::size_t i) const {
  return {outputs_[0].as<float>().data() + i * static_cast<std::size_t>(size_.area()), size_};
}

std::size_t SamAnswer::best() const {
  const auto values = scores().as<float>();
  if (count() > kSeveral && points_ >= 3) return 0;
  const auto first = static_cast<std::ptrdiff_t>(first_of_several());
  return static_cast<std::size_t>(std::max_element(values.begin() + first, values.end()) - values.begin());
}

SamDecoder::SamDecoder(const SamPorts& ports, const SamFrame& frame, Context& context, std::vector<Tensor> embeddings,
                       bool pads)
    : ports_(ports), frame_(frame), context_(context), pads_(pads), same_(ports.inputs.size()) {
  for (Tensor& embedding : embeddings) embeddings_.push_back(std::make_shared<const Tensor>(std::move(embedding)));
}

SamDecoder::Asked SamDecoder::ask(const PromptedThing& thing) {
  std::vector<float> coords, labels;
  const auto add = [&](float x, float y, float label) {
    coords.push_back(x);
    coords.push_back(y);
    labels.push_back(label);
  };
  for (std::size_t i = 0; i < thing.points.size(); ++i)
    add(frame_.across(thing.points[i].x), frame_.down(thing.points[i].y),
        thing.foreground[i] ? kForeground : kBackground);
  if (thing.box) {
    add(frame_.across(thing.box->left), frame_.down(thing.box->top), kFirstCorner);
    add(frame_.across(thing.box->right), frame_.down(thing.box->bottom), kLastCorner);
  } else if (pads_) {
    add(0, 0, kPadding);
  }
  Tensors inputs;
  for (std::size_t i = 0; i < ports_.inputs.size(); ++i) {
    const SamPort& port = ports_.inputs[i];
    const bool prompted = port.kind == SamInput::points || port.kind == SamInput::labels;
    if (!prompted && !same_[i]) same_[i] = input(port, coords, labels);
    inputs.push_back(prompted ? input(port, coords, labels) : same_[i]);
  }
  return {context_.infer(kSamDecoder, std::move(inputs)), labels.size()};
}

std::shared_ptr<const Tensor> SamDecoder::input(const SamPort& port, const std::vector<float>& coords,
                                                const std::vector<float>& labels) {
  const auto count = static_cast<std::int64_t>(labels.size());
  switch (port.kind) {
    case SamInput::embedding: return embeddings_[static_cast<std::size_t>(port.output)];
    case SamInput::points: return tensor_of(port.type, {1, count, 2}, coords);
    case SamInput::labels: return tensor_of(port.type, {1, count}, labels);
    case SamInput::mask: {
      const std::int64_t height = port.shape[2] > 0 ? port.shape[2] : kMaskSide;
      const std::int64_t width = port.shape[3] > 0 ? port.shape[3] : kMaskSide;
      return tensor_of(port.type, {1, 1, height, width}, std::vector<float>(static_cast<std::size_t>(height * width)));
    }
    case SamInput::has_mask: return tensor_of(port.type, {1}, {0});
    // The picture as the encoder saw it: the photo's own size would make the decoder enlarge every mask to it.
    case SamInput::picture_size: break;
  }
  return tensor_of(port.type, {2},
                   {static_cast<float>(frame_.content.height), static_cast<float>(frame_.content.width)});
}

std::optional<Detection> detection_of(RunMask mask, float score, int label) {
  const Rect around = bounds(mask);
  if (around.width == 0) return std::nullopt;
  Detection found;
  found.box = {static_cast<float>(around.x),
               static_cast<float>(around.y),
               static_cast<float>(around.x + around.width),
               static_cast<float>(around.y + around.height),
               score,
               label};
  found.mask = std::move(mask);
  return found;
}

}  // namespace pixmill::tasks
