"""A segmenter of a few kilobytes, written as ONNX by hand: the same things with masks in every picture."""

from tiny_detector import ANCHORS, SIDE, node, number, part, port, table

GRID = SIDE // 4  # samples of a prototype in each direction
# x, y, width, height; a score for each class; a weight for each prototype
THINGS = (
    (32, 32, 32, 16, 0.9, 0.0, 1.0, 0.0),  # the left half of its box
    (16, 40, 16, 16, 0.0, 0.5, 0.0, 1.0),  # all of its box
    (50, 32, 8, 8, 0.8, 0.0, 1.0, 0.0),  # nothing: the right half
)


def halves() -> list:
    """Two prototypes: 1 on the left and -1 on the right, and 1 everywhere."""
    return [1.0 if x < GRID // 2 else -1.0 for _ in range(GRID) for x in range(GRID)] + [1.0] * GRID * GRID


def tiny_segmenter(things=THINGS, prototypes=None, names=("thing", "other")) -> bytes:
    """The file, in YOLOv8's layout: letterboxed to 64x64. At most as many things as there are anchors."""
    prototypes = prototypes or halves()
    count = len(prototypes) // GRID**2
    rows = 4 + len(names) + count
    values = [0.0] * (rows * ANCHORS)
    for anchor, thing in enumerate(things):
        for row, value in enumerate(thing):
            values[row * ANCHORS + anchor] = value
    keep_no_dimension = part(5, part(1, "keepdims"), number(3, 0), number(20, 2))
    graph = part(
        7,
        node("ReduceMean", ["images"], "mean", keep_no_dimension),
        node("Mul", ["nothing", "mean"], "dark"),  # so that the outputs follow from the input
        node("Add", ["boxes", "dark"], "output0"),
        node("Add", ["shapes", "dark"], "output1"),
        part(2, "tiny"),
        table("nothing", [1], [0.0]),
        table("boxes", [1, rows, ANCHORS], values),
        table("shapes", [1, count, GRID, GRID], prototypes),
        port(11, "images", [1, 3, SIDE, SIDE]),
        port(12, "output0", [1, rows, ANCHORS]),
        port(12, "output1", [1, count, GRID, GRID]),
    )
    dictionary = "{" + ", ".join(f"{i}: {name!r}" for i, name in enumerate(names)) + "}"
    written = [part(14, part(1, key), part(2, value)) for key, value in (("task", "segment"), ("names", dictionary))]
    return number(1, 8) + graph + part(8, part(1, ""), number(2, 13)) + b"".join(written)
