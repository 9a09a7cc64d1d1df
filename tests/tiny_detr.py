"""Detectors of about a kilobyte with the inputs and outputs of DETR's kin, of graphs with NMS inside, and of models
that take bytes. What they find follows the picture: its mean colour moves three boxes and scores them."""

import struct

from tiny_detector import ANCHORS, SIDE, node, number, part, port, table

FLOAT, BYTE, INT32, INT64 = 1, 2, 6, 7
QUERIES = 3


def typed(field: int, name: str, kind: int, shape) -> bytes:
    extents = [part(1, number(1, extent)) for extent in shape]
    return part(field, part(1, name), part(2, part(1, number(1, kind), part(2, *extents))))


def integers(name: str, kind: int, shape, values) -> bytes:
    data = struct.pack(f"<{len(values)}{'q' if kind == INT64 else 'i'}", *values)
    return part(5, *[number(1, extent) for extent in shape], number(2, kind), part(8, name), part(9, data))


def attribute(name: str, *values: int) -> bytes:
    """An integer, or several as a list."""
    if len(values) == 1:
        return part(5, part(1, name), number(3, values[0]), number(20, 2))
    return part(5, part(1, name), *[number(8, value) for value in values], number(20, 7))


def file(*pieces, metadata=()) -> bytes:
    written = [part(14, part(1, key), part(2, value)) for key, value in metadata]
    return number(1, 8) + part(7, part(2, "tiny"), *pieces) + part(8, part(1, ""), number(2, 13)) + b"".join(written)


def reshaped(source: str, target: str, shape) -> list:
    return [
        integers(f"{target}_shape", INT64, [len(shape)], shape),
        node("Reshape", [source, f"{target}_shape"], target),
    ]


def linear(target: str, columns: int, weights, offsets) -> list:
    """`target` = mean colour [1, 3] times weights [3, columns] + offsets [columns]."""
    return [
        table(f"{target}_w", [3, columns], weights),
        table(f"{target}_b", [columns], offsets),
        node("MatMul", ["mean", f"{target}_w"], f"{target}_m"),
        node("Add", [f"{target}_m", f"{target}_b"], target),
    ]


def mean_colour(source: str = "images") -> list:
    return [node("ReduceMean", [source], "mean", attribute("axes", 2, 3), attribute("keepdims", 0))]


def spread(columns: int, scale: float, seed: int) -> list:
    """Numbers from -scale to scale that look like none."""
    return [scale * ((i * 7919 + seed * 104729) % 1009 / 504.5 - 1) for i in range(columns)]


# Left, top, right, bottom of three boxes as shares of the input; those of a gray picture.
CORNERS = [0.1, 0.1, 0.5, 0.6, 0.3, 0.2, 0.9, 0.8, 0.55, 0.5, 0.95, 0.95]
CENTRED = [0.3, 0.35, 0.4, 0.5, 0.6, 0.5, 0.6, 0.6, 0.75, 0.7, 0.4, 0.4]


def boxes(target: str, rows) -> list:
    return linear(target, 4 * QUERIES, spread(12 * QUERIES, 0.04, 1), rows)


