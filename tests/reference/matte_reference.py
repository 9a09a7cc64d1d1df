#!/usr/bin/env python3
"""Mattes as a model family's authors compute them: Pillow, NumPy and ONNX Runtime, one picture at a time.

    matte_reference.py --model u2netp.onnx --family u2net --out mattes/ photos/ more.jpg

Writes one matte per picture at the picture's size, named after it: STEM.npy (float32, height x width, 0..1) or, with
--png, STEM.png (16-bit gray). --small also writes STEM.small.npy, the matte at the model's own resolution.
pixmill's mattes with `--refine none` are compared with these.
"""

import argparse
import dataclasses
import io
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageCms, ImageOps

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"}


@dataclasses.dataclass(frozen=True)
class Family:
    size: int
    fit: str = "stretch"  # stretch | short_side
    filter: Image.Resampling = Image.Resampling.BILINEAR
    scale: str = "unit"  # unit | image_max | symmetric
    mean: tuple = (0.0, 0.0, 0.0)
    std: tuple = (1.0, 1.0, 1.0)
    sigmoid: bool = False
    minmax: bool = False


FAMILIES = {
    "starter": Family(256, filter=Image.Resampling.LANCZOS, mean=IMAGENET[0], std=IMAGENET[1]),
    "u2net": Family(
        320, filter=Image.Resampling.LANCZOS, scale="image_max", mean=IMAGENET[0], std=IMAGENET[1], minmax=True
    ),
    "isnet": Family(1024, mean=(0.5, 0.5, 0.5), minmax=True),
    "birefnet": Family(1024, mean=IMAGENET[0], std=IMAGENET[1], sigmoid=True),
    "rmbg1": Family(1024, mean=(0.5, 0.5, 0.5), minmax=True),
    "rmbg2": Family(1024, mean=IMAGENET[0], std=IMAGENET[1]),
    "modnet": Family(512, fit="short_side", filter=Image.Resampling.BOX, scale="symmetric"),
}


def load(path):
    """The picture upright, in sRGB, transparency over white."""
    picture = ImageOps.exif_transpose(Image.open(path))
    profile = picture.info.get("icc_profile")
    if profile and picture.mode == "RGB":
        source, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
        picture = ImageCms.profileToProfile(picture, source, srgb, renderingIntent=ImageCms.Intent.PERCEPTUAL)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(white, picture)
    return picture.convert("RGB")


def input_size(picture, family, size, multiple=32):
    if family.fit == "stretch":
        return size, size
    width, height = picture.size
    if max(width, height) < size or min(width, height) > size:
        factor = size / min(width, height)
        width, height = int(width * factor), int(height * factor)
    return max(multiple, width // multiple * multiple), max(multiple, height // multiple * multiple)


def prepare(picture, family, size):
    target = input_size(picture, family, size)
    enlarges = target[0] > picture.width or target[1] > picture.height
    by_area = family.filter == Image.Resampling.BOX
    resized = picture.resize(target, Image.Resampling.BILINEAR if by_area and enlarges else family.filter)
    pixels = np.asarray(resized, np.float32)
    if family.scale == "image_max":
        pixels = pixels / max(float(pixels.max()), 1e-6)
    elif family.scale == "symmetric":
        pixels = (pixels - 127.5) / 127.5
    else:
        pixels = pixels / 255.0
    pixels = (pixels - np.float32(family.mean)) / np.float32(family.std)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32)


def finish(output, family):
    matte = np.squeeze(output).astype(np.float32)
    if family.sigmoid:
        matte = 1.0 / (1.0 + np.exp(-matte))
    if family.minmax:
        low, high = float(matte.min()), float(matte.max())
        matte = (matte - low) / (high - low) if high > low else np.zeros_like(matte)
    return matte


def enlarge(matte, size):
    return np.asarray(Image.fromarray(matte, mode="F").resize(size, Image.Resampling.BILINEAR)).clip(0.0, 1.0)


def pictures_of(inputs):
    for entry in map(pathlib.Path, inputs):
        if entry.is_dir():
            yield from sorted(path for path in entry.iterdir() if path.suffix.lower() in PICTURES)
        else:
            yield entry


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("inputs", nargs="+", help="pictures or folders of pictures")
    parser.add_argument("--model", required=True, help="the .onnx file")
    parser.add_argument("--family", required=True, choices=sorted(FAMILIES))
    parser.add_argument("--size", type=int, help="side of the model's input; default: the family's")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--png", action="store_true", help="16-bit gray PNG instead of .npy")
    parser.add_argument("--small", action="store_true", help="also the matte at the model's resolution")
    options = parser.parse_args()

    family = FAMILIES[options.family]
    session = onnxruntime.InferenceSession(options.model, providers=["CPUExecutionProvider"])
    name, first = session.get_inputs()[0].name, [session.get_outputs()[0].name]
    options.out.mkdir(parents=True, exist_ok=True)
    failed = 0
    for path in pictures_of(options.inputs):
        try:
            picture = load(path)
        except OSError as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed += 1
            continue
        output = session.run(first, {name: prepare(picture, family, options.size or family.size)})[0]
        matte = finish(output, family)
        full = enlarge(matte, picture.size)
        if options.png:
            Image.fromarray(np.round(full * 65535).astype(np.uint16)).save(options.out / f"{path.stem}.png")
        else:
            np.save(options.out / f"{path.stem}.npy", full)
        if options.small:
            np.save(options.out / f"{path.stem}.small.npy", matte)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
