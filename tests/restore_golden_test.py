"""Enlarged and denoised pictures, in tiles, beside the families' arithmetic on the whole picture.

That is tests/reference/restore_reference.py. The largest difference must stay below two levels of 255, one for the
seams of tiles and one for rounding; the mean below a third.
"""

import unittest

from program import SANITIZED, SHARED, needs_shared
from reference_python import REFERENCE, ReferenceTest, run_reference

COMPARE = """
import sys
import numpy as np
from PIL import Image
a, b = (np.asarray(Image.open(f).convert("RGB"), dtype=np.int16) for f in sys.argv[1:3])
assert a.shape == b.shape, (a.shape, b.shape)
d = np.abs(a - b)
print(d.max(), d.mean())
"""

CROP = """
import sys
from PIL import Image
Image.open(sys.argv[1]).convert("RGB").crop((10, 10, 234, 234)).save(sys.argv[2])
"""
BUTTERFLY = SHARED / "datasets/sr_set5/x2/img_003_LR.png"  # edges everywhere

# file, kind, factor, and what else the reference is told
MODELS = (
    ("realesr-general-x4v3.onnx", "rgb", 4),
    ("realesr-animevideov3-x4.onnx", "rgb", 4),
    ("waifu2x-upconv7-photo-noise1-x2.onnx", "rgb", 2, "--margin", "7"),
    ("FSRCNN_x2.onnx", "luma", 2, "--nhwc"),
    ("FSRCNN_x3.onnx", "luma", 3, "--nhwc"),
    ("FSRCNN_x4.onnx", "luma", 4, "--nhwc"),
    ("dncnn_gray_sigma25.onnx", "each", 1),
)


@needs_shared
@unittest.skipIf(SANITIZED, "the arithmetic is the release build's matter")
class RestoreGolden(ReferenceTest):
    def compare(self, model, kind, factor, *how, tile=96, picture=BUTTERFLY):
        mine, theirs = self.folder / "mine.png", self.folder / "theirs.png"
        job = "denoise" if factor == 1 else "upscale"
        words = ["--tile", tile] if tile else []
        self.run_program(job, picture, "-o", mine, "-m", model, *words, "--precision", "fp32", "--overwrite", "--force")
        run_reference(REFERENCE / "restore_reference.py", model, kind, factor, *how, picture, theirs)
        largest, mean = map(float, run_reference("-c", COMPARE, mine, theirs).split())
        with self.subTest(model=str(model)):
            self.assertLessEqual(largest, 2)
            self.assertLess(mean, 0.34)

    def test_every_real_model(self):
        for name, *rest in MODELS:
            self.compare(SHARED / "models/sr" / name, *rest)

    def test_a_model_of_one_size_on_a_picture_of_that_size(self):
        """ESPCN takes 224 x 224 and nothing else; its reference can only make one tile."""
        picture = self.folder / "photo.png"
        run_reference("-c", CROP, SHARED / "datasets/sr_set5/x2/img_003_HR.png", picture)
        self.compare(SHARED / "models/sr/super-resolution-10.onnx", "luma", 3, tile=None, picture=picture)


if __name__ == "__main__":
    unittest.main()
