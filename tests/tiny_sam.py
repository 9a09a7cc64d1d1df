"""SAM models of a few kilobytes, written as ONNX by hand: ports, types and open dimensions are those of the published
exports, the arithmetic is one that tests can check.

The embedding holds the mean colour of 16 x 16 pixels. The decoder's logit of such a cell says how near its colour is to
that at the first point, or in the middle of the box; a background point lowers the logits around it, a box ends the
mask at its sides. So prompts find regions of one colour.
"""

import struct

from tiny_detector import number, part

FLOAT, UINT8, INT64 = 1, 2, 7
SIDE, CELLS, LOW = 1024, 64, 256  # of the input, the embedding and the small masks
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def port(field: int, name: str, shape, kind: int = FLOAT) -> bytes:
    """`shape`: extents, or names of open dimensions."""
    extents = [part(1, part(2, one) if isinstance(one, str) else number(1, one)) for one in shape]
    return part(field, part(1, name), part(2, part(1, number(1, kind), part(2, *extents))))


def floats(name: str, shape, values) -> bytes:
    data = struct.pack(f"<{len(values)}f", *values)
    return part(5, *[number(1, one) for one in shape], number(2, FLOAT), part(8, name), part(9, data))


def integers(name: str, values) -> bytes:
    data = struct.pack(f"<{len(values)}q", *values)
    return part(5, number(1, len(values)), number(2, INT64), part(8, name), part(9, data))


def whole(name: str, value: int) -> bytes:
    return part(5, part(1, name), number(3, value), number(20, 2))


def several(name: str, values) -> bytes:
    return part(5, part(1, name), *[number(8, value) for value in values], number(20, 7))


def word(name: str, value: str) -> bytes:
    return part(5, part(1, name), part(4, value), number(20, 3))


class Graph:
    """Nodes and weights; add() names what a node makes."""

    def __init__(self):
        self.pieces, self.made = [], 0

    def add(self, op: str, *inputs: str, name: str = "", attributes=()) -> str:
        self.made += 1
        name = name or f"t{self.made}"
        self.pieces.append(part(1, *[part(1, one) for one in inputs], part(2, name), part(4, op), *attributes))
        return name

    def constant(self, values, shape=None, name: str = "") -> str:
        self.made += 1
        name = name or f"c{self.made}"
        self.pieces.append(floats(name, [len(values)] if shape is None else shape, values))
        return name

    def indices(self, *values: int) -> str:
        self.made += 1
        self.pieces.append(integers(f"c{self.made}", values))
        return f"c{self.made}"

    def file(self, ports) -> bytes:
        graph = part(7, *self.pieces, part(2, "tiny"), *ports)
        return number(1, 8) + graph + part(8, part(1, ""), number(2, 13))


def pooled(graph: Graph, source: str, size: int) -> str:
    """The mean of squares of so many pixels."""
    return graph.add(
        "AveragePool", source, attributes=[several("kernel_shape", [size, size]), several("strides", [size, size])]
    )


def widened(graph: Graph, source: str, channels: int, name: str) -> str:
    """The three colours as the first of so many channels; the others are empty."""
    weights = [1.0 if row == column else 0.0 for row in range(channels) for column in range(3)]
    return graph.add("Conv", source, graph.constant(weights, [channels, 3, 1, 1]), name=name)


