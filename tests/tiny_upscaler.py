"""An upscaler of a few hundred bytes, written as ONNX by hand: it repeats each pixel."""

from tiny_detector import node, number, part, port, table


def tiny_upscaler(factor: int, channels: int = 3, size=None) -> bytes:
    """The file, for pictures of `size` (width, height) or of any.

    A convolution that spreads each channel over factor^2 ones, and DepthToSpace.
    """
    outputs = channels * factor**2
    weights = [1.0 if o // factor**2 == c else 0.0 for o in range(outputs) for c in range(channels)]
    small = [size[1], size[0]] if size else ["height", "width"]
    large = [side * factor for side in small] if size else ["out_height", "out_width"]
    blocks = part(5, part(1, "blocksize"), number(3, factor), number(20, 2)) + part(
        5, part(1, "mode"), part(4, "CRD"), number(20, 3)
    )
    graph = part(
        7,
        node("Conv", ["image", "weights"], "spread"),
        node("DepthToSpace", ["spread"], "restored", blocks),
        part(2, "tiny"),
        table("weights", [outputs, channels, 1, 1], weights),
        port(11, "image", ["batch", channels, *small]),
        port(12, "restored", ["batch", channels, *large]),
    )
    return number(1, 8) + graph + part(8, part(1, ""), number(2, 13))
