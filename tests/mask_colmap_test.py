"""Masks in COLMAP itself, where it is installed (Debian: colmap): no key point lies under a mask. Takes a minute."""

import json
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import unittest

from png_file import png_pixels
from program import SHARED, ProgramTest, needs_shared


@needs_shared
@unittest.skipUnless(shutil.which("colmap"), "COLMAP is not installed")
class Colmap(ProgramTest):
    def key_points(self, name: str, photos: pathlib.Path, *words) -> dict:
        """(x, y) of each, by the name of the photograph."""
        database = self.folder / f"{name}.db"
        command = ["colmap", "feature_extractor", "--database_path", database, "--image_path", photos, *words]
        command += ["--SiftExtraction.use_gpu", "0", "--SiftExtraction.max_image_size", "1600"]
        environment = {**self.environment, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, env=environment, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        query = "SELECT name, rows, cols, data FROM keypoints JOIN images USING (image_id)"
        found = {}
        with sqlite3.connect(database) as connection:
            for picture, rows, columns, data in connection.execute(query):
                values = struct.unpack(f"<{rows * columns}f", data)
                found[picture] = [(values[i], values[i + 1]) for i in range(0, len(values), columns)]
        return found

    def test_no_key_point_under_a_mask(self):
        photos = self.folder / "photos"
        shutil.copytree(SHARED / "images/sequence_sceaux", photos / "day 1")
        names = sorted(str(path.relative_to(photos)) for path in photos.rglob("*.JPG"))
        self.turn(photos / names[-1])
        self.run_program("import", self.labels(photos, names), "--pictures", photos)
        masks = self.folder / "masks"
        self.run_program("export", "mask", "--from", photos, "-o", masks, "--dilate", 40)
        self.run_program("mask", "check", "colmap", photos, masks)
        everywhere = self.key_points("plain", photos)
        masked = self.key_points("masked", photos, "--ImageReader.mask_path", masks)
        self.assertEqual(sorted(masked), names)
        for name in names:
            (width, height, _), samples = png_pixels((masks / f"{name}.png").read_bytes())

            def under(points, width=width, height=height, samples=samples):
                return sum(samples[min(int(y), height - 1) * width + min(int(x), width - 1)] == 0 for x, y in points)

            self.assertGreater(under(everywhere[name]), 100, "without masks there are some")
            self.assertEqual(under(masked[name]), 0, name)
            self.assertGreater(len(masked[name]), 100)

    def labels(self, photos: pathlib.Path, names: list) -> pathlib.Path:
        """A person in each, of the upright picture."""
        images, things = [], []
        for i, name in enumerate(names):
            width, height = self.jpeg_size((photos / name).read_bytes())
            if name == names[-1]:
                width, height = height, width
            images.append({"id": i, "file_name": name, "width": width, "height": height})
            box = [width // 3, height // 3, width // 4, height // 2]
            things.append({"id": i + 1, "image_id": i, "category_id": 1, "bbox": box, "area": 1, "iscrowd": 0})
        text = {"images": images, "annotations": things, "categories": [{"id": 1, "name": "person"}]}
        return self.write("labels.json", json.dumps(text).encode())

    def turn(self, photo: pathlib.Path) -> None:
        """From now on EXIF says that it is seen on its side."""
        data = photo.read_bytes()
        upright, turned = b"\x01\x12\0\3\0\0\0\1\0\1", b"\x01\x12\0\3\0\0\0\1\0\6"
        self.assertIn(upright, data[:1000])
        photo.write_bytes(data.replace(upright, turned, 1))

    @staticmethod
    def jpeg_size(data: bytes) -> tuple:
        at = 2
        while data[at + 1] not in (0xC0, 0xC1, 0xC2):
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")


if __name__ == "__main__":
    unittest.main()
