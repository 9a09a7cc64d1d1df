"""PSNR and SSIM. Pictures are float [H,W,3] or planes [H,W], in 0..255."""

import numpy as np

SIDE, SIGMA = 11, 1.5  # of the window of SSIM (Wang, Bovik, Sheikh, Simoncelli, 2004)


def luma(picture):
    """BT.601 in its limited range, 16..235, as the literature on upscaling measures it."""
    return 16 + picture @ np.array([65.481, 128.553, 24.966]) / 255


def psnr(a, b):
    """In dB; infinite for equal ones."""
    error = np.mean((np.asarray(a, np.float64) - b) ** 2)
    return float(10 * np.log10(255**2 / error)) if error > 0 else float("inf")


def blurred(plane, window):
    rows = np.apply_along_axis(np.convolve, 1, plane, window, "valid")
    return np.apply_along_axis(np.convolve, 0, rows, window, "valid")


def ssim(a, b):
    """Of two planes, where the whole window fits."""
    distance = np.arange(SIDE) - SIDE // 2
    window = np.exp(-(distance**2) / (2 * SIGMA**2))
    window /= window.sum()
    first, second = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = blurred(a, window), blurred(b, window)
    variance_a = blurred(a * a, window) - mean_a**2
    variance_b = blurred(b * b, window) - mean_b**2
    covariance = blurred(a * b, window) - mean_a * mean_b
    top = (2 * mean_a * mean_b + first) * (2 * covariance + second)
    return float(np.mean(top / ((mean_a**2 + mean_b**2 + first) * (variance_a + variance_b + second))))
