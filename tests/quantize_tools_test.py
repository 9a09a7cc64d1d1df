"""pixmill quantize with the real tools, in its own environment, made once in .env/quantize (about 200 MB).

The rest of quantize is tested with a stand-in, in quantize_test.py.
"""

import json
import shutil
import unittest

from png_file import png, png_pixels
from program import EXAMPLES, SHARED, SOURCE, ProgramTest, fetched_or_skipped, needs_shared

HOME = SOURCE / ".env/quantize"


class RealTools(ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment["PIXMILL_HOME"] = str(HOME)
        self.forget_models()
        self.addCleanup(self.forget_models)

    def forget_models(self):
        for folder in ("models", "state", "cache"):
            shutil.rmtree(HOME / folder, ignore_errors=True)

    def quantize(self, *words) -> dict:
        done = fetched_or_skipped(self.program_result("quantize", "starter", *words, "--json", timeout=1500))
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def corners(self):
        """Each photograph of examples/ in four parts: enough pictures to calibrate and to judge by."""
        for path in EXAMPLES.glob("*.png"):
            (width, height, channels), samples = png_pixels(path.read_bytes())
            for part in range(4):
                x0, y0 = part % 2 * width // 2, part // 2 * height // 2

                def pixel(x, y, x0=x0, y0=y0, width=width, channels=channels, samples=samples):
                    at = ((y + y0) * width + x + x0) * channels
                    return tuple(samples[at : at + 3])

                self.write(f"corners/{path.stem}{part}.png", png(width // 2, height // 2, pixel))
        return self.folder / "corners"

    def test_the_starter_in_int8(self):
        result = self.quantize("--with", self.corners(), "--check", EXAMPLES, "--seconds", "0.05", "--in-float", 0)
        self.assertTrue(result["stored"])
        self.assertEqual(result["in_float"], 0)
        self.assertGreater(result["layers"], 20)
        self.assertEqual(len(result["worst_layers"]), len(set(result["worst_layers"])))
        self.assertLess(result["loss"], result["tolerance"])
        self.assertLess(result["bytes"], 0.6 * result["base_bytes"])
        ended = self.events("cutout", EXAMPLES, "-o", self.folder / "out", "--precision", "int8")
        self.assertEqual((ended[0]["model"], ended[-1]["done"]), ("starter-int8", 3))

    @needs_shared
    def test_the_starter_loses_nothing_on_real_photographs(self):
        ecssd = SHARED / "datasets/ecssd"
        result = self.quantize(
            "--with", SHARED / "datasets/ccp/images", "--check", ecssd / "images", "--masks", ecssd / "masks",
        )  # fmt: skip
        self.assertTrue(result["stored"])
        self.assertLess(result["loss"], 0.01)
        self.assertLess(result["bytes"], 0.6 * result["base_bytes"])


if __name__ == "__main__":
    unittest.main()
