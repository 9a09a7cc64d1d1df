"""What a photograph suffers, done to clean patches: f32 [N,3,H,W] in 0..1."""

import io

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F


def jpeg(picture, quality):
    """One picture [3,H,W] through JPEG."""
    file = io.BytesIO()
    pixels = (picture.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.asarray(Image.open(file)).copy()).permute(2, 0, 1).float() / 255


def some_as_jpeg(x, share, worst, rng):
    for i in range(len(x)):
        if rng.random() < share:
            x[i] = jpeg(x[i], int(rng.integers(worst, 96)))
    return x


def as_bytes(x):
    return (x.clamp(0, 1) * 255).round() / 255


def halved(clean, rng):
    """For the upscaler: half size, bicubic with antialiasing; a third of them through JPEG."""
    small = F.interpolate(clean, scale_factor=0.5, mode="bicubic", antialias=True, align_corners=False)
    return as_bytes(some_as_jpeg(small.clamp(0, 1), 0.35, 75, rng))


def one_each(count, low, high):
    return torch.empty(count, 1, 1, 1).uniform_(low, high)


def noisy(clean, rng):
    """For the denoiser. Two of three: white Gaussian noise of up to 55/255, half of these as bytes. The others as
    cameras make it: shot noise too, grain coarser than a pixel, JPEG."""
    count = len(clean)
    x = clean + torch.randn_like(clean) * one_each(count, 0, 55 / 255)
    kind = torch.from_numpy(rng.random(count))
    exact, camera = kind < 0.33, kind >= 0.67
    for i in torch.nonzero(camera).flatten().tolist():
        y = clean[i : i + 1]
        noise = torch.randn_like(y) * rng.uniform(0, 30 / 255)
        noise += torch.randn_like(y) * (y * rng.uniform(0, 0.012)).sqrt()
        if rng.random() < 0.5:
            coarse = torch.randn(1, 3, y.shape[2] // 2, y.shape[3] // 2) * rng.uniform(0, 0.1)
            noise += F.interpolate(coarse, size=y.shape[2:], mode="bilinear", align_corners=False)
        x[i] = some_as_jpeg((y + noise).clamp(0, 1), 0.5, 60, rng)[0]
    x[~exact] = as_bytes(x[~exact])
    return x
