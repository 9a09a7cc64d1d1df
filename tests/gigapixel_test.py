"""Results of 400 megapixels: 1.2 GB below 600 MB of memory, whatever the format; read by Pillow."""

import unittest

from png_file import large_png
from program import SANITIZED
from reference_python import ReferenceTest, run_reference
from tiny_upscaler import tiny_upscaler

SIDE, FACTOR = 5000, 4

# The model repeats pixels: the average of each FACTOR x FACTOR ones is the photo's.
COMPARE = """
import sys
import numpy as np
from PIL import Image
Image.MAX_IMAGE_PIXELS = None
photo, result = (Image.open(path) for path in sys.argv[1:3])
factor = result.width // photo.width
made = np.asarray(result.reduce(factor), dtype=np.int16)
print(factor, np.abs(made - np.asarray(photo, dtype=np.int16)).max())
"""


@unittest.skipIf(SANITIZED, "the sanitizers' own memory counts")
class Gigapixel(ReferenceTest):
    def setUp(self):
        super().setUp()
        self.photo = self.write("photo.png", large_png(SIDE, SIDE))
        self.model = self.write("repeat-x4.onnx", tiny_upscaler(FACTOR))

    def check(self, name, most):
        ended = self.events("upscale", self.photo, "-o", self.folder / name, "-m", self.model)[-1]
        self.assertEqual(ended["done"], 1)
        self.assertLess(ended["peak_memory_bytes"], 600 << 20, name)
        factor, difference = run_reference("-c", COMPARE, self.photo, self.folder / name).split()
        self.assertEqual(int(factor), FACTOR)
        self.assertLessEqual(int(difference), most)

    def test_png(self):
        self.check("out.png", 0)

    def test_tiff(self):
        self.check("out.tif", 0)

    def test_jpeg(self):
        self.check("out.jpg", 24)

    def test_a_size_that_the_format_does_not_have_is_refused_by_name(self):
        done = self.run_program("upscale", self.photo, "-o", self.folder / "out.webp", "-m", self.model, code=1)
        self.assertIn("16383", done.stderr)
        self.assertFalse((self.folder / "out.webp").exists())


if __name__ == "__main__":
    unittest.main()
