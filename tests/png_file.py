"""PNG files, written and read with the standard library alone."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, RGB, GRAY_ALPHA, RGBA = 0, 2, 4, 6  # colour types
CHANNELS = {GRAY: 1, RGB: 3, GRAY_ALPHA: 2, RGBA: 4}


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its length before it and its checksum behind it."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_file(width: int, height: int, depth: int, colour: int, rows, level: int = -1) -> bytes:
    """A PNG file of `rows`, the bytes of each row in turn; they need not be as many and as long as the header says."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    packer = zlib.compressobj(level)
    packed = b"".join(packer.compress(b"\0" + row) for row in rows) + packer.flush()
    return SIGNATURE + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def png(width: int, height: int, pixel=lambda x, y: (200, 100, 50), depth: int = 8) -> bytes:
    """A PNG file of gray, RGB or RGBA of 8 or 16 bits: `pixel` answers a tuple of one, three or four values."""
    channels = len(pixel(0, 0))
    row = struct.Struct(f">{width * channels}{'B' if depth == 8 else 'H'}")
    rows = (row.pack(*(v for x in range(width) for v in pixel(x, y))) for y in range(height))
    return png_file(width, height, depth, {1: GRAY, 3: RGB, 4: RGBA}[channels], rows)


def commented(data: bytes, text: str) -> bytes:
    """The same pixels in another PNG file."""
    return data[:33] + png_chunk(b"tEXt", b"Comment\0" + text.encode()) + data[33:]


def large_png(width: int, height: int) -> bytes:
    """A PNG file of a gradient, made quickly: all of its rows are the same."""
    row = bytes(v for x in range(width) for v in (x * 255 // width, x & 63, 90))
    return png_file(width, height, 8, RGB, [row] * height, level=1)


def png_header(data: bytes) -> tuple:
    """(width, height, bit depth, colour type) of a PNG file."""
    assert data[:8] == SIGNATURE, data[:16]
    return struct.unpack(">IIBB", data[16:26])


def png_lines(data: bytes) -> bytes:
    """The unpacked lines of a PNG file, each with the byte of its filter before it."""
    packed, at = b"", 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += 12 + length
    return zlib.decompress(packed)


def png_pixels(data: bytes) -> tuple:
    """((width, height, channels), samples) of a PNG file of 8 bits, without palette and interlacing."""
    width, height, depth, colour = png_header(data)
    assert depth == 8 and data[28] == 0, (depth, data[28])
    channels = CHANNELS[colour]
    lines, stride = png_lines(data), width * channels
    samples, above = bytearray(), bytearray(stride)
    for start in range(0, height * (stride + 1), stride + 1):
        above = unfiltered(lines[start], bytearray(lines[start + 1 : start + 1 + stride]), above, channels)
        samples += above
    return (width, height, channels), bytes(samples)


def unfiltered(kind: int, row: bytearray, above: bytearray, step: int) -> bytearray:
    """A row of a PNG file with its filter undone, in place."""
    for i in range(len(row) if kind else 0):
        left, corner = (row[i - step], above[i - step]) if i >= step else (0, 0)
        up = above[i]
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = up
        elif kind == 3:
            guess = (left + up) // 2
        else:
            middle = left + up - corner
            guess = min((left, up, corner), key=lambda value: abs(middle - value))
        row[i] = (row[i] + guess) & 255
    return row
