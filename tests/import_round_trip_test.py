"""pixmill import: what pixmill exports is imported again as it was, as far as the format holds it."""

import json
import shutil
import unittest

from import_test import ImportTest

BOXED = {"class": "cat", "class_id": 0, "confidence": 0.75, "box": [1.25, 2.5, 11.5, 12.75]}
TRIANGLE = [3, 3, 13, 3, 13, 9.5]
DRAWN = {"class": "dog", "class_id": 1, "confidence": 0.5, "box": [3, 3, 13, 9.5], "polygon": [TRIANGLE]}
PARTS = {**DRAWN, "box": [3, 3, 33, 9.5], "polygon": [TRIANGLE, [23, 3, 33, 3, 33, 9]]}
# A square of 6 x 6 pixels from (10, 5) on with a hole of 2 x 2 in the middle, by columns of 20.
COLUMNS = [(x, [(5, 11)] if x not in (12, 13) else [(5, 7), (9, 11)]) for x in range(10, 16)]


def runs(height=20, width=40) -> list:
    counts, at = [], 0
    for x, spans in COLUMNS:
        for top, bottom in spans:
            counts += [x * height + top - at, bottom - top]
            at = x * height + bottom
    return [*counts, width * height - at]


HOLED = {**DRAWN, "box": [10, 5, 16, 11], "rle": {"size": [20, 40], "counts": runs()}}
del HOLED["polygon"]
PICTURES = {"a.png": [BOXED, DRAWN], "b/c.png": [PARTS], "d.png": [HOLED], "e.png": []}
NO_SCORES, BOXES_ONLY, WHOLE_PIXELS = {"yolo", "cvat", "darknet"}, {"voc", "createml", "csv", "darknet"}, {"voc"}
PARTS_APART, PARTS_AS_ONE, NO_HOLES = {"label-studio"}, {"yolo", "cvat"}, {"yolo", "labelme", "label-studio"}


class RoundTrip(ImportTest):
    def setUp(self):
        super().setUp()
        self.photos = self.pictures(*PICTURES)
        lines = [{"image": name, "width": 40, "height": 20, "detections": found} for name, found in PICTURES.items()]
        path = self.text_file("first.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        self.assertEqual(self.imported(path, "--pictures", self.photos)["written"], 4)

    def told(self, photos) -> dict:
        words = ["--confidence", "0.05", "--simplify", "0", "--rle"]
        done = self.run_program("export", "jsonl", "--from", photos, "-o", "-", *words)
        return {line["image"]: line["detections"] for line in map(json.loads, done.stdout.splitlines())}

    def test_what_was_imported_is_what_is_told(self):
        told = self.told(self.photos)
        self.assertEqual(sorted(told), sorted(PICTURES))
        self.assertEqual(told["a.png"][0]["box"], BOXED["box"])
        self.assertEqual(told["b/c.png"][0]["polygon"], PARTS["polygon"])
        self.assertEqual(told["d.png"][0]["area"], 32)

    def test_every_format(self):
        first = self.told(self.photos)
        for form in ("yolo", "coco", "voc", "labelme", "createml", "cvat", "label-studio", "darknet", "csv", "jsonl"):
            with self.subTest(form):
                out, copy = self.folder / f"out-{form}", self.folder / f"copy-{form}"
                shutil.copytree(self.photos, copy)
                words = ["--rle"] if form == "jsonl" else []
                self.run_program("export", form, "--from", self.photos, "-o", f"{out}/", "--confidence", "0.05", *words)
                done = self.imported(out, "--pictures", copy)
                self.assertEqual((done["format"], done["failed"]), ("yolo" if form == "darknet" else form, []))
                self.compare(form, first, self.told(copy))

    def compare(self, form: str, first: dict, again: dict):
        names = [name for name in first if first[name] or form != "csv"]
        self.assertEqual(sorted(again), sorted(names))
        for name in names:
            if name == "b/c.png" and form in PARTS_APART:
                self.assertEqual([len(one["polygon"]) for one in again[name]], [1, 1])
                continue
            key = lambda one: (one["class"], one["box"])  # noqa: E731
            self.assertEqual(len(again[name]), len(first[name]))
            for old, new in zip(sorted(first[name], key=key), sorted(again[name], key=key), strict=True):
                self.same(form, old, new)

    def same(self, form: str, old: dict, new: dict):
        self.assertEqual((new["class"], new["class_id"]), (old["class"], old["class_id"]))
        self.assertEqual(new["confidence"], 1 if form in NO_SCORES else old["confidence"])
        for one, other in zip(old["box"], new["box"], strict=True):
            self.assertAlmostEqual(one, other, delta=self.rounding(form, old))
        if form in BOXES_ONLY:
            self.assertNotIn("polygon", new)
        elif "polygon" in old and form in NO_HOLES and old["area"] == 32:
            self.assertAlmostEqual(new["area"], 36, delta=0.1)
        elif "polygon" in old:
            parts = len(old["polygon"])
            if parts == 1 or form not in PARTS_AS_ONE:
                self.assertEqual(len(new["polygon"]), parts)
            rounding = 8 if self.is_mask(form, old) else 1 if form == "jsonl" else 0.2  # whose masks are whole pixels
            self.assertAlmostEqual(new["area"], old["area"], delta=rounding)

    def is_mask(self, form: str, old: dict) -> bool:
        """CVAT has no polygons of several parts: they are a mask of whole pixels."""
        return form == "cvat" and len(old.get("polygon", [])) > 1

    def rounding(self, form: str, old: dict) -> float:
        return 1.01 if self.is_mask(form, old) else 0.51 if form in WHOLE_PIXELS else 0.02


if __name__ == "__main__":
    unittest.main()
