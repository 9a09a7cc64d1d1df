#!/usr/bin/env python3
"""Exports trained weights to ONNX (opset 17, any batch, height and width) and compares the file with the network.

    export.py upscale|denoise WEIGHTS.pt OUT.onnx

Weights are stored as fp16 with a Cast behind them; runtimes fold it when they load, so inference stays fp32.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from networks import NETWORKS

sys.path.append(str(Path(__file__).resolve().parent.parent))
from halves import halve_weights  # noqa: E402

LARGEST_DIFFERENCE = 0.01  # of a picture in 0..1, through the rounding of the weights
SHAPES = ((1, 3, 64, 64), (2, 3, 48, 96))


@torch.inference_mode()
def difference(network, path):
    """The largest difference between what the file and the network make of noise, at two sizes and batches."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    largest = 0.0
    for shape in SHAPES:
        x = torch.rand(shape)
        (restored,) = session.run(None, {"image": x.numpy()})
        largest = max(largest, float(np.abs(restored - network(x).numpy()).max()))
    return largest


def export(kind, weights, path):
    """Writes the file; returns how far it is from the network."""
    network = NETWORKS[kind]()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    axes = {
        "image": {0: "batch", 2: "height", 3: "width"},
        "restored": {0: "batch", 2: "out_height", 3: "out_width"},
    }
    torch.onnx.export(
        network,
        (torch.rand(SHAPES[0]),),
        str(path),
        input_names=["image"],
        output_names=["restored"],
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
    parser.add_argument("kind", choices=sorted(NETWORKS))
    parser.add_argument("weights")
    parser.add_argument("model")
    options = parser.parse_args()
    largest = export(options.kind, options.weights, options.model)
    print(f"{options.model}: differs from the network by at most {largest:.4f}")
    if largest > LARGEST_DIFFERENCE:
        raise SystemExit(f"{options.model}: more than {LARGEST_DIFFERENCE}: do not use it")


if __name__ == "__main__":
    main()
