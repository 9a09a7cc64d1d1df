// An ONNX graph that ends earlier: at the layer before a classifier, whose values are what a picture is described by.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace pixmill::models {

// `model` with `tensor` as its only output; what that does not need is left out, weights too. Throws Error{bad_model},
// which calls the model `name`: no node makes the tensor, or it is damaged.
std::string cut_graph(std::span<const std::byte> model, const std::string& tensor, const std::string& name);

}  // namespace pixmill::models
