"""A classifier of a few hundred bytes, written as ONNX by hand: its features are the mean colour of the picture."""

from tiny_detector import node, number, part, port, table, varint

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


TEXT_CARD = CARD.replace(
    "input:",
    """  - name: text.onnx
  - name: merges.txt
text:
  file: text.onnx
  merges: merges.txt
input:""",
)


def tiny_text_tower() -> bytes:
    """Takes the 77 tokens of a text, and looks at the first behind the start: "z" is red, "!" is green."""
    whole = part(2, part(1, number(1, 7), part(2, part(1, part(2, "batch")), part(1, number(1, 77)))))  # i64
    one = part(5, number(1, 1), number(2, 7), part(8, "one"), part(7, varint(1)))  # i64 [1]
    graph = part(
        7,
        node("Gather", ["tokens", "one"], "first", part(5, part(1, "axis"), number(3, 1), number(20, 2))),
        node("Cast", ["first"], "number", part(5, part(1, "to"), number(3, 1), number(20, 2))),
        node("Sub", ["number", "middle"], "distance"),
        node("Sigmoid", ["distance"], "red"),
        node("Sub", ["unit", "red"], "green"),
        node("Sub", ["red", "red"], "blue"),
        node("Concat", ["red", "green", "blue"], "vector", part(5, part(1, "axis"), number(3, 1), number(20, 2))),
        part(2, "text"),
        one,
        table("middle", [1, 1], [300.5]),
        table("unit", [1, 1], [1.0]),
        part(11, part(1, "tokens"), whole),
        port(12, "vector", ["batch", 3]),
    )
    return number(1, 8) + graph + part(8, part(1, ""), number(2, 13))


def merges() -> bytes:
    """As long as CLIP's list of pairs, and none of them can be joined in a text without tildes."""
    pairs = [f"~{a} _{b}~" for a in range(200) for b in range(256)][:48894]
    return ("head\n" + "\n".join(pairs) + "\n").encode()
