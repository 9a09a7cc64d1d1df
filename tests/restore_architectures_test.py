"""SCUNet and NAFNet, whose weights are not at hand: their exact networks with random weights, in tiles and whole.

Wants torch: `make training-env` installs it. Seams of random weights say that places of tiles, multiples and blending
are right; what a trained model makes of them `--check-seams` tells.
"""

import os
import pathlib
import subprocess
import unittest

from program import SOURCE, fetched_or_skipped, needs_shared
from reference_python import REFERENCE, ReferenceTest, run_reference
from restore_golden_test import COMPARE

CROP = """
import sys
from PIL import Image
side = 40 + int(sys.argv[2])
Image.open(sys.argv[1]).convert("RGB").crop((40, 40, side, side)).save(sys.stdout.buffer, "png")
"""
TORCH = SOURCE / ".env/training/bin/python"
LIBRARIES = SOURCE / ".env/architectures"


def install_libraries():
    wanted = (REFERENCE / "architectures.txt").read_text()
    stamp = LIBRARIES / "architectures.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    command = [TORCH, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", LIBRARIES]
    fetched_or_skipped(
        subprocess.run([*command, "-r", REFERENCE / "architectures.txt"], capture_output=True, text=True, check=False)
    )
    stamp.write_text(wanted)


@needs_shared
@unittest.skipUnless(TORCH.exists(), "no .env/training: make training-env brings torch")
class Architectures(ReferenceTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_libraries()

    def network(self, name, *words) -> pathlib.Path:
        path = self.folder / name
        command = [TORCH, "-B", REFERENCE / "architectures.py", *map(str, words), path]
        done = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(LIBRARIES)}, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return path

    def denoised(self, model, size, *words):
        photo = self.write(f"photo{size}.png", self.cropped(size))
        result = self.folder / f"{model.stem}.png"
        self.run_program("denoise", photo, "-o", result, "-m", model, "--precision", "fp32", *words)
        return result

    def cropped(self, size) -> bytes:
        return run_reference("-c", CROP, SHARED_PHOTO, size, text=False)

    def difference(self, first, second):
        return tuple(map(float, run_reference("-c", COMPARE, first, second).split()))

    def test_scunet_in_tiles_of_one_size(self):
        tiled = self.denoised(self.network("scunet-tiles.onnx", "scunet", 128), 256)
        whole = self.denoised(self.network("scunet-whole.onnx", "scunet", 256), 256)
        largest, mean = self.difference(tiled, whole)
        self.assertLessEqual(largest, 4)
        self.assertLess(mean, 0.5)

    def test_nafnet_of_any_size_with_its_multiple(self):
        model = self.network("nafnet.onnx", "nafnet")
        tiled = self.denoised(model, 251, "--tile", "128")
        os.rename(tiled, self.folder / "tiled.png")
        whole = self.denoised(model, 251, "--tile", "256", "--overwrite")
        largest, mean = self.difference(self.folder / "tiled.png", whole)
        self.assertLessEqual(largest, 4)
        self.assertLess(mean, 0.5)


SHARED_PHOTO = SOURCE.parent / "shared/datasets/sr_set5/x2/img_003_HR.png"

if __name__ == "__main__":
    unittest.main()
