#!/usr/bin/env python3
"""Exports trained weights to ONNX (opset 17, any batch, any size) and checks that the file answers as the network does.

    export.py starter.pt cutout.onnx

Batch norm is folded into the convolutions. Weights are stored as fp16 with a Cast behind them, which halves the file;
runtimes fold it when they load, so inference stays fp32.
"""

import argparse

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from halves import halve_weights
from network import Starter

LARGEST_DIFFERENCE = 0.02  # of a matte in 0..1, through the rounding of the weights


def fold_batch_norm(module):
    for name, child in list(module.named_children()):
        if not isinstance(child, nn.Sequential):
            fold_batch_norm(child)
            continue
        folded = []
        for layer in child:
            if isinstance(layer, nn.BatchNorm2d) and folded and isinstance(folded[-1], nn.Conv2d):
                folded[-1] = torch.nn.utils.fuse_conv_bn_eval(folded[-1], layer)
            else:
                fold_batch_norm(layer)
                folded.append(layer)
        setattr(module, name, nn.Sequential(*folded))


@torch.inference_mode()
def difference(network, path):
    """The largest difference between the file's mattes and the network's, at two sizes and batches."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    largest = 0.0
    for shape in ((1, 3, 256, 256), (2, 3, 320, 192)):
        x = torch.randn(shape)
        largest = max(largest, float(np.abs(session.run(None, {"image": x.numpy()})[0] - network(x).numpy()).max()))
    return largest


def export(weights, path):
    network = Starter()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    fold_batch_norm(network)
    network.eval()
    axes = {name: {0: "batch", 2: "height", 3: "width"} for name in ("image", "matte")}
    torch.onnx.export(
        network,
        (torch.rand(1, 3, 256, 256),),
        path,
        input_names=["image"],
        output_names=["matte"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(path)
    halve_weights(model)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return difference(network, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights")
    parser.add_argument("model")
    options = parser.parse_args()
    largest = export(options.weights, options.model)
    print(f"{options.model}: differs from the network by at most {largest:.4f}")
    if largest > LARGEST_DIFFERENCE:
        raise SystemExit(f"{options.model}: more than {LARGEST_DIFFERENCE}: do not use it")


if __name__ == "__main__":
    main()