def scores(target: str, classes: int, seed: int = 2) -> list:
    """Logits, so that each query is sure of one class."""
    offsets = [1.5 if i % classes == i // classes % classes else -3 for i in range(QUERIES * classes)]
    return linear(target, QUERIES * classes, spread(3 * QUERIES * classes, 1.5, seed), offsets)


def dfine(labels=(7, 3, 0)) -> bytes:
    """D-FINE and RT-DETR with their postprocessors: labels, boxes and scores; a second input scales the boxes."""
    return file(
        *mean_colour(), *boxes("flat", CORNERS), *reshaped("flat", "shares", [1, QUERIES, 4]),
        node("Cast", ["orig_target_sizes"], "sizes", attribute("to", FLOAT)),
        node("Concat", ["sizes", "sizes"], "scale4", attribute("axis", 1)), *reshaped("scale4", "scale", [1, 1, 4]),
        node("Mul", ["shares", "scale"], "boxes"),
        *scores("logits", 1), node("Sigmoid", ["logits"], "scores"),
        integers("known", INT64, [1, QUERIES], labels), node("Identity", ["known"], "labels"),
        typed(11, "images", FLOAT, [1, 3, SIDE, SIDE]), typed(11, "orig_target_sizes", INT64, [1, 2]),
        typed(12, "labels", INT64, [1, QUERIES]), port(12, "boxes", [1, QUERIES, 4]),
        port(12, "scores", [1, QUERIES]),
    )  # fmt: skip


def rfdetr(columns: int = 91) -> bytes:
    return file(
        *mean_colour("input"), *boxes("flat", CENTRED), *reshaped("flat", "dets", [1, QUERIES, 4]),
        *scores("logits", columns), *reshaped("logits", "labels", [1, QUERIES, columns]),
        port(11, "input", [1, 3, SIDE, SIDE]), port(12, "dets", [1, QUERIES, 4]),
        port(12, "labels", [1, QUERIES, columns]),
    )  # fmt: skip


def rtdetr(classes: int = 3) -> bytes:
    """As Ultralytics exports it: one table; the exporter's metadata tell it from YOLO with two classes."""
    names = "{" + ", ".join(f"{i}: 'kind {i}'" for i in range(classes)) + "}"
    return file(
        *mean_colour(), *boxes("flat", CENTRED), *reshaped("flat", "dets", [1, QUERIES, 4]),
        *scores("logits", classes), node("Sigmoid", ["logits"], "shares"),
        *reshaped("shares", "sure", [1, QUERIES, classes]),
        node("Concat", ["dets", "sure"], "few", attribute("axis", 2)),
        table("none", [1, 300 - QUERIES, 4 + classes], [0.0] * ((300 - QUERIES) * (4 + classes))),
        node("Concat", ["few", "none"], "output0", attribute("axis", 1)),
        port(11, "images", [1, 3, SIDE, SIDE]), port(12, "output0", [1, 300, 4 + classes]),
        metadata=(("task", "detect"), ("names", names), ("description", "Ultralytics rtdetr-l model")),
    )  # fmt: skip


def counted() -> bytes:
    """As the operator EfficientNMS gives it: a count of 2, boxes in pixels, scores, classes."""
    return file(
        *mean_colour(), *boxes("flat", [SIDE * share for share in CORNERS]),
        *reshaped("flat", "det_boxes", [1, QUERIES, 4]),
        *scores("logits", 1), node("Sigmoid", ["logits"], "det_scores"),
        integers("two", INT32, [1, 1], [2]), node("Identity", ["two"], "num_dets"),
        integers("kinds", INT32, [1, QUERIES], [4, 2, 0]), node("Identity", ["kinds"], "det_classes"),
        port(11, "images", [1, 3, SIDE, SIDE]), typed(12, "num_dets", INT32, [1, 1]),
        port(12, "det_boxes", [1, QUERIES, 4]), port(12, "det_scores", [1, QUERIES]),
        typed(12, "det_classes", INT32, [1, QUERIES]),
    )  # fmt: skip


def yolov7(rows=((0, 6, 6, 32, 38, 5, 0.9), (0, 19, 13, 58, 51, 2, 0.4))) -> bytes:
    """Rows of picture, box, class and score; any number of them, none too."""
    return file(
        *mean_colour(), table("zero", [3, 1], [0.0] * 3), node("MatMul", ["mean", "zero"], "nothing"),
        table("rows", [len(rows), 7], [value for row in rows for value in row]),
        node("Add", ["rows", "nothing"], "output"),
        port(11, "images", [1, 3, SIDE, SIDE]), port(12, "output", [len(rows), 7]),
    )  # fmt: skip


def bytes_detector(planar: bool = True) -> bytes:
    """YOLOv8's table from a picture of bytes; the first class of the first box is scored by its brightness."""
    shape = [1, 3, SIDE, SIDE] if planar else [1, SIDE, SIDE, 3]
    values, light = [0.0] * (6 * ANCHORS), [0.0] * (6 * ANCHORS)
    for row, value in enumerate((32, 32, 32, 16)):
        values[row * ANCHORS] = value
    light[4 * ANCHORS] = 1 / 255
    return file(
        node("Cast", ["images"], "samples", attribute("to", FLOAT)),
        node("ReduceMean", ["samples"], "mean", attribute("keepdims", 0)),
        table("light", [1, 6, ANCHORS], light), table("table", [1, 6, ANCHORS], values),
        node("Mul", ["light", "mean"], "lit"), node("Add", ["table", "lit"], "output0"),
        typed(11, "images", BYTE, shape), port(12, "output0", [1, 6, ANCHORS]),
    )  # fmt: skip


def table_detector(rows: int, columns: int, values=None, side: int = SIDE) -> bytes:
    """Gives that table [1, rows, columns] whatever it sees, as packed floats; zeros without `values`."""
    data = values or b"\0" * (4 * rows * columns)
    raw = part(
        5, *[number(1, extent) for extent in (1, rows, columns)], number(2, FLOAT), part(8, "table"), part(9, data)
    )
    return file(
        *mean_colour(), table("zero", [3, 1], [0.0] * 3), node("MatMul", ["mean", "zero"], "nothing2"),
        *reshaped("nothing2", "nothing", [1, 1, 1]), raw, node("Add", ["table", "nothing"], "output0"),
        port(11, "images", [1, 3, side, side]), port(12, "output0", [1, rows, columns]),
    )  # fmt: skip
