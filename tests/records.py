"""What pixmill has found, read from its catalogue: records of the kind "detections/2" (pixmill/tasks/detections.h)."""

import pathlib
import sqlite3
import struct


class Body:
    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, kinds: str) -> tuple:
        values = struct.unpack_from("<" + kinds, self.data, self.at)
        self.at += struct.calcsize("<" + kinds)
        return values

    def text(self) -> str:
        (length,) = self.take("H")
        return self.take(f"{length}s")[0].decode()

    def run(self) -> int:
        value = shift = 0
        while True:
            (part,) = self.take("B")
            value |= (part & 0x7F) << shift
            shift += 7
            if part < 0x80:
                return value

    def points(self) -> list:
        (count,) = self.take("I")
        return [self.take("ff") for _ in range(count)]


def unpacked(data: bytes) -> dict:
    """{"size": [height, width], "names": None for COCO's, "things": [{label, box, score, runs, polygons, points}]}"""
    body = Body(data)
    width, height, *_ = body.take("IIfff")
    names = None if body.take("I")[0] else [body.text() for _ in range(body.take("I")[0])]
    things = []
    for _ in range(body.take("I")[0]):
        *box, score, label, follows = body.take("fffffIB")
        thing = {"label": label, "box": box, "score": score}
        if follows & 1:
            thing["runs"] = [body.run() for _ in range(body.take("I")[0])]
        if follows & 2:
            thing["polygons"] = [body.points() for _ in range(body.take("I")[0])]
        if follows & 4:
            thing["points"] = body.points()
        things.append(thing)
    assert body.at == len(data), (body.at, len(data))
    return {"size": [height, width], "names": names, "things": things}


def records(home) -> dict:
    """By the picture's name without its ending; the last one that was made."""
    catalogue = next(pathlib.Path(home).rglob("catalogue.db"))
    query = """SELECT inputs.path, records.body FROM records JOIN results ON results.id = records.result
               JOIN inputs ON inputs.id = results.input WHERE records.kind = 'detections/2' ORDER BY results.id"""
    with sqlite3.connect(f"file:{catalogue}?mode=ro", uri=True) as database:
        return {pathlib.Path(path).stem: unpacked(body) for path, body in database.execute(query)}


def spans(runs) -> list:
    """The pixels inside, as pairs of where they begin and end."""
    pairs, at = [], 0
    for i, run in enumerate(runs):
        if i % 2:
            pairs.append((at, at + run))
        at += run
    return pairs


def area(runs) -> int:
    return sum(runs[1::2])


def iou(a, b) -> float:
    """Of two masks as runs."""
    first, second, common, i, j = spans(a), spans(b), 0, 0, 0
    while i < len(first) and j < len(second):
        common += max(0, min(first[i][1], second[j][1]) - max(first[i][0], second[j][0]))
        if first[i][1] <= second[j][1]:
            i += 1
        else:
            j += 1
    either = area(a) + area(b) - common
    return common / either if either else 0.0
