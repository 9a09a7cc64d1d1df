// A window of a picture as the input of a model, and the model's output as planes again.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "pixmill/core/image.h"
#include "pixmill/core/tensor.h"
#include "pixmill/models/model_card.h"

namespace pixmill::tasks {

// Floats 0..1, plane after plane: red, green, blue, or one.
class Planes {
 public:
  Planes() = default;
  Planes(Size size, int count);                   // zeros
  Planes(Size size, int count, Tensor&& values);  // as many, in this order

  Size size() const { return size_; }
  int count() const { return count_; }
  std::span<float> values() { return values_.as<float>(); }
  std::span<const float> values() const { return values_.as<float>(); }
  const float* row(int plane, int y) const { return values().data() + at(plane, y); }
  float* row(int plane, int y) { return values().data() + at(plane, y); }

 private:
  std::size_t at(int plane, int y) const {
    return (static_cast<std::size_t>(plane) * size_.height + y) * static_cast<std::size_t>(size_.width);
  }

  Size size_;
  int count_ = 0;
  Tensor values_;
};

// The pixels of a window that may reach beyond the picture, which is continued by reflection.
Image cut_window(ImageView picture, const Rect& window);

// `window`: u8 or u16, 1 or 3 channels. Gray is repeated for a model in colour. A model of one channel gets the
// brightness (BT.601), or, with `channel` 0 to 2, that channel alone.
std::shared_ptr<const Tensor> tile_input(ImageView window, const models::InputSpec& spec, int channel = -1);

// The shape of such a tensor.
std::vector<std::int64_t> tile_shape(Size size, const models::InputSpec& spec);

// What a model made of such a tensor: planes of `expected` size without the card's normalisation, not clamped. Throws
// Error{bad_model} for another shape or type; `given` is the size of the input, for the message.
Planes read_tile(Tensor output, const models::ModelCard& card, Size given, Size expected);

}  // namespace pixmill::tasks
