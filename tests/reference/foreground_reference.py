"""The subject's own colours, in NumPy: multi-level foreground estimation (Germer et al. 2020) on a reduced picture.

The sizes, the weights and the number of passes are those that src/core/foreground.h promises; nothing is shared with it
but the method.
"""

import math

import numpy as np
from PIL import Image

WORKING_SIDE = 128  # longer side of the reduced picture
REGULARISATION = 1e-5
SMALL_SIDE = 32  # levels up to this size get more passes
PASSES = (10, 2)


def resized(plane, size, filter):
    """`plane` (H x W, float) at `size` = (width, height)."""
    return np.asarray(Image.fromarray(plane.astype(np.float32), mode="F").resize(size, filter), np.float32)


def nearest(array, size):
    """The pixel at floor(i * from / to), for H x W or H x W x C."""
    width, height = size
    rows = np.arange(height) * array.shape[0] // height
    columns = np.arange(width) * array.shape[1] // width
    return array[rows][:, columns].copy()


def start(observed, alpha):
    """Mean colours of what is surely foreground and surely background: 2 x 3."""
    means = [observed[where].mean(axis=0) if where.any() else np.full(3, 0.5) for where in (alpha > 0.9, alpha < 0.1)]
    return np.stack(means)


def sweep(observed, alpha, colours):
    """One pass in place. `colours`: H x W x 2 x 3. Each pixel solves min |a F + (1-a) B - I|^2 + smoothness."""
    height, width = alpha.shape
    for y in range(height):
        for x in range(width):
            around = ((max(y - 1, 0), x), (min(y + 1, height - 1), x), (y, max(x - 1, 0)), (y, min(x + 1, width - 1)))
            a = alpha[y, x]
            weights = [REGULARISATION + abs(alpha[place] - a) for place in around]
            total = sum(weights)
            mean = sum(weight * colours[place] for weight, place in zip(weights, around))
            matrix = np.array([[a * a + total, a * (1 - a)], [a * (1 - a), (1 - a) ** 2 + total]])
            right = mean + np.outer((a, 1 - a), observed[y, x])
            colours[y, x] = np.clip(np.linalg.solve(matrix, right), 0.0, 1.0)


def smooth_colours(observed, alpha):
    """H x W x 2 x 3: foreground and background of the reduced picture."""
    height, width = alpha.shape
    levels = math.ceil(math.log2(max(width, height)))
    colours = start(observed, alpha)[None, None]
    for level in range(levels + 1):
        share = level / levels if levels else 1.0
        size = tuple(max(1, round(extent**share)) for extent in (width, height))
        here, cover, colours = nearest(observed, size), nearest(alpha, size), nearest(colours, size)
        for _ in range(PASSES[0] if max(size) <= SMALL_SIDE else PASSES[1]):
            sweep(here, cover, colours)
    return colours


def foreground(photo, alpha):
    """`photo`: H x W x 3, u8; `alpha`: H x W, 0..1. The photo with the subject's own colours where alpha is between."""
    height, width = alpha.shape
    factor = min(1.0, WORKING_SIDE / max(width, height))
    working = tuple(max(1, round(extent * factor)) for extent in (width, height))
    observed = np.asarray(Image.fromarray(photo).resize(working, Image.Resampling.BOX), np.float64) / 255.0
    colours = smooth_colours(observed, resized(alpha, working, Image.Resampling.BOX).astype(np.float64))
    planes = [
        resized(colours[:, :, layer, c], (width, height), Image.Resampling.BILINEAR)
        for layer in range(2)
        for c in range(3)
    ]
    front, back = 255.0 * np.stack(planes[:3], axis=2), 255.0 * np.stack(planes[3:], axis=2)
    cover = alpha[:, :, None]
    unexplained = photo - cover * front - (1.0 - cover) * back
    estimated = np.clip(front + cover * unexplained, 0.0, 255.0)
    between = (alpha > 0.5 / 255) & (alpha < 1 - 0.5 / 255)
    return np.where(between[:, :, None], np.floor(estimated + 0.5), photo).astype(np.uint8)
