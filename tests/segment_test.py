"""pixmill segment: masks from a model to records and labels, with a segmenter of a few kilobytes."""

import json
import math
import pathlib
import unittest

from png_file import GRAY, png, png_file
from program import SHARED, ProgramTest, needs_shared
from records import area, records, spans
from tiny_segmenter import THINGS, halves, tiny_segmenter


def plain_png(width: int, height: int) -> bytes:
    """A PNG file of one gray, made quickly whatever its size."""
    return png_file(width, height, 8, GRAY, [b"\x80" * width] * height)


def bounds(runs, height: int) -> list:
    """The smallest box around a mask of full runs in its columns."""
    inside = [(at // height, at % height, end - at) for at, end in spans(runs)]
    rows = [(y, y + length) for _, y, length in inside]
    left, right = inside[0][0], inside[-1][0] + 1
    return [left, min(y for y, _ in rows), right, max(end for _, end in rows)]


class Segment(ProgramTest):
    def segment(self, *words, model: str = "tiny.onnx", code=0):
        return self.run_program("segment", *words, "-m", self.folder / model, code=code)

    def found(self) -> dict:
        return records(self.environment["PIXMILL_HOME"])

    def test_masks_are_recorded_inside_their_boxes(self):
        self.write("tiny.onnx", tiny_segmenter())
        photo = self.write("photos/p.png", png(80, 40))
        done = self.segment(photo.parent, "-o", self.folder / "out", "--format", "coco")
        self.assertIn("with masks of 2 prototypes", done.stderr)
        one = self.found()["p"]
        self.assertEqual((one["size"], one["names"]), ([40, 80], ["thing", "other"]))
        # 80x40 in 64x64: 64x32 from row 16 on. Of the first box, x 16..48 and y 24..40, the left half is a mask.
        first, second = one["things"]
        self.assertEqual(first["box"], [20, 10, 60, 30])
        self.assertEqual(bounds(first["runs"], 40), [20, 10, 40, 30])
        self.assertEqual(area(first["runs"]), 20 * 20)
        self.assertEqual(bounds(second["runs"], 40), second["box"])
        self.assertEqual([round(thing["score"], 2) for thing in one["things"]], [0.9, 0.5], "no mask, no thing")
        coco = json.loads((self.folder / "out/coco.json").read_text())
        self.assertEqual([a["area"] for a in coco["annotations"]], [20 * 20, area(second["runs"])])
        again = self.segment(photo.parent, "-o", self.folder / "out", "--format", "coco")
        self.assertIn("1 skipped", again.stdout + again.stderr)

    def test_pictures_of_any_size(self):
        everywhere = [(32, 32, 64, 64, 0.9, 0.0, 0.0, 1.0)]
        self.write("tiny.onnx", tiny_segmenter(everywhere))
        sizes = [(1, 1), (1, 300), (20000, 300), (3, 2)]
        for width, height in sizes:
            self.write(f"photos/p{width}x{height}.png", plain_png(width, height))
        self.segment(self.folder / "photos", "-o", self.folder / "out")
        found = self.found()
        for width, height in sizes:
            (thing,) = found[f"p{width}x{height}"]["things"]
            self.assertEqual(area(thing["runs"]), width * height)

    def test_many_things(self):
        # As many as the tiny model has room for, one in the other.
        things = [(32, 32, 64 - i / 2, 64 - i / 2, 0.9 - i / 200, 0.0, 0.0, 1.0) for i in range(84)]
        self.write("tiny.onnx", tiny_segmenter(things))
        photo = self.write("photos/p.png", plain_png(640, 640))
        self.segment(photo, "-o", self.folder / "out", "--iou", 1, "--confidence", 0.05)
        found = self.found()["p"]["things"]
        self.assertEqual(len(found), 84)
        for thing, (_, _, width, height, *_) in zip(found, things):
            self.assertAlmostEqual(area(thing["runs"]), width * height * 100, delta=20 * (width + height))

    def test_what_a_bad_model_gives_is_refused_by_name(self):
        photo = self.write("photos/p.png", png(16, 16))
        for name, value in (("nan", math.nan), ("inf", math.inf)):
            self.write(f"{name}.onnx", tiny_segmenter(prototypes=[value] * len(halves())))
            done = self.segment(photo, "-o", self.folder / name, model=f"{name}.onnx", code=1)
            self.assertIn("not a number or infinite", done.stderr)
        card = pathlib.Path(self.write("named.onnx", tiny_segmenter())).with_suffix(".yaml")
        card.write_text(
            "id: named\ntask: segment\nlicence: MIT\nfiles: [{name: named.onnx}]\n"
            "input: {size: [64, 64]}\noutput: {decoder: yolov8, classes: [a, b, c]}\n"
        )
        done = self.segment(photo, "-o", self.folder / "named_out", model="named.onnx", code=1)
        self.assertIn("tells 2 classes apart, 3 are named", done.stderr)
        self.assertEqual(len(THINGS), 3)

    def test_a_detector_finds_no_shapes(self):
        from tiny_detector import tiny_detector

        photo = self.write("photos/p.png", png(16, 16))
        self.write("boxes.onnx", tiny_detector())
        done = self.segment(photo, "-o", self.folder / "out", model="boxes.onnx", code=2)
        self.assertIn("is a model for detect, not for segment", done.stderr)

    def test_verify_judges_by_masks(self):
        model = self.write("tiny.onnx", tiny_segmenter())
        photo = self.write("photos/p.png", png(32, 32))
        done = self.run_program("verify", photo.parent, "-m", model)
        self.assertIn("mask IoU", done.stdout)


@needs_shared
class RealSegmenters(ProgramTest):
    def test_a_known_thing_is_where_it_is(self):
        """Masks of a bus and of a dog: so much of the picture, and hardly outside of its box."""
        models = SHARED / "models/segment"
        photos = SHARED / "images/photos"
        deeplab = models / "deeplab_v3_pascal.onnx"
        refused = self.run_program("segment", photos / "bus.jpg", "-m", deeplab, "--slice", "320", "-o", "-", code=2)
        self.assertIn("gives each pixel a class", refused.stderr)
        cases = (
            ("yolo11n-seg_int8_640.onnx", "bus.jpg", "bus", 0.30),
            ("deeplab_v3_pascal.onnx", "bus.jpg", "bus", 0.30),
            ("pan_skin_clothes_hair.onnx", "portrait_street.jpg", "hair", 0.09),
        )
        for model, photo, name, share in cases:
            with self.subTest(model):
                home = self.folder / model
                self.environment["PIXMILL_HOME"] = str(home)
                self.run_program("segment", photos / photo, "-o", home / "out", "-m", models / model)
                (one,) = records(home).values()
                labels = one["names"].index(name) if one["names"] else 5  # COCO's number of the bus
                (thing, *_) = [t for t in one["things"] if t["label"] == labels]
                height, width = one["size"]
                self.assertAlmostEqual(area(thing["runs"]) / (height * width), share, delta=0.06)
                around = bounds(thing["runs"], height)
                for side, limit, sign in zip(around, thing["box"], (1, 1, -1, -1)):
                    self.assertGreater(sign * (side - limit), -1.01)


if __name__ == "__main__":
    unittest.main()
