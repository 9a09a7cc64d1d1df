"""Any ONNX matting network with one picture in and a matte as its first output: the teacher, or the one under test."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from pictures import stretch

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CHOICES = {"scale": ("255", "image_max"), "rescale": ("none", "minmax")}


@dataclass
class ModelOptions:
    """The arithmetic around a network, as its model card writes it. The defaults are the starter's."""

    model: Path
    size: int = 256
    scale: str = "255"  # "image_max": divide by the picture's largest value instead
    rescale: str = "none"  # "minmax": stretch each matte to 0..1
    mean: tuple = IMAGENET_MEAN
    std: tuple = IMAGENET_STD
    threads: int = 0  # 0: all cores

    def __post_init__(self):
        for key, allowed in CHOICES.items():
            if getattr(self, key) not in allowed:
                raise ValueError(f"{key}: {getattr(self, key)!r} is not one of {', '.join(allowed)}")


class MattingModel:
    def __init__(self, options):
        self.options = options
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        self.session = onnxruntime.InferenceSession(str(options.model), settings, providers=["CPUExecutionProvider"])
        self.input, self.output = self.session.get_inputs()[0].name, self.session.get_outputs()[0].name

    def matte(self, picture):
        """float [size, size] in 0..1 for an RGB picture of any size."""
        pixels = stretch(picture, self.options.size).astype(np.float32)
        pixels /= max(float(pixels.max()), 1.0) if self.options.scale == "image_max" else 255.0
        pixels = (pixels - np.float32(self.options.mean)) / np.float32(self.options.std)
        matte = self.session.run([self.output], {self.input: pixels.transpose(2, 0, 1)[None]})[0].squeeze()
        if self.options.rescale == "minmax":
            matte = (matte - matte.min()) / max(float(matte.max() - matte.min()), 1e-6)
        return matte.clip(0, 1)
