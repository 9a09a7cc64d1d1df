#!/usr/bin/env python3
"""PSNR and SSIM of networks from a picture to a picture.

    evaluate.py upscale FOLDER --scale 2 bicubic MODEL.onnx waifu2x.onnx:margin=7 ...
    evaluate.py denoise FOLDER none MODEL.onnx:multiple=8 gray.onnx cbm3d ...

upscale: FOLDER holds NAME_HR.png and, for that scale, NAME_LR.png; where there is none the picture is made smaller by
Pillow's bicubic. On luma (BT.601, 16..235), results rounded to bytes, `scale` pixels cut on each side.
denoise: white Gaussian noise, the same in every run. `float`: added and left as it is; result not rounded. `bytes`:
noisy picture and result rounded and clipped, as a file would hold them. On all three channels. A network of one channel
is given each of them alone. `cbm3d` needs the package bm3d (its licence allows research and measuring, not selling).
Means over the pictures.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from picture_model import PictureModel
from quality import luma, psnr, ssim

SEED = 2026
SIGMAS = (15, 25, 50)


def read(path):
    """[H,W,3] in 0..1."""
    return np.asarray(Image.open(path).convert("RGB"), np.float64) / 255


def as_bytes(picture):
    return np.clip(np.round(picture * 255), 0, 255) / 255


def resized(picture, size):
    pixels = Image.fromarray((picture * 255).round().astype(np.uint8))
    return np.asarray(pixels.resize(size, Image.BICUBIC), np.float64) / 255


def pairs(folder, scale):
    """(small, large) of each picture."""
    for path in sorted(Path(folder).glob("*_HR.png")):
        large = read(path)
        small_path = path.with_name(path.name.replace("_HR", "_LR"))
        height, width = (side // scale * scale for side in large.shape[:2])
        large = large[:height, :width]
        small = read(small_path) if small_path.exists() else None
        if small is None or small.shape[0] * scale != height:
            small = resized(large, (width // scale, height // scale))
        yield small, large


def upscaling(model, folder, scale):
    """PSNR and SSIM of each picture."""
    scores = []
    for small, large in pairs(folder, scale):
        enlarged = resized(small, large.shape[1::-1])
        result = enlarged if model is None else model.restore(small, enlarged)
        planes = [luma(255 * as_bytes(picture))[scale:-scale, scale:-scale] for picture in (result, large)]
        scores.append((psnr(*planes), ssim(*planes)))
    return np.mean(scores, 0)


def clean(model, noisy, sigma):
    if model is None:
        return noisy
    if model == "cbm3d":
        import bm3d

        return bm3d.bm3d_rgb(noisy, sigma / 255)
    if model.channels == 3:
        return model(noisy)
    return np.concatenate([model(noisy[..., i : i + 1]) for i in range(3)], 2)


def denoising(model, folder, sigma, rounded):
    scores = []
    for number, path in enumerate(sorted(Path(folder).glob("*.png"))):
        truth = read(path)
        noise = np.random.default_rng((SEED, sigma, number)).standard_normal(truth.shape)
        noisy = truth + noise * sigma / 255
        result = np.clip(clean(model, as_bytes(noisy) if rounded else noisy, sigma), 0, 1)
        if rounded:
            result = as_bytes(result)
        scores.append((psnr(255 * result, 255 * truth), ssim(luma(255 * result), luma(255 * truth))))
    return np.mean(scores, 0)


def load(name, threads):
    """`FILE.onnx`, with `:margin=7` or `:multiple=8` behind it; bicubic and none change nothing."""
    if name in ("bicubic", "none", "cbm3d"):
        return None if name != "cbm3d" else name
    path, *settings = name.split(":")
    return PictureModel(path, threads=threads, **{key: int(value) for key, value in (s.split("=") for s in settings)})


def say(name, **what):
    print(json.dumps({"model": Path(name.split(":")[0]).name, **what}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("upscale", "denoise"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--sigma", type=int, action="append", help="of the noise, of 255; default 15, 25 and 50")
    parser.add_argument("--protocol", choices=("float", "bytes", "both"), default="both")
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    options = parser.parse_args()
    for name in options.models:
        model = load(name, options.threads)
        if options.kind == "upscale":
            score, similarity = upscaling(model, options.folder, options.scale)
            say(name, scale=options.scale, psnr=round(score, 2), ssim=round(similarity, 4))
            continue
        for sigma in options.sigma or SIGMAS:
            for protocol in ("float", "bytes") if options.protocol == "both" else (options.protocol,):
                score, similarity = denoising(model, options.folder, sigma, protocol == "bytes")
                say(name, sigma=sigma, protocol=protocol, psnr=round(score, 2), ssim=round(similarity, 4))


if __name__ == "__main__":
    main()
