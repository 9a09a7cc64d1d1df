"""A classifier of a few hundred bytes, written as ONNX by hand: its features are the mean colour of the picture."""

from tiny_detector import node, number, part, port, table

SIDE = 16  # pixels of the input

CARD = f"""id: tiny-embedder
task: embed
licence: none
files:
  - name: tiny.onnx
input:
  size: [{SIDE}, {SIDE}]
output:
  decoder: vector
  tensor: feature
"""


def tiny_embedder() -> bytes:
    """Its only output are the scores of two classes; "feature", 3 numbers, lies in front of them."""
    graph = part(
        7,
        node("GlobalAveragePool", ["image"], "pooled"),
        node("Flatten", ["pooled"], "feature"),
        node("Gemm", ["feature", "weights"], "scores"),
        part(2, "tiny"),
        table("weights", [3, 2], [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
        port(11, "image", ["batch", 3, SIDE, SIDE]),
        port(12, "scores", ["batch", 2]),
    )
    return number(1, 8) + graph + part(8, part(1, ""), number(2, 13))
