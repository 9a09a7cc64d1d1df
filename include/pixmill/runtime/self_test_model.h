// A small network with a known output, to test whether a device computes correctly.
#pragma once

#include <string>

#include "pixmill/runtime/session.h"

namespace pixmill::runtime {

// An ONNX file: x, any number of pictures of 3 x 16 x 16 -> 3x3 convolution to 8 channels, Relu, 2x2 MaxPool, 1x1
// convolution, Sigmoid -> y, 4 x 8 x 8 each. Opset 13. For int8 with quantised activations and weights (QDQ).
std::string self_test_model(Precision precision);

// Pictures for it, no two alike, 0..1.
Tensor self_test_input(int pictures);

// The network's output for `input`, computed in plain loops and double precision; 0..1.
Tensor self_test_answer(const Tensor& input);

// The largest difference from self_test_answer() that arithmetic in that precision excuses.
double self_test_tolerance(Precision precision);

}  // namespace pixmill::runtime
