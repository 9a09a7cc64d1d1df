"""The networks of `pixmill upscale` and `pixmill denoise`. Input [N,3,H,W] in 0..1, RGB; output not clipped."""

import torch
from torch import nn
from torch.nn import functional as F


def conv(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 3, padding=1)


class Upscaler(nn.Module):
    """Twice the size, 0.19 M parameters. Plain 3x3 convolutions: it sees 11 pixels each way, so tiles that overlap by
    more are exact."""

    def __init__(self, channels=48, layers=9, scale=2):
        super().__init__()
        self.scale = scale
        self.head, self.tail = conv(3, channels), conv(channels, 3 * scale * scale)
        self.body = nn.ModuleList(conv(channels, channels) for _ in range(layers))
        self.act = nn.ModuleList(nn.PReLU(channels) for _ in range(layers + 1))

    def forward(self, x):
        y = first = self.act[0](self.head(x))
        for i, (layer, act) in enumerate(zip(self.body, self.act[1:])):
            z = act(layer(y))
            y = z if i % 3 else z + y
        enlarged = F.interpolate(x, scale_factor=self.scale, mode="bilinear", align_corners=False)
        return F.pixel_shuffle(self.tail(y + first), self.scale) + enlarged


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first, self.second = conv(channels, channels), conv(channels, channels)

    def forward(self, x):
        return x + self.second(F.relu(self.first(x)))


def blocks(channels, count):
    return nn.Sequential(*(Block(channels) for _ in range(count)))


class Denoiser(nn.Module):
    """A U-Net on the half-size grid, two levels below it; predicts the noise. Height and width are multiples of 8."""

    multiple = 8

    def __init__(self, widths=(48, 96, 144), outer=2, middle=2, inner=3):
        super().__init__()
        a, b, c = widths
        self.head, self.tail = conv(12, a), conv(a, 12)
        self.enter_1, self.enter_2 = blocks(a, outer), blocks(b, middle)
        self.down_1, self.down_2 = nn.Conv2d(a, b, 2, stride=2), nn.Conv2d(b, c, 2, stride=2)
        self.bottom = blocks(c, inner)
        self.up_2, self.up_1 = nn.ConvTranspose2d(c, b, 2, stride=2), nn.ConvTranspose2d(b, a, 2, stride=2)
        self.leave_2, self.leave_1 = blocks(b, middle), blocks(a, outer)
        for module in self.modules():
            if isinstance(module, Block):  # each starts as nearly nothing beside what passes it by
                nn.init.zeros_(module.second.bias)
                with torch.no_grad():
                    module.second.weight.mul_(0.1)

    def forward(self, x):
        first = self.head(F.pixel_unshuffle(x, 2))
        level_1 = self.enter_1(first)
        level_2 = self.enter_2(self.down_1(level_1))
        y = self.up_2(self.bottom(self.down_2(level_2)))
        y = self.up_1(self.leave_2(y + level_2))
        y = self.leave_1(y + level_1)
        return x - F.pixel_shuffle(self.tail(y + first), 2)


NETWORKS = {"upscale": Upscaler, "denoise": Denoiser}
