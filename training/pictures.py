"""Folders of pictures and masks, and the one way in which a picture becomes what a network sees."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

PICTURE_TYPES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}


@dataclass(frozen=True)
class Example:
    """A picture and, where there is one, its mask. labels: the mask is a label map, and all but 0 is the subject."""

    picture: Path
    mask: Path | None = None
    labels: bool = False

    def content(self):
        """Equal for equal files, whatever their names."""
        return hashlib.sha256(self.picture.read_bytes()).hexdigest()


def find_examples(pictures, masks=None, labels=False):
    """The pictures of a folder by name, each with the mask of the same stem; one without its mask is an error."""
    found = sorted(path for path in Path(pictures).iterdir() if path.suffix.lower() in PICTURE_TYPES)
    if not found:
        raise ValueError(f"{pictures}: no picture here")
    if masks is None:
        return [Example(path) for path in found]
    of_stem = {path.stem: path for path in Path(masks).iterdir() if path.suffix.lower() in PICTURE_TYPES}
    missing = [path.name for path in found if path.stem not in of_stem]
    if missing:
        raise ValueError(f"{masks}: no mask for {missing[0]} (and {len(missing) - 1} more)")
    return [Example(path, of_stem[path.stem], labels) for path in found]


def read_picture(path):
    """RGB, as it is to be looked at: EXIF orientation applied."""
    with Image.open(path) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB")


def read_mask(example):
    """Grey, 0 background to 255 subject."""
    with Image.open(example.mask) as mask:
        mask.load()
        if not example.labels:
            return mask.convert("L")
        if mask.mode not in ("L", "P", "I", "I;16"):
            raise ValueError(f"{example.mask}: a label map has one channel, this is {mask.mode}")
        return Image.fromarray(np.where(np.asarray(mask) > 0, 255, 0).astype(np.uint8))


def read_pair(example):
    """(picture, mask), of one size."""
    picture, mask = read_picture(example.picture), read_mask(example)
    if picture.size != mask.size:
        raise ValueError(f"{example.mask}: {mask.size}, but its picture is {picture.size}")
    return picture, mask


def stretch(image, size):
    """uint8 [size, size(, 3)], whatever the aspect was: Lanczos, as pixmill prepares pictures for stretched inputs."""
    return np.asarray(image.resize((size, size), Image.Resampling.LANCZOS))


def enlarge(matte, width, height):
    """A float matte [h, w], bilinearly brought to the picture's size."""
    image = Image.fromarray(np.ascontiguousarray(matte, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
