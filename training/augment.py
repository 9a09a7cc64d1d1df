"""Batches to learn from: geometry, new backgrounds, colour, softness, noise. All random, all from torch's generator."""

import torch
import torch.nn.functional as F

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1) * 255
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1) * 255
NEW_BACKGROUND, SOFT = 0.4, 0.15  # shares of a batch
SMALLEST_SUBJECT = 0.03  # of the picture's area: below it there is nothing to set before a new background


def normalise(x):
    return (x - MEAN) / STD


def random_affine(count, smallest, largest):
    """[count, 2, 3]: scale, rotation of up to 14 degrees, change of aspect, mirror, shift."""
    scale = torch.empty(count).uniform_(smallest, largest)
    angle = torch.empty(count).uniform_(-0.25, 0.25)
    aspect = torch.exp(torch.empty(count).uniform_(-0.2, 0.2))
    mirror = (torch.rand(count) < 0.5).float() * 2 - 1
    shift = torch.empty(2, count).uniform_(-0.3, 0.3) * (1.2 - scale).clamp(min=0.1)
    top = torch.stack([scale * aspect * mirror * angle.cos(), -scale * angle.sin(), shift[0]], 1)
    bottom = torch.stack([scale * angle.sin() * mirror, scale / aspect * angle.cos(), shift[1]], 1)
    return torch.stack([top, bottom], 1)


def warp(x, theta, size):
    grid = F.affine_grid(theta, (len(x), 3, size, size), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def replace_backgrounds(x, y, pictures):
    """Strongly enlarged pieces of other pictures: texture, but no second subject."""
    chosen = torch.rand(len(x)) < NEW_BACKGROUND
    if not chosen.any():
        return
    count = int(chosen.sum())
    others = pictures[torch.randint(0, len(pictures), (count,))].float()
    background = warp(others, random_affine(count, 0.12, 0.4), x.shape[-1])
    matte = y[chosen]
    has_subject = (matte > 0.5).float().mean((1, 2, 3), keepdim=True) > SMALLEST_SUBJECT
    x[chosen] = torch.where(has_subject, matte * x[chosen] + (1 - matte) * background, x[chosen])


def change_colours(x):
    """Brightness, contrast, saturation and tint."""

    def uniform(low, high, channels=1):
        return torch.empty(len(x), channels, 1, 1).uniform_(low, high)

    mean = x.mean((2, 3), keepdim=True)
    x = (x - mean) * uniform(0.7, 1.3) + mean * uniform(0.7, 1.3)
    grey = x.mean(1, keepdim=True)
    return grey + (x - grey) * uniform(0.4, 1.4) + uniform(-12, 12, 3)


def soften(x):
    chosen = torch.rand(len(x)) < SOFT
    if chosen.any():
        half = F.interpolate(x[chosen], scale_factor=0.5, mode="bilinear", align_corners=False)
        x[chosen] = F.interpolate(half, size=x.shape[-2:], mode="bilinear", align_corners=False)


def draw(pictures, mattes, weights, batch, size):
    """(network input [batch, 3, size, size], matte [batch, 1, size, size] in 0..1) from uint8 [N, C, S, S] of both."""
    chosen = torch.multinomial(weights, batch)
    theta = random_affine(batch, 0.55, 1.1)
    x, y = warp(pictures[chosen].float(), theta, size), warp(mattes[chosen].float() / 255, theta, size)
    replace_backgrounds(x, y, pictures)
    x = change_colours(x)
    soften(x)
    x = (x + torch.randn_like(x) * torch.empty(batch, 1, 1, 1).uniform_(0, 8)).clamp(0, 255)
    return normalise(x).contiguous(memory_format=torch.channels_last), y
