"""A detector of a few hundred bytes, written as ONNX by hand: it finds the same boxes in every picture, the first with
the picture's brightness as its score."""

import struct


def varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def part(field: int, *pieces) -> bytes:
    body = b"".join(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    return varint(field << 3 | 2) + varint(len(body)) + body


def port(field: int, name: str, shape) -> bytes:
    """`shape`: numbers, and names of dynamic dimensions."""
    extents = [part(1, part(2, extent) if isinstance(extent, str) else number(1, extent)) for extent in shape]
    return part(field, part(1, name), part(2, part(1, number(1, 1), part(2, *extents))))


def table(name: str, shape, values) -> bytes:
    data = struct.pack(f"<{len(values)}f", *values)
    return part(5, *[number(1, extent) for extent in shape], number(2, 1), part(8, name), part(9, data))


def node(op: str, inputs, output: str, *attributes) -> bytes:
    return part(1, *[part(1, name) for name in inputs], part(2, output), part(4, op), *attributes)


SIDE = 64  # pixels of the model's input
ANCHORS = 64 + 16 + 4  # cells of strides 8, 16 and 32


BOXES = ((32, 32, 32, 16, 0.0, 0.0), (16, 48, 16, 16, 0.0, 0.5))


def tiny_detector(boxes=BOXES, names=("thing", "it's: odd")) -> bytes:
    """The file, in YOLOv8's layout: letterboxed to 64x64. `boxes`: x, y, width, height and a score for each class, at
    most as many as there are anchors; the first class of the first one is scored by the mean of the picture."""
    rows = 4 + len(names)
    values, light = [0.0] * (rows * ANCHORS), [0.0] * (rows * ANCHORS)
    for anchor, box in enumerate(boxes):
        for row, value in enumerate(box):
            values[row * ANCHORS + anchor] = value
    if boxes:
        light[4 * ANCHORS] = 1.0
    keep_no_dimension = part(5, part(1, "keepdims"), number(3, 0), number(20, 2))
    graph = part(
        7,
        node("ReduceMean", ["images"], "mean", keep_no_dimension),
        node("Mul", ["light", "mean"], "lit"),
        node("Add", ["boxes", "lit"], "output0"),
        part(2, "tiny"),
        table("boxes", [1, rows, ANCHORS], values),
        table("light", [1, rows, ANCHORS], light),
        port(11, "images", [1, 3, SIDE, SIDE]),
        port(12, "output0", [1, rows, ANCHORS]),
    )
    dictionary = "{" + ", ".join(f"{i}: {name!r}" for i, name in enumerate(names)) + "}"
    written = [part(14, part(1, key), part(2, value)) for key, value in (("task", "detect"), ("names", dictionary))]
    return number(1, 8) + graph + part(8, part(1, ""), number(2, 13)) + b"".join(written)
