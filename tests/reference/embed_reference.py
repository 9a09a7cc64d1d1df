"""Feature vectors by the families' own arithmetic: Pillow, NumPy, ONNX Runtime. Prints {stem: vector} as JSON.

embed_reference.py --model FILE --rule RULE [--tensor NAME] PICTURE...
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def stretched(picture, size, kernel):
    return picture.resize(size, kernel)


def cropped(picture, short, size, kernel):
    """torchvision: Resize(short), CenterCrop(size); the longer side is rounded down, the corner to the even number."""
    width, height = picture.size
    if width <= height:
        picture = picture.resize((short, int(short * height / width)), kernel)
    else:
        picture = picture.resize((int(short * width / height), short), kernel)
    left, top = (int(round((extent - size) / 2.0)) for extent in picture.size)
    return picture.crop((left, top, left + size, top + size))


def normalised(picture, mean, std, scale=255.0):
    pixels = np.asarray(picture, dtype=np.float32) / np.float32(scale)
    pixels = (pixels - np.array(mean, dtype=np.float32)) / np.array(std, dtype=np.float32)
    return pixels.transpose(2, 0, 1)[None]


def torchvision(picture):
    return normalised(cropped(picture, 256, 224, Image.BILINEAR), *IMAGENET)


def lanczos(picture):
    return normalised(stretched(picture, (224, 224), Image.LANCZOS), *IMAGENET)


def osnet(picture):
    return normalised(stretched(picture, (128, 256), Image.BILINEAR), *IMAGENET)


def reid(picture):
    """Open Model Zoo: blue first, 0..255, rows of pixels."""
    pixels = np.asarray(stretched(picture, (128, 256), Image.BILINEAR), dtype=np.float32)
    return pixels[None, :, :, ::-1]


def face(picture):
    """InsightFace: (x - 127.5) / 128."""
    return normalised(stretched(picture, (112, 112), Image.BILINEAR), (127.5,) * 3, (128.0,) * 3, 1.0)


def xfeat(picture):
    return normalised(stretched(picture, (640, 480), Image.BILINEAR), (0.0,) * 3, (1.0,) * 3)


def weighted(outputs):
    """The mean descriptor, each place by its reliability."""
    descriptors, reliability = outputs[0][0], outputs[2][0, 0]
    return (descriptors * reliability).sum((1, 2)) / reliability.sum()


RULES = {"torchvision": torchvision, "lanczos": lanczos, "osnet": osnet, "reid": reid, "face": face, "xfeat": xfeat}


def with_output(path, tensor):
    import onnx

    model = onnx.load(path)
    model.graph.output.insert(0, onnx.helper.make_tensor_value_info(tensor, onnx.TensorProto.FLOAT, None))
    return model.SerializeToString()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--rule", required=True, choices=sorted(RULES))
    parser.add_argument("--tensor")
    parser.add_argument("pictures", nargs="+", type=pathlib.Path)
    words = parser.parse_args()
    model = with_output(words.model, words.tensor) if words.tensor else words.model
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    vectors = {}
    for path in words.pictures:
        picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        outputs = session.run(None, {session.get_inputs()[0].name: RULES[words.rule](picture)})
        vector = weighted(outputs) if words.rule == "xfeat" else outputs[0].reshape(-1)
        vectors[path.stem] = [float(value) for value in vector]
    json.dump(vectors, sys.stdout)


if __name__ == "__main__":
    main()