def encoder(layout: str = "nchw", kind: int = FLOAT) -> bytes:
    """SAM's: a normalised picture in a square, or ("hwc") as samexporter's --use-preprocess writes it."""
    graph = Graph()
    if layout == "nchw":
        picture, shape = "input_image", [1, 3, SIDE, SIDE]
    else:
        shape = ["image_height", "image_width", 3]
        picture = graph.add("Cast", "input_image", attributes=[whole("to", FLOAT)]) if kind == UINT8 else "input_image"
        picture = graph.add("Div", graph.add("Sub", picture, graph.constant(MEAN)), graph.constant(STD))
        picture = graph.add("Transpose", picture, attributes=[several("perm", [2, 0, 1])])
        rest = graph.add("Sub", graph.indices(3, SIDE, SIDE), graph.add("Shape", picture))
        picture = graph.add(
            "Pad", picture, graph.add("Concat", graph.indices(0, 0, 0), rest, attributes=[whole("axis", 0)])
        )
        picture = graph.add("Unsqueeze", picture, graph.indices(0))
    widened(graph, pooled(graph, picture, SIDE // CELLS), 256, "image_embeddings")
    return graph.file([port(11, "input_image", shape, kind), port(12, "image_embeddings", [1, 256, CELLS, CELLS])])


def prompted(graph: Graph, colours: str, side: int) -> str:
    """Logits [1, 1, side, side] of `colours` [1, 3, side, side] for the prompt in point_coords and point_labels."""
    cell = SIDE / side
    middles = [(i + 0.5) * cell for i in range(side)]
    across, down = graph.constant(middles, [1, 1, side]), graph.constant(middles, [1, side, 1])
    corners = []
    for label in (2.0, 3.0):  # what all points of a label add up to, and whether there is one
        chosen = graph.add(
            "Cast", graph.add("Equal", "point_labels", graph.constant([label])), attributes=[whole("to", FLOAT)]
        )
        weighed = graph.add("Mul", "point_coords", graph.add("Unsqueeze", chosen, graph.indices(2)))
        corners.append(graph.add("ReduceSum", weighed, graph.indices(1), attributes=[whole("keepdims", 0)]))  # [1, 2]
        boxed = graph.add("ReduceMax", chosen, attributes=[several("axes", [1]), whole("keepdims", 0)])  # [1]
    middle = graph.add("Mul", graph.add("Add", *corners), graph.constant([0.5]))
    first = graph.add("Gather", "point_coords", graph.indices(0), attributes=[whole("axis", 1)])
    first = graph.add("Reshape", first, graph.indices(1, 2))
    label = graph.add("Gather", "point_labels", graph.indices(0), attributes=[whole("axis", 1)])
    point = graph.add("Where", graph.add("Greater", label, graph.constant([1.5])), middle, first)
    at = graph.add("Div", graph.add("Add", point, graph.constant([0.5])), graph.constant([cell]))
    at = graph.add("Clip", graph.add("Floor", at), graph.constant([0.0], []), graph.constant([side - 1.0], []))
    at = graph.add("Reshape", graph.add("Cast", at, attributes=[whole("to", INT64)]), graph.indices(2))
    column, row = (graph.add("Gather", at, graph.indices(i), attributes=[whole("axis", 0)]) for i in (0, 1))
    colour = graph.add(
        "Gather",
        graph.add("Gather", colours, row, attributes=[whole("axis", 2)]),
        column,
        attributes=[whole("axis", 3)],
    )
    away = graph.add("Abs", graph.add("Sub", colours, colour))
    away = graph.add("ReduceSum", away, graph.indices(1), attributes=[whole("keepdims", 1)])
    logits = graph.add("Mul", graph.add("Sub", graph.constant([0.5]), away), graph.constant([8.0]))
    # Background points: up to 12 less within 192 pixels.
    chosen = graph.add(
        "Cast", graph.add("Equal", "point_labels", graph.constant([0.0])), attributes=[whole("to", FLOAT)]
    )
    chosen = graph.add("Reshape", chosen, graph.indices(-1, 1, 1))
    distances = []
    for axis, grid in enumerate((across, down)):
        line = graph.add(
            "Reshape",
            graph.add("Gather", "point_coords", graph.indices(axis), attributes=[whole("axis", 2)]),
            graph.indices(-1, 1, 1),
        )
        distances.append(graph.add("Abs", graph.add("Sub", grid, line)))
    near = graph.add(
        "Sub", graph.constant([12.0]), graph.add("Div", graph.add("Add", *distances), graph.constant([16.0]))
    )
    near = graph.add(
        "ReduceSum",
        graph.add("Mul", graph.add("Relu", near), chosen),
        graph.indices(0),
        attributes=[whole("keepdims", 1)],
    )
    logits = graph.add("Sub", logits, graph.add("Unsqueeze", near, graph.indices(0)))
    # The box.
    sides = []
    for corner, sign in zip(corners, (1.0, -1.0), strict=True):
        for axis, grid in enumerate((across, down)):
            line = graph.add(
                "Reshape",
                graph.add("Gather", corner, graph.indices(axis), attributes=[whole("axis", 1)]),
                graph.indices(1, 1, 1),
            )
            sides.append(graph.add("Mul", graph.add("Sub", grid, line), graph.constant([sign / cell])))
    inside = graph.add("Min", graph.add("Min", sides[0], sides[2]), graph.add("Min", sides[1], sides[3]))
    free = graph.add("Mul", graph.add("Sub", graph.constant([1.0]), boxed), graph.constant([1e6]))
    return graph.add("Min", logits, graph.add("Unsqueeze", graph.add("Add", inside, free), graph.indices(0)))


def rated(graph: Graph, logits: str) -> str:
    """A predicted IoU [1, 1], larger for larger masks."""
    limited = graph.add("Clip", logits, graph.constant([-4.0], []), graph.constant([4.0], []))
    mean = graph.add("ReduceMean", limited, attributes=[several("axes", [2, 3]), whole("keepdims", 0)])
    return graph.add("Sigmoid", graph.add("Add", mean, graph.constant([6.0])))


def resized(graph: Graph, source: str, sizes: str, name: str = "") -> str:
    words = [word("mode", "linear"), word("coordinate_transformation_mode", "half_pixel")]
    return graph.add("Resize", source, "", "", sizes, name=name, attributes=words)


def at_photo_size(graph: Graph, low: str, name: str):
    """What segment-anything's exporter does: to the square, cut, to the photo."""
    square = resized(
        graph,
        low,
        graph.add(
            "Concat",
            graph.add("Slice", graph.add("Shape", low), graph.indices(0), graph.indices(2)),
            graph.indices(SIDE, SIDE),
            attributes=[whole("axis", 0)],
        ),
    )
    longest = graph.add("ReduceMax", "orig_im_size", attributes=[several("axes", [0]), whole("keepdims", 1)])
    scaled = graph.add("Mul", "orig_im_size", graph.add("Div", graph.constant([float(SIDE)]), longest))
    cut = graph.add(
        "Cast", graph.add("Floor", graph.add("Add", scaled, graph.constant([0.5]))), attributes=[whole("to", INT64)]
    )
    part_of = graph.add("Slice", square, graph.indices(0, 0), cut, graph.indices(2, 3))
    photo = graph.add("Cast", "orig_im_size", attributes=[whole("to", INT64)])
    sizes = graph.add(
        "Concat",
        graph.add("Slice", graph.add("Shape", low), graph.indices(0), graph.indices(2)),
        photo,
        attributes=[whole("axis", 0)],
    )
    resized(graph, part_of, sizes, name)


def decoder(masks: int = 1, low: bool = True) -> bytes:
    """SAM's, of one mask or of four; without `low` it gives no small masks, as some exports do."""
    graph = Graph()
    colours = graph.add("Slice", "image_embeddings", graph.indices(0), graph.indices(3), graph.indices(1))
    logits = prompted(graph, colours, CELLS)
    score = rated(graph, logits)
    if masks > 1:  # the first one is the whole of the others, which are more and less generous
        each = [graph.add("Add", logits, graph.constant([shift])) for shift in (0.0, -2.0, 0.5, 2.0)]
        logits = graph.add("Concat", *each, attributes=[whole("axis", 1)])
        scores = [graph.add("Mul", score, graph.constant([factor])) for factor in (0.7, 0.8, 1.0, 0.9)]
        score = graph.add("Concat", *scores, attributes=[whole("axis", 1)])
    small = resized(graph, logits, graph.indices(1, masks, LOW, LOW), "low_res_masks")
    at_photo_size(graph, small, "masks")
    graph.add("Identity", score, name="iou_predictions")
    ports = [
        port(11, "image_embeddings", [1, 256, CELLS, CELLS]),
        port(11, "point_coords", [1, "num_points", 2]),
        port(11, "point_labels", [1, "num_points"]),
        port(11, "mask_input", [1, 1, LOW, LOW]),
        port(11, "has_mask_input", [1]),
        port(11, "orig_im_size", [2]),
        port(12, "masks", [1, masks, "height", "width"]),
        port(12, "iou_predictions", [1, masks]),
    ]
    return graph.file(ports + ([port(12, "low_res_masks", [1, masks, LOW, LOW])] if low else []))


def encoder2() -> bytes:
    """SAM 2's: three outputs, of which the finest one holds the colours of 4 x 4 pixels."""
    graph = Graph()
    widened(graph, pooled(graph, "image", 4), 32, "high_res_feats_0")
    widened(graph, pooled(graph, "image", 8), 64, "high_res_feats_1")
    widened(graph, pooled(graph, "image", 16), 256, "image_embed")
    outputs = {"high_res_feats_0": (32, 256), "high_res_feats_1": (64, 128), "image_embed": (256, 64)}
    return graph.file(
        [port(11, "image", [1, 3, SIDE, SIDE])]
        + [port(12, name, [1, channels, side, side]) for name, (channels, side) in outputs.items()]
    )


def decoder2() -> bytes:
    """SAM 2's, as samexporter writes it: three masks of 256 x 256, and no size of the photo."""
    graph = Graph()
    logits = prompted(
        graph, graph.add("Slice", "high_res_feats_0", graph.indices(0), graph.indices(3), graph.indices(1)), LOW
    )
    each = [graph.add("Add", logits, graph.constant([shift])) for shift in (-2.0, 0.0, 2.0)]
    graph.add("Concat", *each, name="masks", attributes=[whole("axis", 1)])
    score = rated(graph, logits)
    scores = [graph.add("Mul", score, graph.constant([factor])) for factor in (0.8, 1.0, 0.9)]
    graph.add("Concat", *scores, name="iou_predictions", attributes=[whole("axis", 1)])
    return graph.file(
        [
            port(11, "image_embed", [1, 256, CELLS, CELLS]),
            port(11, "high_res_feats_0", [1, 32, LOW, LOW]),
            port(11, "high_res_feats_1", [1, 64, 128, 128]),
            port(11, "point_coords", ["num_labels", "num_points", 2]),
            port(11, "point_labels", ["num_labels", "num_points"]),
            port(11, "mask_input", ["num_labels", 1, LOW, LOW]),
            port(11, "has_mask_input", ["num_labels"]),
            port(12, "masks", ["num_labels", 3, LOW, LOW]),
            port(12, "iou_predictions", ["num_labels", 3]),
        ]
    )


def write_pair(folder, name: str, first: bytes, second: bytes):
    """NAME.encoder.onnx and NAME.decoder.onnx; returns the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.decoder.onnx").write_bytes(second)
    path = folder / f"{name}.encoder.onnx"
    path.write_bytes(first)
    return path
