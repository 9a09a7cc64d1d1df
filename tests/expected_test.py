"""The photographs of examples/ beside expected pictures that are committed, so that this runs everywhere.

tests/reference/make_expected.py made them with the reference arithmetic. What may differ, in parts of the full range:
the mean by less than 0.002, of which the 8 bits of both files take half; no single sample by more than 0.012
(3 of 255).
"""

import unittest

from png_file import png_pixels
from program import EXAMPLES, SOURCE, ProgramTest

EXPECTED = SOURCE / "tests/expected"
MEAN = 0.002
LARGEST = 0.012


def apart(one: bytes, other: bytes) -> tuple:
    """Mean and largest difference of 8-bit samples, in parts of the full range."""
    differences = [abs(a - b) for a, b in zip(one, other)]
    return sum(differences) / len(differences) / 255, max(differences) / 255


def as_seen(rgba: bytes) -> bytes:
    """Colours times opacity, and the opacity: what lies under full transparency counts nothing."""
    seen = bytearray(rgba)
    for i in range(0, len(seen), 4):
        alpha = seen[i + 3]
        for c in range(i, i + 3):
            seen[c] = (seen[c] * alpha + 127) // 255
    return bytes(seen)


class Expected(ProgramTest):
    def backends(self) -> list:
        return ["onnxruntime", "openvino"] if self.has_openvino() else ["onnxruntime"]

    def cut(self, backend: str, *words):
        out = self.folder / backend
        pinned = ("-m", SOURCE / "models/starter/cutout.onnx", "--precision", "fp32", "--backend", backend)
        self.run_program("cutout", EXAMPLES, "-o", out, "--name", "{stem}.{ext}", "--refine", "none", *pinned, *words)
        return out

    def assert_near(self, found: bytes, expected: bytes, name: str):
        mean, largest = apart(found, expected)
        self.assertLess(mean, MEAN, f"{name}: mean difference")
        self.assertLessEqual(largest, LARGEST, f"{name}: largest difference")

    def test_mattes(self):
        for backend in self.backends():
            out = self.cut(backend, "--only-mask")
            names = sorted(path.name.removesuffix(".matte.png") for path in EXPECTED.glob("*.matte.png"))
            self.assertEqual(names, sorted(path.stem for path in EXAMPLES.glob("*.png")))
            for name in names:
                size, expected = png_pixels((EXPECTED / f"{name}.matte.png").read_bytes())
                found_size, found = png_pixels((out / f"{name}.png").read_bytes())
                self.assertEqual((found_size, size[2]), (size, 1), name)
                self.assert_near(found, expected, f"{backend}, {name}")

    def test_colours_of_a_finished_cut_out(self):
        (path,) = EXPECTED.glob("*.cutout.png")
        name = path.name.removesuffix(".cutout.png")
        size, expected = png_pixels(path.read_bytes())
        self.assertEqual(size[2], 4)
        for backend in self.backends():
            out = self.cut(backend)
            found_size, found = png_pixels((out / f"{name}.png").read_bytes())
            self.assertEqual(found_size, size)
            self.assert_near(as_seen(found), as_seen(expected), f"{backend}, {name}")

    def test_the_tolerance_sees_what_matters(self):
        """A matte moved by one pixel, and colours with the old background in them, are refused."""
        (width, _, _), matte = png_pixels((EXPECTED / "astronaut.matte.png").read_bytes())
        moved = b"".join(matte[i : i + 1] + matte[i : i + width - 1] for i in range(0, len(matte), width))
        with self.assertRaises(AssertionError):
            self.assert_near(moved, matte, "moved by a pixel")
        (path,) = EXPECTED.glob("*.cutout.png")
        _, expected = png_pixels(path.read_bytes())
        out = self.cut("onnxruntime", "--foreground", "keep")
        _, kept = png_pixels((out / path.name.replace(".cutout", "")).read_bytes())
        with self.assertRaises(AssertionError):
            self.assert_near(as_seen(kept), as_seen(expected), "the photograph's own colours")


if __name__ == "__main__":
    unittest.main()
