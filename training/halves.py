"""Weights of an ONNX file as fp16, which halves it."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FEWEST_VALUES = 65  # smaller tensors are not worth a Cast


def halve_weights(model):
    """fp32 weights of the graph become fp16 ones, each with a Cast back; runtimes fold it when they load."""
    weights, casts = [], []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size >= FEWEST_VALUES:
            half = weight.name + "_half"
            weights.append(numpy_helper.from_array(values.astype(np.float16), half))
            casts.append(helper.make_node("Cast", [half], [weight.name], to=TensorProto.FLOAT))
        else:
            weights.append(weight)
    nodes = casts + list(model.graph.node)
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(weights)
    model.graph.node.extend(nodes)
