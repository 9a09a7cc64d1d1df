"""pixmill mask, export mask and mask check: masks as programs of photogrammetry want them."""

import json
import os
import pathlib
import shutil
import struct
import unittest

from png_file import png, png_chunk, png_header, png_pixels
from program import ProgramTest
from tiny_segmenter import tiny_segmenter

NAMES = {
    "colmap": ["a.jpg.png", "deep/b.png.png"],
    "metashape": ["a_mask.png", "deep/b_mask.png"],
    "realitycapture": ["a.jpg.mask.png", "deep/b.png.mask.png"],
    "meshroom": ["a.png", "b.png"],
    "nerfstudio": ["a.png", "deep/b.png"],
    "openmvs": ["a.mask.png", "deep/b.mask.png"],
    "odm": ["a_mask.png", "deep/b_mask.png"],
}


def turned(picture: bytes, orientation: int) -> bytes:
    """A PNG file whose EXIF says that it is to be turned."""
    exif = b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + bytes(4)
    return picture[:33] + png_chunk(b"eXIf", exif) + picture[33:]


class Masks(ProgramTest):
    """Pictures of 80 x 40 with imported labels."""

    def labelled(self, things: dict, names=("person", "backpack", "bench"), folder: str = "photos") -> pathlib.Path:
        """`things`: by picture, (class, left, top, width, height) of each."""
        images = [{"id": i, "file_name": name, "width": 80, "height": 40} for i, name in enumerate(things)]
        annotations = []
        for i, (name, boxes) in enumerate(things.items()):
            if not (self.folder / folder / name).exists():
                self.write(f"{folder}/{name}", png(80, 40))
            for label, x, y, w, h in boxes:
                shape = [[x, y, x + w, y, x + w, y + h, x, y + h]]
                box = {"bbox": [x, y, w, h], "segmentation": shape, "area": w * h, "iscrowd": 0}
                annotations.append(
                    {"id": len(annotations) + 1, "image_id": i, "category_id": names.index(label) + 1, **box}
                )
        categories = [{"id": i + 1, "name": name} for i, name in enumerate(names)]
        labels = {"images": images, "annotations": annotations, "categories": categories}
        self.write("labels.json", json.dumps(labels).encode())
        self.run_program("import", self.folder / "labels.json", "--pictures", self.folder / folder)
        return self.folder / folder

    def export(self, photos, *words, out: str = "out", code=0):
        return self.run_program("export", "mask", "--from", photos, "-o", self.folder / out, *words, code=code)

    def black(self, name: str) -> tuple:
        """(left, top, right, bottom) of what is black, and whether all of that box is; None where nothing is."""
        (width, height, channels), samples = png_pixels((self.folder / name).read_bytes())
        self.assertEqual(channels, 1)
        self.assertLessEqual(set(samples), {0, 255})
        inside = [(i % width, i // width) for i, value in enumerate(samples) if value == 0]
        if not inside:
            return None
        xs, ys = [x for x, _ in inside], [y for _, y in inside]
        box = (min(xs), min(ys), max(xs) + 1, max(ys) + 1)
        self.assertEqual(len(inside), (box[2] - box[0]) * (box[3] - box[1]), "not one box")
        return box

    def test_carried_names_are_the_models(self):
        photos = self.labelled({"a.png": [("person", 10, 5, 20, 30)]})
        wrong = self.export(photos, "--carried", "bakpack", code=2)
        self.assertIn("did you mean backpack", wrong.stderr)

    def test_names_of_every_program(self):
        one = [("person", 30, 10, 20, 20)]
        photos = self.labelled({"a.jpg": one, "deep/b.png": one})
        for profile, names in NAMES.items():
            self.export(photos, "--profile", profile, out=profile)
            self.assertEqual(self.files(profile), names)
            self.assertEqual(self.black(f"{profile}/{names[1]}"), (15, 0, 65, 40), "15 pixels to every side")
            self.assertEqual(png_header((self.folder / profile / names[1]).read_bytes()), (80, 40, 8, 0))
            checked = self.run_program("mask", "check", profile, photos, self.folder / profile)
            self.assertIn("2 masks used, 0 missing, 0 ignored", checked.stdout)
        self.export(photos, "--name", "{stem}-{index}", out="named")
        self.assertEqual(self.files("named"), ["a-1.png", "b-2.png"])

    def test_options_of_shape(self):
        photos = self.labelled({"a.png": [("person", 30, 10, 20, 20), ("bench", 0, 0, 5, 5)]})
        for words, box in (
            (("--dilate", 0), (30, 10, 50, 30)),
            (("--dilate", 7), (23, 3, 57, 37)),
            (("--dilate", 7, "--erode", 2), (25, 5, 55, 35)),
            (("--dilate", 0, "--erode", 30), None),
            (("--dilate", 0, "--min-area", 401), None),
            (("--dilate", 0, "--min-area", "12.5%"), (30, 10, 50, 30)),
            (("--dilate", 0, "--classes", "bench"), (0, 0, 5, 5)),
            (("--dilate", 0, "--confidence", 1), (30, 10, 50, 30)),
        ):
            self.export(photos, *words)
            self.assertEqual(self.black("out/a.png.png"), box, words)
        self.export(photos, "--dilate", 0)
        plain = png_pixels((self.folder / "out/a.png.png").read_bytes())[1]
        for word in ("--invert", "--keep"):
            self.export(photos, "--dilate", 0, word)
            swapped = png_pixels((self.folder / "out/a.png.png").read_bytes())[1]
            self.assertEqual(bytes(255 - value for value in swapped), plain, word)
        self.export(photos, "--dilate", 0, "--feather", 2)
        soft = png_pixels((self.folder / "out/a.png.png").read_bytes())[1]
        self.assertGreater(len(set(soft)), 5)

    def test_panoramas(self):
        photos = self.labelled({"a.png": [("person", 0, 10, 5, 10)]})
        self.export(photos, "--dilate", 4, "--wrap")
        samples = png_pixels((self.folder / "out/a.png.png").read_bytes())[1]
        row = samples[15 * 80 : 16 * 80]
        self.assertEqual([x for x in range(80) if row[x] == 0], [*range(9), 76, 77, 78, 79])

    def test_what_is_carried(self):
        at_the_back, alone = ("backpack", 50, 12, 6, 8), ("backpack", 5, 5, 6, 8)
        photos = self.labelled({"a.png": [("person", 30, 10, 20, 20), at_the_back, alone], "b.png": [alone]})
        self.export(photos, "--dilate", 0, "--carried", "none")
        self.assertEqual(self.black("out/a.png.png"), (30, 10, 50, 30))
        self.export(photos, "--dilate", 0)
        (width, _, _), samples = png_pixels((self.folder / "out/a.png.png").read_bytes())
        self.assertEqual((samples[15 * width + 53], samples[8 * width + 7]), (0, 255), "one is carried, one is not")
        self.assertEqual(samples.count(0), 20 * 20 + 6 * 8)
        self.assertIsNone(self.black("out/b.png.png"))
        self.export(photos, "--dilate", 0, "--classes", "backpack")
        self.assertEqual(self.black("out/b.png.png"), (5, 5, 11, 13))

    def test_nothing_found(self):
        photos = self.labelled({"a.png": [("person", 30, 10, 20, 20)], "b.png": [("bench", 1, 1, 5, 5)]})
        self.export(photos)
        self.assertIsNone(self.black("out/b.png.png"), "COLMAP wants a mask for every picture")
        done = self.export(photos, "--profile", "odm", out="odm")
        self.assertEqual(self.files("odm"), ["a_mask.png"])
        self.assertIn("--every-image", done.stderr)
        self.export(photos, "--profile", "odm", "--every-image", out="odm")
        self.assertEqual(self.files("odm"), ["a_mask.png", "b_mask.png"])
        # A mask that is not true any more goes; one that somebody else wrote stays.
        self.export(photos, "--profile", "odm", out="odm")
        self.assertEqual(self.files("odm"), ["a_mask.png"])
        other = self.folder / "odm/b_mask.png"
        self.run_program("export", "masks", "--from", photos / "b.png", "-o", other)
        made = other.read_bytes()
        self.export(photos, "--profile", "odm", out="odm")
        self.assertEqual(other.read_bytes(), made, "of another format")
        other.write_bytes(b"mine")
        self.export(photos, "--profile", "odm", out="odm")
        self.assertEqual((self.folder / "odm/b_mask.png").read_bytes(), b"mine")
        self.export(photos, "--only-found")
        self.assertEqual(self.files(), ["a.png.png"])
        self.assertIn("contradict", self.export(photos, "--only-found", "--every-image", code=2).stderr)

    def test_orientation(self):
        self.write("photos/a.png", turned(png(40, 80), 6))  # upright it is 80 x 40
        photos = self.labelled({"a.png": [("person", 30, 10, 20, 10)]})
        self.export(photos, "--dilate", 0)
        # Row 0 of the file is its right side: the upright column x is the row 79 - x, the upright row y the column y.
        self.assertEqual(self.black("out/a.png.png"), (10, 30, 20, 50))
        self.assertEqual(png_header((self.folder / "out/a.png.png").read_bytes())[:2], (40, 80))
        self.assertIn("good", self.run_program("mask", "check", "colmap", photos, self.folder / "out").stdout)
        self.export(photos, "--dilate", 0, "--orientation", "upright")
        self.assertEqual(self.black("out/a.png.png"), (30, 10, 50, 20))
        checked = self.run_program("mask", "check", "colmap", photos, self.folder / "out", code=1)
        self.assertIn("--orientation stored", checked.stdout)
        self.write("photos/a.png", png(3, 3))
        changed = self.export(photos, "--dilate", 1, code=1)
        self.assertIn("was changed after it was looked at", changed.stderr)

    def test_fixed_masks(self):
        photos = self.labelled({"a.png": [("person", 30, 12, 20, 10)]})
        rig = self.write("rig.png", png(80, 40, lambda x, y: (0 if y >= 30 else 255,)))
        self.export(photos, "--fixed", rig, "--dilate", 5)
        samples = png_pixels((self.folder / "out/a.png.png").read_bytes())[1]
        self.assertEqual(samples.count(0), 80 * 15 + 30 * 18, "both are grown")
        before = (self.folder / "out/a.png.png").read_bytes()
        self.write("rig.png", png(80, 40, lambda x, y: (0 if y >= 35 else 255,)))
        self.export(photos, "--fixed", rig, "--dilate", 5)
        self.assertNotEqual((self.folder / "out/a.png.png").read_bytes(), before, "another content, another mask")
        self.write("rig.png", png(40, 80, lambda x, y: (255,)))
        done = self.export(photos, "--fixed", rig, code=1)
        self.assertIn("has 80 x 40 pixels, that of --fixed 40 x 80", done.stderr)
        self.assertIn("--fixed", self.export(photos, "--fixed", self.write("x.png", b"no"), code=2).stderr)
        self.assertIn("--fixed", self.export(photos, "--fixed", self.folder / "nowhere.png", code=2).stderr)

    def test_files_that_stand_are_left_alone(self):
        photos = self.labelled({"a.png": [("person", 30, 10, 20, 20)]})

        def told(*words):
            (one,) = json.loads(self.export(photos, "--json", *words).stdout)
            return one["written"], one["unchanged"]

        self.assertEqual(told(), (1, 0))
        (photos / "a.png").touch()
        self.assertEqual(told(), (0, 1))
        self.assertEqual(told("--dilate", 3), (1, 0))

    def test_masks_beside_the_photographs(self):
        photos = self.labelled({"a.png": [("person", 30, 10, 20, 20)], "deep/b.png": [("person", 0, 0, 5, 5)]})
        below = photos / "masks"
        self.run_program("export", "mask", "--from", photos, "-o", below, "--profile", "metashape")
        self.assertIn("2 masks used", self.run_program("mask", "check", "metashape", photos, below).stdout)
        shutil.rmtree(below)
        for profile in ("realitycapture", "odm", "openmvs"):
            self.run_program("export", "mask", "--from", photos, "-o", photos, "--profile", profile)
            for name in NAMES[profile]:
                stem = name.replace("a.jpg", "a.png")
                self.assertTrue((photos / stem).exists(), stem)
            checked = self.program_result("mask", "check", profile, photos, photos, "--json")
            self.assertEqual(json.loads(checked.stdout)["used"], 2)
        refused = self.run_program("export", "mask", "--from", photos, "-o", photos, code=2)
        self.assertIn("lies in the input folder", refused.stderr)
        hidden = photos / ".masks"
        self.run_program("export", "mask", "--from", photos, "-o", hidden)
        self.assertTrue((hidden / "deep/b.png.png").exists())

    def test_frames_keep_their_masks(self):
        person = [("person", 30, 10, 20, 20)]
        moved = [("person", 40, 10, 20, 20)]
        frames = [person, [], [], moved, [], [], [], person, []]
        photos = self.labelled({f"f{i}.png": things for i, things in enumerate(frames)})
        self.write("photos/g/f0.png", png(80, 40))

        def boxes():
            return [self.black(f"out/f{i}.png.png") for i in range(len(frames))]

        found = [things and (things[0][1], 10, things[0][1] + 20, 30) or None for things in frames]
        self.export(photos, "--dilate", 0)
        self.assertEqual(boxes(), found, "off by default")
        for n, filled in ((1, ()), (2, (1, 2)), (3, (1, 2, 4, 5, 6)), (9, (1, 2, 4, 5, 6))):
            self.export(photos, "--dilate", 0, "--steady", n)
            self.assertEqual(boxes(), [(30, 10, 60, 30) if i in filled else box for i, box in enumerate(found)], n)
        (told,) = json.loads(self.export(photos, "--dilate", 0, "--steady", 9, "--json").stdout)
        self.assertEqual((told["written"], told["unchanged"]), (0, len(frames)))
        self.labelled({"f7.png": []})
        self.export(photos, "--dilate", 0, "--steady", 9)
        self.assertEqual(boxes()[4:], [None] * 5, "a neighbour that changed makes the mask anew")

    def test_bad_input(self):
        photos = self.labelled({"a.png": [("person", 30, 10, 20, 20)]})
        self.assertIn("did you mean colmap?", self.export(photos, "--profile", "colmp", code=2).stderr)
        self.assertIn("did you mean person?", self.export(photos, "--classes", "persn", code=2).stderr)
        self.assertIn("--min-area", self.export(photos, "--min-area", "much", code=2).stderr)
        if os.geteuid() != 0:
            closed = self.folder / "closed"
            closed.mkdir(mode=0o500)
            self.assertIn("cannot be written", self.export(photos, out="closed", code=2).stderr)
        other = self.labelled({"c.png": [("face", 1, 1, 5, 5)]}, names=("face",), folder="faces")
        self.assertIn("--classes face", self.export(other, code=2).stderr)

    def test_a_look_at_masks(self):
        self.write("photos/b.png", turned(png(40, 80), 6))
        photos = self.labelled({"a.png": [("person", 30, 10, 20, 20)], "b.png": [("person", 30, 10, 20, 20)]})
        self.run_program("export", "mask,overlay", "--from", photos, "-o", self.folder / "out")
        self.assertEqual(self.files(), ["a.png.png", "b.png.png", "overlay/a.jpg", "overlay/b.jpg"])
        self.run_program("mask", "check", "colmap", photos, self.folder / "out")


class MaskJob(ProgramTest):
    def mask(self, *words, code=0):
        return self.run_program("mask", *words, "-m", self.folder / "tiny.onnx", code=code)

    def test_a_segmenter_and_its_results_are_shared(self):
        self.write("tiny.onnx", tiny_segmenter(names=("person", "backpack")))
        photos = self.write("photos/p.png", png(80, 40)).parent
        self.run_program("segment", photos, "-o", self.folder / "labels", "-m", self.folder / "tiny.onnx")
        known = self.mask(photos, "-o", self.folder / "out", "--dilate", 0, "--overlay", "--draw")
        self.assertIn("1 skipped", known.stdout + known.stderr, "segment has looked at it")
        self.assertEqual(self.files(), ["drawn/p.jpg", "overlay/p.jpg", "p.png.png"])
        (width, height, _), samples = png_pixels((self.folder / "out/p.png.png").read_bytes())
        self.assertEqual((width, height), (80, 40))
        self.assertEqual(samples[20 * width + 25], 0)
        self.assertEqual(samples[20 * width + 45], 255, "the other half of the box is not in the mask")
        again = self.mask(photos, "-o", self.folder / "out", "--dilate", 3)
        self.assertIn("1 skipped", again.stdout + again.stderr)

    def test_beside_one_photograph_and_on_standard_output(self):
        self.write("tiny.onnx", tiny_segmenter(names=("person", "backpack")))
        photo = self.write("photos/p.png", png(80, 40))
        self.mask(photo, "--profile", "odm")
        self.assertEqual(self.files("photos"), ["p.png", "p_mask.png"])
        self.mask(photo.parent, "-o", photo.parent, "--profile", "odm")
        self.assertEqual(self.files("photos"), ["p.png", "p_mask.png"], "its masks are no photographs")
        words = ("mask", photo, "-o", "-", "-m", self.folder / "tiny.onnx", "--profile", "odm")
        done = self.run_program(*words, text=False)
        self.assertEqual(done.stdout, (self.folder / "photos/p_mask.png").read_bytes())

    def test_models_that_do_not_fit(self):
        self.write("tiny.onnx", tiny_segmenter(names=("face", "backpack")))
        photos = self.write("photos/p.png", png(80, 40)).parent
        self.assertIn("person", self.mask(photos, "-o", self.folder / "out", code=2).stderr)
        done = self.run_program("mask", photos, "-o", self.folder / "out", "-m", "starter", code=2)
        self.assertIn("is a model for cutout", done.stderr)


class MaskCheck(ProgramTest):
    def check(self, *words, code=1) -> dict:
        return json.loads(self.run_program("mask", "check", *words, "--json", code=code).stdout)

    def kinds(self, *words, code=1) -> dict:
        return {one["kind"]: one for one in self.check(*words, code=code)["findings"]}

    def setUp(self):
        super().setUp()
        self.photos, self.masks = self.folder / "photos", self.folder / "masks"
        self.write("photos/day 1/012.jpg", png(20, 10))
        self.masks.mkdir()

    def mask(self, name: str, width: int = 20, height: int = 10, value: int = 255) -> None:
        self.write(f"masks/{name}", png(width, height, lambda x, y: (value,)))

    def test_good(self):
        self.mask("day 1/012.jpg.png")
        told = self.check("colmap", self.photos, self.masks, code=0)
        self.assertEqual((told["good"], told["photographs"], told["used"], told["findings"]), (True, 1, 1, []))

    def test_names(self):
        self.assertIn("missing", self.kinds("colmap", self.photos, self.masks))
        self.assertIn("missing", self.kinds("odm", self.photos, self.masks, code=0))
        for wrong in ("day 1/012.png.jpg", "012.jpg.png", "day 2/012.png"):
            self.mask(wrong)
            found = self.kinds("colmap", self.photos, self.masks)
            self.assertIn(wrong, found["name"]["message"])
            self.assertIn("day 1/012.jpg.png", found["name"]["message"])
            self.assertEqual(found["ignored"]["file"], wrong)
            (self.masks / wrong).unlink()

    def test_contents(self):
        name = "day 1/012.jpg.png"
        self.mask(name, 10, 20)
        self.assertIn("10 x 20", self.kinds("colmap", self.photos, self.masks)["size"]["message"])
        self.mask(name, value=0)
        self.assertEqual(set(self.kinds("colmap", self.photos, self.masks)), {"black", "polarity"})
        self.mask(name, value=200)
        self.assertEqual(set(self.kinds("colmap", self.photos, self.masks, code=0)), {"gray"})
        self.write(f"masks/{name}", png(20, 10, lambda x, y: (255, 255, 255)))
        self.assertIn("3 channels", self.kinds("colmap", self.photos, self.masks, code=0)["channels"]["message"])
        self.write(f"masks/{name}", b"no picture")
        self.assertIn("unreadable", self.kinds("colmap", self.photos, self.masks))

    def test_usage(self):
        self.assertIn("did you mean colmap?", self.run_program("mask", "check", "colmp", ".", ".", code=2).stderr)
        self.assertIn("two folders", self.run_program("mask", "check", "colmap", ".", code=2).stderr)
        self.assertIn("not a folder", self.run_program("mask", "check", "colmap", "nowhere", ".", code=2).stderr)


if __name__ == "__main__":
    unittest.main()
