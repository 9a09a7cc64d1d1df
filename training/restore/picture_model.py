"""Any ONNX network from a picture to a picture: channels, layout, size and scale are read from the file."""

import numpy as np
import onnxruntime

FULL_LUMA = np.array([0.299, 0.587, 0.114])  # BT.601, full range: what networks of one channel were trained on


def padded(picture, before, after):
    """[H,W,C], reflected at its edges."""
    return np.pad(picture, ((before, after[0]), (before, after[1]), (0, 0)), "reflect")


class PictureModel:
    """`margin`: pixels of the input on each side that the output does not cover."""

    def __init__(self, path, multiple=1, margin=0, threads=0):
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        settings.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
        port = self.session.get_inputs()[0]
        self.input, shape = port.name, port.shape
        self.half = port.type == "tensor(float16)"
        self.planar = shape[1] in (1, 3)
        self.channels = shape[1] if self.planar else shape[3]
        sides = shape[2:4] if self.planar else shape[1:3]
        self.fixed = tuple(sides) if all(isinstance(side, int) for side in sides) else None
        self.multiple, self.margin = multiple, margin

    def __call__(self, picture):
        """[H,W,C] in 0..1, of the network's channels, to the result, not clipped."""
        height, width = picture.shape[:2]
        least = [side + 2 * self.margin for side in (height, width)]
        wanted = self.fixed or [-(-side // self.multiple) * self.multiple for side in least]
        rest = [want - side + self.margin for want, side in zip(wanted, least)]
        x = padded(picture, self.margin, rest).astype(np.float16 if self.half else np.float32)
        x = x.transpose(2, 0, 1) if self.planar else x
        y = self.session.run(None, {self.input: x[None]})[0][0].astype(np.float64)
        y = y.transpose(1, 2, 0) if y.shape[0] in (1, 3) else y
        scale = round(y.shape[0] / (wanted[0] - 2 * self.margin))
        return y[: height * scale, : width * scale]

    def restore(self, picture, enlarged):
        """[H,W,3] in 0..1. A network of one channel restores the luma; the colour is that of `enlarged`."""
        if self.channels == 3:
            return self(picture)
        result = self((picture @ FULL_LUMA)[..., None])
        return enlarged + result - (enlarged @ FULL_LUMA)[..., None]
