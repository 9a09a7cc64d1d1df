"""PNG files as pixmill writes them: the same pixels for every reader and every effort; pngcheck finds nothing."""

import ctypes
import ctypes.util
import pathlib
import shutil
import subprocess
import unittest

from png_file import png, png_pixels
from program import ProgramTest, disc
from reference_python import run_reference, skip_without_reference

EFFORTS = ("fast", "balanced", "small")

PILLOW = """
import sys
from PIL import Image
for path in sys.argv[1:]:
    with Image.open(path) as image:
        sys.stdout.buffer.write(image.tobytes())
"""


def scene(x: int, y: int) -> tuple:
    """A disc on a slope with some noise: transparent, opaque and half-covered pixels, flat and busy ones."""
    red, green, blue = disc(x, y, 160)[:3]
    return (red, (green + x) % 256, (blue + (x * 7 + y * 13) % 5 * (y > 80)) % 256)


class Png(ProgramTest):
    def setUp(self):
        super().setUp()
        self.source = self.write("scene.png", png(160, 160, scene))

    def made(self) -> dict:
        """By name: a cut-out and a matte of each effort, and a cut-out over white."""
        for effort in EFFORTS:
            self.run_program("cutout", self.source, "-o", f"{self.folder}/{effort}/", "--mask", "--effort", effort)
        self.run_program("cutout", self.source, "-o", f"{self.folder}/white/", "--background", "white")
        return {str(path.relative_to(self.folder)): path for path in sorted(self.folder.glob("*/*.png"))}

    def test_every_effort_has_the_same_pixels(self):
        made = self.made()
        self.assertEqual(len(made), 7)
        for kind in ("scene_nobg.png", "scene_nobg_mask.png"):
            first = png_pixels(made[f"balanced/{kind}"].read_bytes())
            self.assertEqual(first[0], (160, 160, 1 if "mask" in kind else 4))
            for effort in EFFORTS:
                self.assertEqual(png_pixels(made[f"{effort}/{kind}"].read_bytes()), first, effort)
        sizes = [made[f"{effort}/scene_nobg.png"].stat().st_size for effort in EFFORTS]
        self.assertLess(sizes[2], sizes[1])

    def test_pillow_reads_the_same_pixels(self):
        skip_without_reference()
        made = self.made()
        read = run_reference("-c", PILLOW, *made.values(), text=False)
        self.assertEqual(read, b"".join(png_pixels(path.read_bytes())[1] for path in made.values()))

    def test_libspng_reads_the_same_pixels(self):
        name = ctypes.util.find_library("spng")
        if name is None:
            raise unittest.SkipTest("libspng is not installed")
        for path in self.made().values():
            self.assertEqual(read_by_libspng(ctypes.CDLL(name), path), png_pixels(path.read_bytes())[1], path)

    def test_pngcheck_finds_nothing(self):
        if shutil.which("pngcheck") is None:
            raise unittest.SkipTest("pngcheck is not installed")
        command = ["pngcheck", "-q", *map(str, self.made().values())]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_another_effort_is_another_result(self):
        out = f"{self.folder}/out/"
        self.run_program("cutout", self.source, "-o", out)
        first = (self.folder / "out/scene_nobg.png").stat().st_size
        self.assertIn("1 skipped", self.run_program("cutout", self.source, "-o", out).stderr)
        self.run_program("cutout", self.source, "-o", out, "--png-effort", "small")
        self.assertLess((self.folder / "out/scene_nobg.png").stat().st_size, first)

    def test_an_effort_that_there_is_not_is_named(self):
        done = self.run_program("cutout", self.source, "--effort", "9", code=2)
        self.assertIn("balanced", done.stderr)


def read_by_libspng(spng: ctypes.CDLL, path: pathlib.Path) -> bytes:
    """The samples of a file in the file's own layout, sums checked."""
    keep_format = 256  # SPNG_FMT_PNG: as in the file, samples of the machine's byte order
    data = path.read_bytes()
    spng.spng_ctx_new.restype = ctypes.c_void_p
    reader = ctypes.c_void_p(spng.spng_ctx_new(0))
    try:
        size = ctypes.c_size_t()
        for result in (
            spng.spng_set_png_buffer(reader, data, ctypes.c_size_t(len(data))),
            spng.spng_decoded_image_size(reader, keep_format, ctypes.byref(size)),
        ):
            assert result == 0, (path, result)
        samples = ctypes.create_string_buffer(size.value)
        result = spng.spng_decode_image(reader, samples, size, keep_format, 0)
        assert result == 0, (path, result)
        return samples.raw
    finally:
        spng.spng_ctx_free(reader)


if __name__ == "__main__":
    unittest.main()
