"""ResNet-18 of torchvision with random weights, as an ONNX file. The same weights in every run.

resnet18.py OUT.onnx
"""

import sys

import torch
import torchvision

torch.manual_seed(7)
torch.onnx.export(
    torchvision.models.resnet18().eval(),
    (torch.zeros(1, 3, 224, 224),),
    sys.argv[1],
    input_names=["input"],
    output_names=["output"],
    dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}},
    dynamo=False,
)
