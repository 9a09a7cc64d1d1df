"""The exact networks of SCUNet and NAFNet with random weights, as ONNX files.

    architectures.py scunet SIDE OUT.onnx     tiles of SIDE pixels and no others: its windows are counted at export
    architectures.py nafnet OUT.onnx          of any size that is a multiple of 16

The same weights in every run. NAFNet's gates start at zero, which would make it the identity; they are drawn too.
"""

import sys

import torch
from spandrel.architectures.NAFNet import NAFNet
from spandrel.architectures.SCUNet import SCUNet


def export(network, side, path, **options):
    torch.onnx.export(
        network.eval(),
        (torch.rand(1, 3, side, side),),
        path,
        input_names=["image"],
        output_names=["restored"],
        opset_version=17,
        dynamo=False,
        **options,
    )


def main():
    kind, *rest = sys.argv[1:]
    torch.manual_seed(7)
    if kind == "scunet":
        side, path = int(rest[0]), rest[1]
        export(SCUNet(config=[2] * 7, input_resolution=side), side, path)
        return
    network = NAFNet(width=16, middle_blk_num=1, enc_blk_nums=[1, 1, 1, 2], dec_blk_nums=[1, 1, 1, 1])
    for name, parameter in network.named_parameters():
        if name.endswith(("beta", "gamma")):
            torch.nn.init.normal_(parameter, std=0.1)
    sides = {2: "height", 3: "width"}
    export(network, 64, rest[0], dynamic_axes={"image": sides, "restored": sides})


if __name__ == "__main__":
    main()
