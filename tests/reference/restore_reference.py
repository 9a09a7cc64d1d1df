"""Pictures by upscalers and denoisers beside pixmill's: the families' arithmetic on the whole picture.

    restore_reference.py MODEL.onnx KIND FACTOR [--margin N] [--multiple N] [--nhwc] PICTURE OUT [PICTURE OUT ...]

By Pillow, NumPy and ONNX Runtime. KIND: rgb (0..1, all channels), luma (brightness through the model, colours by
bicubic resampling), each (a model of one channel gets red, green and blue). Prints nothing. The sources of the
arithmetic are in the documents of the families: Real-ESRGAN's and waifu2x's reflected borders, the YCbCr way of ESPCN,
FSRCNN and DnCNN.
"""

import argparse

import numpy as np
import onnxruntime
from PIL import Image

BT_601 = np.array([0.299, 0.587, 0.114], dtype=np.float64)


class Model:
    def __init__(self, path, factor, margin, multiple, nhwc):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name
        self.half = self.session.get_inputs()[0].type == "tensor(float16)"
        self.factor, self.margin, self.multiple, self.nhwc = factor, margin, multiple, nhwc

    def __call__(self, planes):
        """[C,H,W] in 0..1 to [C,H*factor,W*factor], not clipped."""
        channels, height, width = planes.shape
        below, right = -height % self.multiple, -width % self.multiple
        border = ((0, 0), (self.margin, self.margin + below), (self.margin, self.margin + right))
        given = np.pad(planes, border, mode="reflect").astype(np.float16 if self.half else np.float32)
        given = given.transpose(1, 2, 0)[None] if self.nhwc else given[None]
        made = self.session.run(None, {self.name: given})[0].astype(np.float64)[0]
        if made.shape[0] != channels:
            made = made.transpose(2, 0, 1)
        return made[:, : height * self.factor, : width * self.factor]


def restored(model, kind, picture):
    colours = np.asarray(picture.convert("RGB"), dtype=np.float64).transpose(2, 0, 1) / 255
    if kind == "rgb":
        return model(colours)
    if kind == "each":
        return np.concatenate([model(plane[None]) for plane in colours])
    size = (picture.width * model.factor, picture.height * model.factor)
    enlarged = np.stack(
        [np.asarray(Image.fromarray(p.astype(np.float32), "F").resize(size, Image.BICUBIC)) for p in colours]
    )
    brightness = model(np.tensordot(BT_601, colours, 1)[None])[0]
    return enlarged + (brightness - np.tensordot(BT_601, enlarged, 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("kind", choices=("rgb", "luma", "each"))
    parser.add_argument("factor", type=int)
    parser.add_argument("--margin", type=int, default=0)
    parser.add_argument("--multiple", type=int, default=1)
    parser.add_argument("--nhwc", action="store_true")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    model = Model(options.model, options.factor, options.margin, options.multiple, options.nhwc)
    for source, out in zip(options.files[::2], options.files[1::2]):
        made = restored(model, options.kind, Image.open(source)).clip(0, 1) * 255
        Image.fromarray(np.rint(made).astype(np.uint8).transpose(1, 2, 0)).save(out)


if __name__ == "__main__":
    main()
