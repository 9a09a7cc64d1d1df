"""Memory is bounded by the budget, not by the number of pictures."""

import os
import shutil
import subprocess
import unittest

from png_file import png
from program import SANITIZED, SHARED, ProgramTest, needs_shared

JOBS = os.environ.get("PIXMILL_MADE_UP_JOBS", "")
PHOTO = SHARED / "images/photos/canon_5d3_desk_22mp.jpg"


@unittest.skipIf(SANITIZED, "sanitizers keep freed memory")
class Memory(ProgramTest):
    def peak(self, *words) -> int:
        """Of a whole run, in bytes: the program, its libraries and the model are in it."""
        return self.events("cutout", *words, "--cache", "off")[-1]["peak_memory_bytes"]

    def test_ten_times_the_pictures_take_the_same_memory(self):
        self.discs(500, size=64)
        few, many = (self.peak(self.folder / "in", "-o", self.folder / f"{n}", "--limit", n) for n in (50, 500))
        self.assertLess(many, 1.1 * few)

    @unittest.skipUnless(JOBS, "PIXMILL_MADE_UP_JOBS is not set; ctest names it")
    def test_small_pictures_on_a_large_model(self):
        # Each takes 2 MiB of pixels and 16 MiB of tensors.
        models = self.folder / "models"
        self.discs(1, "one")
        subprocess.run(
            [JOBS, "fifty", models, self.folder / "one", self.folder / "made"],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        picture = png(400, 250, lambda x, y: ((x * y) % 256, (x + y) % 256, 40))
        for i in range(150):
            self.write(f"in/{i}.png", picture + str(i).encode())
        words = (self.folder / "in", "-o", self.folder / "out", "-m", models / "matte.onnx")
        self.assertLess(self.peak(*words, "--memory", "512M"), 1.3 * (512 << 20))

    @needs_shared
    def test_photographs_of_22_megapixels(self):
        (self.folder / "in").mkdir()
        for i in range(5):
            shutil.copy(PHOTO, self.folder / f"in/{i}.jpg")
        peak = self.peak(self.folder / "in", "-o", self.folder / "out", "--memory", "512M")
        self.assertLess(peak, 1.3 * (512 << 20))


if __name__ == "__main__":
    unittest.main()
