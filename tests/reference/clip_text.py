"""CLIP of open_clip: its tokenizer, and ViT-B/32 with random weights, the same in every run.

clip_text.py merges OUT.txt               the tokenizer's list of pairs
clip_text.py tokens < LINES               tokens of each line, without the padding
clip_text.py towers FOLDER PICTURE...     vision_model.onnx and text_model.onnx; reads lines of text, and prints
                                          JSON: for each line the cosines to the pictures
"""

import gzip
import json
import pathlib
import sys

import open_clip
import open_clip.tokenizer
import torch
from PIL import Image


class Tower(torch.nn.Module):
    def __init__(self, model, encode):
        super().__init__()
        self.model, self.encode = model, encode

    def forward(self, values):
        return getattr(self.model, self.encode)(values)


def export(model, encode, example, path, name, output):
    torch.onnx.export(
        Tower(model, encode).eval().requires_grad_(False),
        (example,),
        str(path),
        input_names=[name],
        output_names=[output],
        dynamic_axes={name: {0: "batch"}, output: {0: "batch"}},
        dynamo=False,
    )


def towers(folder, pictures):
    torch.manual_seed(5)
    torch.backends.mha.set_fastpath_enabled(False)
    model = open_clip.create_model("ViT-B-32", pretrained=None, force_quick_gelu=True).eval()
    tokenizer = open_clip.get_tokenizer("ViT-B-32")
    prepared = open_clip.image_transform(224, is_train=False)
    lines = sys.stdin.read().splitlines()
    with torch.no_grad():
        images = torch.stack([prepared(Image.open(path).convert("RGB")) for path in pictures])
        tokens = tokenizer(lines)
        seen, said = model.encode_image(images, normalize=True), model.encode_text(tokens, normalize=True)
        export(model, "encode_image", images[:1], folder / "vision_model.onnx", "pixel_values", "image_embeds")
        export(model, "encode_text", tokens[:1], folder / "text_model.onnx", "input_ids", "text_embeds")
    print(json.dumps((said @ seen.T).tolist()))


def main():
    word = sys.argv[1]
    if word == "merges":
        packed = pathlib.Path(open_clip.tokenizer.default_bpe()).read_bytes()
        pathlib.Path(sys.argv[2]).write_bytes(gzip.decompress(packed))
    elif word == "tokens":
        tokenizer = open_clip.tokenizer.SimpleTokenizer()
        for line in sys.stdin.read().split("\n")[:-1]:
            row = tokenizer(line)[0].tolist()
            print(*row[: row.index(tokenizer.eot_token_id) + 1])
    else:
        towers(pathlib.Path(sys.argv[2]), sys.argv[3:])


if __name__ == "__main__":
    main()
