"""--equirect: panoramas of the whole sphere with discs on it, and a model of a few bytes that sees their colour."""

import math
import unittest

from png_file import RGB, png_file
from program import ProgramTest
from records import records, spans
from tiny_detector import node, number, part, port, table

SIDE = 256  # pixels of the model's input
CARD = f"""
id: colours
title: red
task: segment
family: deeplab
licence: MIT
source: this test
files:
  - name: colours.onnx
input:
  size: [{SIDE}, {SIDE}]
  resize: stretch
output:
  decoder: classes
  activation: softmax
  classes: [ground, person]
  background: 0
"""


def colours() -> bytes:
    """A pixel is a person's where it is red: one convolution of one pixel."""
    graph = part(
        7,
        node("Conv", ["images", "weights", "bias"], "output0"),
        part(2, "colours"),
        table("weights", [2, 3, 1, 1], [0.0, 0.0, 0.0, 10.0, 0.0, 0.0]),
        table("bias", [2], [5.0, 0.0]),
        port(11, "images", [1, 3, SIDE, SIDE]),
        port(12, "output0", [1, 2, SIDE, SIDE]),
    )
    return number(1, 8) + graph + part(8, part(1, ""), number(2, 13))


def caps(width: int, height: int, discs) -> list:
    """Rows of bytes: 1 where a pixel lies in a disc of the sphere (yaw, pitch, radius in degrees)."""
    columns = [math.tau * ((x + 0.5) / width - 0.5) for x in range(width)]
    along = [[math.cos(column - math.radians(yaw)) for column in columns] for yaw, _, _ in discs]
    rows = []
    for y in range(height):
        pitch = math.pi * (0.5 - (y + 0.5) / height)
        row = bytearray(width)
        for (_, middle, radius), cosines in zip(discs, along):
            high, wide = (
                math.sin(pitch) * math.sin(math.radians(middle)),
                math.cos(pitch) * math.cos(math.radians(middle)),
            )
            edge = math.cos(math.radians(radius))
            for x, cosine in enumerate(cosines):
                if high + wide * cosine >= edge:
                    row[x] = 1
        rows.append(bytes(row))
    return rows


def picture(rows: list) -> bytes:
    """A PNG file: red where the rows have 1, gray elsewhere."""
    colour = (b"\x64\x64\x64", b"\xff\x00\x00")
    return png_file(len(rows[0]), len(rows), 8, RGB, (b"".join(colour[v] for v in row) for row in rows), level=1)


def overlap(runs, rows: list) -> float:
    """Pixels in a mask and in the rows, by pixels in one or both."""
    height, inside, both = len(rows), 0, 0
    for at, end in spans(runs):
        for i in range(at, end):
            inside += 1
            both += rows[i % height][i // height]
    return both / (inside + sum(map(sum, rows)) - both)


class Panorama(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("colours.onnx", colours())
        self.write("colours.yaml", CARD.encode())

    def segment(self, *words, code=0):
        return self.run_program(
            "segment",
            self.folder / "in",
            "-m",
            self.folder / "colours.onnx",
            "-o",
            self.folder / "out",
            *words,
            code=code,
        )

    def people(self, name: str) -> list:
        found = records(self.environment["PIXMILL_HOME"])[name]
        return [thing for thing in found["things"] if found["names"][thing["label"]] == "person"]

    def test_the_operator_under_the_tripod_and_a_person_across_the_edge(self):
        rows = caps(1024, 512, [(0, -90, 30), (180, 0, 20)])
        self.write("in/sphere.png", picture(rows))
        self.segment("--equirect")
        (person,) = self.people("sphere")
        self.assertGreater(overlap(person["runs"], rows), 0.98)
        self.assertEqual((person["box"][0], person["box"][2]), (0, 1024))

    def test_it_is_another_result_than_without(self):
        rows = caps(256, 128, [(0, 0, 30)])
        self.write("in/sphere.png", picture(rows))
        self.segment()
        self.assertIn("1 done", self.segment("--equirect").stderr)
        self.assertIn("1 skipped", self.segment("--equirect").stderr)

    def test_other_shapes_fail_by_name(self):
        rows = caps(64, 32, [(0, 0, 30)])
        self.write("in/good.png", picture(rows))
        self.write("in/deep/photo.png", picture(rows[:24]))
        done = self.segment("--equirect", code=1)
        self.assertIn("photo.png is 64 x 24 pixels", done.stderr)
        self.assertTrue(self.people("good"))

    def test_two_ways_to_look_are_one_too_many(self):
        self.write("in/sphere.png", picture(caps(64, 32, [(0, 0, 30)])))
        self.assertIn("--slice", self.segment("--equirect", "--slice", "320", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
