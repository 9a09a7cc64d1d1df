"""Writes the seeds of the fuzzers whose input is binary.

They are fuzz/seeds/{model,elf,entry,detections,labels,png,deflate,decode}, kept in the repository; run this again
where a format changes: python3 -I fuzz/make_seeds.py
Those of decode are made by Pillow; without it they stay as they are.
"""

import io
import pathlib
import struct
import zlib

try:
    from PIL import Image
except ImportError:
    Image = None

SEEDS = pathlib.Path(__file__).resolve().parent / "seeds"


def write(name: str, data: bytes):
    path = SEEDS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def integer(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def message(field: int, *parts) -> bytes:
    body = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return varint(field << 3 | 2) + varint(len(body)) + body


def port(field: int, name: str, kind: int, shape) -> bytes:
    """A ValueInfoProto; an extent is a number or the name of an open dimension."""
    extents = [message(1, integer(1, e) if isinstance(e, int) else message(2, e)) for e in shape]
    return message(field, message(1, name), message(2, message(1, integer(1, kind), message(2, *extents))))


def node(op: str, inputs, outputs, name="") -> bytes:
    links = [message(1, i) for i in inputs] + [message(2, o) for o in outputs]
    return message(1, *links, message(3, name), message(4, op))


def weight(name: str, kind: int, shape, data: bytes) -> bytes:
    return message(5, *[integer(1, e) for e in shape], integer(2, kind), message(8, name), message(9, data))


def model(*graph) -> bytes:
    opset = message(8, message(1, ""), integer(2, 17))
    return integer(1, 8) + opset + message(14, message(1, "made"), message(2, "by hand")) + message(7, *graph)


def models():
    float_, int8, half = 1, 3, 10
    picture = ["n", 3, "height", "width"]
    x, y = port(11, "x", float_, [4]), port(12, "y", float_, [4])
    write("model/relu.onnx", model(node("Relu", ["x"], ["y"]), x, y))
    matte = [
        node("ConvInteger", ["image", "w"], ["sum"], "conv"),
        node("Sigmoid", ["sum"], ["matte"], "end"),
        weight("w", int8, [1, 3, 1, 1], b"\1\2\3"),
        weight("h", half, [2], b"\0\x3c\0\x40"),
        port(11, "image", float_, picture),
        port(12, "matte", float_, ["n", 1, "height", "width"]),
    ]
    write("model/matte.onnx", model(*matte))
    place = message(13, message(1, "location"), message(2, "w.bin"))
    external = message(5, integer(1, 4), integer(2, 1), message(8, "w"), place, integer(14, 1))
    write("model/external.onnx", model(node("Add", ["x", "w"], ["y"]), external, x, y))
    sequence = message(11, message(1, "list"), message(2, message(4, message(1, message(1, integer(1, 1))))))
    write("model/sequence.onnx", model(node("SequenceLength", ["list"], ["y"]), sequence, port(12, "y", 7, [])))
    write("model/script.pt", b"PK\3\4" + b"\0" * 26 + b"archive/constants.pkl")


def elf(*needed) -> bytes:
    """A shared library with nothing but its program headers, a dynamic section and a table of strings."""
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in needed)
    header, segment = 64, 56
    dynamic_at = header + 2 * segment
    entries, offset = [], 1
    for name in needed:
        entries.append((1, offset))  # DT_NEEDED
        offset += len(name) + 1
    strings_at = dynamic_at + 16 * (len(entries) + 2)
    entries += [(5, strings_at), (0, 0)]  # DT_STRTAB, DT_NULL
    dynamic = b"".join(struct.pack("<qQ", *entry) for entry in entries)
    size = strings_at + len(strings)
    identity = b"\x7fELF\2\1\1" + b"\0" * 9
    head = identity + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, header, 0, 0, header, segment, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 4, 0, 0, 0, size, size, 4096)
    dynamic_segment = struct.pack("<IIQQQQQQ", 2, 4, dynamic_at, dynamic_at, dynamic_at, len(dynamic), len(dynamic), 8)
    return head + load + dynamic_segment + dynamic + strings


def zstd(raw: bytes) -> bytes:
    """A frame of one block that is not compressed."""
    return b"\x28\xb5\x2f\xfd" + bytes([0x20, len(raw)]) + (len(raw) << 3 | 1).to_bytes(3, "little") + raw


