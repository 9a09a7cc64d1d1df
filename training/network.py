"""The starter's network: a photograph in, its soft matte out. 2.1 M parameters, about 0.46 GMAC at 256x256.

Plain 3x3 convolutions throughout: CPUs run them close to their peak, which they do not with depthwise ones.
Input [N, 3, H, W], H and W multiples of 32, RGB, value / 255, ImageNet's mean subtracted, divided by its deviation.
Output [N, 1, H, W] in 0..1.
"""

import torch
import torch.nn.functional as F
from torch import nn

CHANNELS = (16, 24, 48, 96, 144)  # at strides 2, 4, 8, 16, 32
RESIDUALS = (1, 2, 3, 3)  # blocks at strides 4, 8, 16, 32


def convolution(inputs, outputs, kernel=3, stride=1, dilation=1):
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(True),
    )


def double(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return F.relu(x + self.second(self.first(x)))


class Context(nn.Module):
    """Three dilations and the picture's mean at stride 32: what is the subject here?"""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.reduce = convolution(inputs, outputs, 1)
        self.dilated = nn.ModuleList(convolution(outputs, outputs, dilation=rate) for rate in (1, 2, 4))
        self.mean = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(outputs, outputs, 1), nn.ReLU(True))
        self.merge = convolution(outputs * 3, outputs, 1)

    def forward(self, x):
        x = self.reduce(x)
        return self.merge(torch.cat([branch(x) for branch in self.dilated], 1)) + self.mean(x)


class Step(nn.Module):
    """One step up the decoder: the coarser map doubled, the encoder's map of that size added, both mixed."""

    def __init__(self, coarse, fine, outputs):
        super().__init__()
        self.lateral = convolution(fine, coarse, 1)
        self.mix = convolution(coarse, outputs)

    def forward(self, coarse, fine):
        return self.mix(double(coarse) + self.lateral(fine))


class Starter(nn.Module):
    """Residual encoder, additive decoder up to stride 2. In training it also answers at strides 8 and 16, as logits."""

    def __init__(self):
        super().__init__()
        c = CHANNELS
        self.stem = convolution(3, c[0], stride=2)
        self.stages = nn.ModuleList(
            nn.Sequential(convolution(c[i], c[i + 1], stride=2), *(Residual(c[i + 1]) for _ in range(RESIDUALS[i])))
            for i in range(4)
        )
        self.context = Context(c[4], 64)
        self.steps = nn.ModuleList((Step(64, c[3], 48), Step(48, c[2], 32), Step(32, c[1], 24), Step(24, c[0], 16)))
        self.head = nn.Conv2d(16, 1, 3, 1, 1)
        self.coarse_heads = nn.ModuleList((nn.Conv2d(32, 1, 3, 1, 1), nn.Conv2d(48, 1, 3, 1, 1)))

    def forward(self, x):
        maps = [self.stem(x)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        x, levels = self.context(maps.pop()), []
        for step in self.steps:
            x = step(x, maps.pop())
            levels.append(x)
        logits = double(self.head(x))
        if not self.training:
            return torch.sigmoid(logits)
        return logits, self.coarse_heads[0](levels[1]), self.coarse_heads[1](levels[0])


def matte_loss(logits, truth):
    """Binary cross-entropy, soft IoU and mean absolute error, added up; truth is brought to the logits' size."""
    if logits.shape[-1] != truth.shape[-1]:
        truth = F.interpolate(truth, size=logits.shape[-2:], mode="area")
    matte = torch.sigmoid(logits)
    both, either = (matte * truth).sum((1, 2, 3)), (matte + truth - matte * truth).sum((1, 2, 3))
    overlap = (1 - (both + 1) / (either + 1)).mean()
    return F.binary_cross_entropy_with_logits(logits, truth) + overlap + (matte - truth).abs().mean()