def tensor(kind: int, shape, planes: bytes) -> bytes:
    packed = zstd(planes)
    extents = b"".join(struct.pack("<q", e) for e in shape)
    return bytes([kind, len(shape)]) + extents + struct.pack("<Q", len(packed)) + packed


def entries():
    """What follows the checksum: see src/pipeline/result_entry.cc."""
    write("entry/none", b"\0")
    matte = tensor(0, [1, 1, 2, 3], bytes(range(24)))
    write("entry/matte", b"\1" + matte)
    write("entry/several", b"\3" + matte + tensor(4, [5], b"hello") + tensor(9, [], b"12345678"))


def detections():
    """See include/pixmill/tasks/detections.h."""
    picture = struct.pack("<IIf", 640, 480, 0.05)
    boxes = [(10, 20, 110.5, 220.25, 0.9, 1), (0, 0, 640, 480, 0.3, 0)]
    rows = struct.pack("<I", len(boxes)) + b"".join(struct.pack("<5fI", *box) for box in boxes)
    names = b"".join(struct.pack("<H", len(name)) + name for name in (b"cat", b"dog"))
    write("detections/own", picture + struct.pack("<II", 0, 2) + names + rows)
    write("detections/coco", picture + struct.pack("<I", 1) + rows)
    write("detections/none", picture + struct.pack("<I", 1) + struct.pack("<I", 0))


def labels():
    """A small file of each format, behind its number: see fuzz/labels_fuzz.cc."""
    box, polygon = "[1, 2, 3, 4]", "[[1, 1, 5, 1, 5, 5]]"
    coco = (
        f'{{"annotations": [{{"image_id": 1, "category_id": 3, "bbox": {box}, "segmentation": {polygon}}}, {{"image_id": 1,'  # noqa: E501
        ' "category_id": 3, "segmentation": {"size": [20, 40], "counts": [5, 10, 785]}, "score": 0.5}, {"image_id": 1,'
        ' "category_id": 3, "segmentation": {"size": [20, 40], "counts": "T2:0b07PXO"}}],'
        ' "images": [{"id": 1, "file_name": "p.png", "width": 40, "height": 20}], "categories": [{"id": 3, "name": "dog"}]}'  # noqa: E501
    )
    sides = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>"
    size = "<size><width>40</width><height>20</height></size>"
    voc = f"<annotation><filename>p.png</filename>{size}<object><name>dog</name>{sides}</object></annotation>"
    shapes = ",".join(
        f'{{"label": "dog", "shape_type": "{kind}", "points": {points}, "group_id": 1}}'
        for kind, points in (
            ("rectangle", "[[1,1],[2,2]]"),
            ("polygon", "[[1,1],[2,1],[2,2]]"),
            ("circle", "[[9,9],[9,7]]"),
        )
    )
    labelme = f'{{"shapes": [{shapes}], "imagePath": "p.png", "imageHeight": 20, "imageWidth": 40}}'
    createml = '[{"image": "p.png", "annotations": [{"label": "dog", "coordinates": {"x": 5, "y": 5, "width": 2, "height": 2}}]}]'  # noqa: E501
    cvat = (
        '<annotations><image name="p.png" width="40" height="20"><box label="a" xtl="1" ytl="2" xbr="3" ybr="4" rotation="9"/>'  # noqa: E501
        '<polygon label="a" points="1,1;2,1;2,2"/><ellipse label="a" cx="9" cy="9" rx="2" ry="3"/>'
        '<mask label="a" rle="1,2,1" left="1" top="1" width="2" height="2"/></image></annotations>'
    )
    whole = '"original_width": 40, "original_height": 20'
    studio = (
        f'[{{"data": {{"image": "p.png"}}, "predictions": [{{"result": [{{"type": "rectanglelabels", {whole}, "value":'
        f' {{"x": 1, "y": 2, "width": 3, "height": 4, "rectanglelabels": ["a"]}}}}, {{"type": "brushlabels", {whole},'
        ' "value": {"rle": [0, 0, 12, 128, 57, 27, 255, 224, 49, 254, 0], "brushlabels": ["a"]}}]}]}]'
    )
    line = '{"image": "p.png", "width": 40, "height": 20, "detections": [{"class": "a", "class_id": 1, "box": [1, 2, 3, 4]}]}'  # noqa: E501
    table = 'image,class,class_id,confidence,x0,y0,x1,y1\n"p.png",dog,1,0.5,1,2,3,4\n'
    yolo = "0 0.5 0.5 0.25 0.5\n1 0.5 0.5 0.2 0.2 0.7\n0 0.1 0.1 0.5 0.1 0.5 0.5\n"
    for number, text in enumerate((yolo, coco, voc, labelme, createml, cvat, studio, table, line + "\n" + line)):
        write(f"labels/{number}", bytes([number]) + text.encode())
    write("labels/yaml", b"\x10names: {0: cat, 1: dog}\nnc: 2\n")
    write("labels/lines", b"\x11cat\ndog\n")


def pictures():
    """Streams of deflate of each kind, and pixels with a head of three bytes (fuzz/png_fuzz.cc)."""
    rows = bytes(i * i // 7 % 256 for i in range(900)) + bytes(700) + b"abcabcab" * 40
    for name, level, strategy in (
        ("stored", 0, zlib.Z_DEFAULT_STRATEGY),
        ("dynamic", 9, zlib.Z_DEFAULT_STRATEGY),
        ("fixed", 9, zlib.Z_FIXED),
        ("runs", 9, zlib.Z_RLE),
    ):
        stream = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
        write(
            f"deflate/{name}",
            stream.compress(rows) + stream.flush(zlib.Z_FULL_FLUSH) + stream.compress(rows) + stream.flush(),
        )
    for name, head in (
        ("gray", b"\0\x20\0"),
        ("rgb", b"\x01\x40\x41"),
        ("rgba16", b"\x05\x08\x42"),
        ("wide", b"\xff\xff\xc0"),
    ):
        write(f"png/{name}", head + rows)


def photographs():
    """A picture of 40 x 24 pixels in each format and in each kind of JPEG."""
    gradient = bytes(v for y in range(24) for x in range(40) for v in (x * 6, y * 10, (x * y) % 256))
    picture = Image.frombytes("RGB", (40, 24), gradient)
    turned = Image.Exif()
    turned[0x0112] = 6  # orientation: a quarter turn
    turned[0x010F] = "pixmill"  # the maker
    kinds = {
        "plain.jpg": {"quality": 80},
        "full.jpg": {"quality": 95, "subsampling": "4:4:4", "dpi": (300, 300)},
        "half.jpg": {"quality": 60, "subsampling": "4:2:2", "comment": b"a comment"},
        "progressive.jpg": {"quality": 80, "progressive": True},
        "restart.jpg": {"quality": 80, "restart_marker_blocks": 2},
        "turned.jpg": {"quality": 80, "exif": turned},
        "profile.jpg": {"quality": 80, "icc_profile": b"no profile at all" * 8},
        "plain.png": {},
        "turned.png": {"exif": turned},
        "lossy.webp": {"quality": 60},
        "lossless.webp": {"lossless": True, "exif": turned},
        "plain.tif": {},
        "deflate.tif": {"compression": "tiff_deflate"},
        "plain.bmp": {},
        "plain.gif": {},
        "plain.ppm": {},
    }
    for name, options in kinds.items():
        save(f"decode/{name}", picture, options)
    save("decode/gray.jpg", picture.convert("L"), {"quality": 80})
    save("decode/cmyk.jpg", picture.convert("CMYK"), {"quality": 80})
    save("decode/gray.png", picture.convert("L"), {})
    save("decode/alpha.png", picture.convert("RGBA"), {})
    save("decode/palette.png", picture.quantize(16), {})


def save(name: str, picture, options: dict):
    file = io.BytesIO()
    kind = {".jpg": "JPEG", ".tif": "TIFF", ".ppm": "PPM"}.get(name[-4:], name.split(".")[-1].upper())
    picture.save(file, kind, **options)
    write(name, file.getvalue())


models()
if Image:
    photographs()
detections()
pictures()
labels()
write("elf/two.so", elf("libcudart.so.13", "libc.so.6"))
write("elf/none.so", elf())
entries()
