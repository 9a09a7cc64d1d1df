"""Exports read back by somebody else's readers, in environments of their own: pycocotools, Datumaro, LabelMe and Label
Studio's SDK in .env/formats, which is made once; ultralytics, which is some gigabytes, where .env/ultralytics is there:

    python3 -m venv .env/ultralytics && .env/ultralytics/bin/pip install ultralytics==8.4.190
"""

import json
import pathlib
import subprocess
import sys
import unittest
import zipfile

from detect_test import DetectTest
from png_file import png
from program import SOURCE, fetched_or_skipped

TOOLS, ULTRALYTICS = SOURCE / ".env/formats", SOURCE / ".env/ultralytics"
WANTED = ["pycocotools==2.0.11", "datumaro==1.13.12", "labelme==6.3.1", "label-studio-sdk==2.1.2"]
SIZE = (80, 40)
COCO = """
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
truth = COCO(sys.argv[1])
things = truth.loadAnns(truth.getAnnIds())
scores = {}
for kind in ["bbox"] + ["segm"] * bool(things[0]["segmentation"]):
    judge = COCOeval(truth, truth.loadRes([dict(one) for one in things]), kind)
    judge.evaluate(); judge.accumulate(); judge.summarize()
    scores[kind] = judge.stats[0]
answer = {
    "images": [image["file_name"] for image in truth.loadImgs(truth.getImgIds())],
    "classes": [one["name"] for one in truth.loadCats(truth.getCatIds())],
    "pixels": [int(truth.annToMask(one).sum()) if one["segmentation"] else 0 for one in things],
    "areas": [one["area"] for one in things],
    "precision": scores}
"""
DATUMARO = """
from datumaro.components.dataset import Dataset
from datumaro.components.annotation import AnnotationType
answer = {}
read = Dataset.import_from(sys.argv[1], sys.argv[2])
names = [one.name for one in read.categories()[AnnotationType.label]]
for item in read:
    shown = answer.setdefault(item.id, {"subset": item.subset, "things": []})
    for one in item.annotations:
        box = [round(float(side), 2) for side in one.get_bbox()]
        mask = int(one.image.sum()) if one.type == AnnotationType.mask else 0
        shown["things"].append([names[one.label], one.type.name, box, mask])
    shown["things"].sort()
    shown["size"] = list(item.media.size) if item.media is not None and item.media.has_data else None
"""
LABELME = """
from labelme._label_file import LabelFile
file = LabelFile(sys.argv[1])
answer = {"picture": file.imagePath, "bytes": len(file.imageData or b""),
          "shapes": [[one["label"], one["shape_type"], one["points"], one["group_id"]] for one in file.shapes]}
"""
LABEL_STUDIO = """
from label_studio_sdk.label_interface import LabelInterface
interface = LabelInterface(open(sys.argv[2]).read())
tasks = json.load(open(sys.argv[1]))
answer = {"errors": [str(error) for task in tasks for one in task["predictions"]
                     for error in interface.validate_prediction(one, return_errors=True)],
          "tasks": [interface.validate_task({"data": task["data"]}, validate_regions_only=False) for task in tasks],
          "results": sum(len(task["predictions"][0]["result"]) for task in tasks)}
"""
YOLO = """
from ultralytics.data.utils import check_det_dataset
from ultralytics.data.dataset import YOLODataset
from ultralytics.data.utils import polygon2mask
data = check_det_dataset(sys.argv[1])
answer = {"names": data["names"], "parts": {}}
for part in ("train", "val"):
    use = sys.argv[2] == "segment"
    read = YOLODataset(img_path=data[part], data=data, task=sys.argv[2], augment=False, rect=False, imgsz=64)
    answer["parts"][part] = [{"picture": one["im_file"], "classes": one["cls"].ravel().tolist(),
                              "boxes": one["bboxes"].round(6).tolist(),
                              "pixels": [int(polygon2mask(one["shape"], [(segment * one["shape"][::-1]).ravel()]).sum())
                                         for segment in one["segments"]] if use else []}
                             for one in read.labels]
"""


def ring() -> list:
    """COCO's runs of 10x10 pixels at (10, 10), 4x4 in the middle of them not: 84."""
    bits = [int(10 <= x < 20 and 10 <= y < 20 and not (13 <= x < 17 and 13 <= y < 17))
            for x in range(SIZE[0]) for y in range(SIZE[1])]  # fmt: skip
    runs, now = [0], 0
    for bit in bits:
        if bit != now:
            runs.append(0)
            now = bit
        runs[-1] += 1
    return runs


class Tools(DetectTest):
    @classmethod
    def setUpClass(cls):
        stamp = TOOLS / "wanted.txt"
        if stamp.exists() and stamp.read_text() == "\n".join(WANTED):
            return
        made = subprocess.run([sys.executable, "-m", "venv", TOOLS], capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
        command = [TOOLS / "bin/pip", "install", "--quiet", "--only-binary=:all:", *WANTED]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert fetched_or_skipped(done).returncode == 0, done.stderr
        stamp.write_text("\n".join(WANTED))

    def ask(self, script, *words, tools=TOOLS):
        """What a script leaves in `answer`."""
        done = subprocess.run(
            [tools / "bin/python", "-B", "-c", "import json, sys\n" + script + "\nprint(json.dumps(answer))", *words],
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "QT_QPA_PLATFORM": "offscreen",
                 "YOLO_CONFIG_DIR": str(self.folder), "YOLO_OFFLINE": "1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout.splitlines()[-1])

    odd = "it's: odd"

    def labelled(self, count=1) -> pathlib.Path:
        """Pictures with a ring, a triangle, and, each second one, a box, made known by an import."""
        images, things = [], []
        for i in range(count):
            name = f"p{i}.png"
            self.write(f"photos/{name}", png(*SIZE, lambda x, y, i=i: (i, x, y)))
            images.append({"id": i, "file_name": name, "width": SIZE[0], "height": SIZE[1]})
            shapes = [(1, [10, 10, 10, 10], {"counts": ring(), "size": SIZE[::-1]}),
                      (2, [40, 10, 20, 20], [[40, 10, 60, 10, 40, 30]]),
                      (1, [60, 20, 10.5, 10.5], [])]  # fmt: skip
            for kind, box, shape in shapes if i % 2 else shapes[:2]:
                things.append({"id": len(things) + 1, "image_id": i, "category_id": kind, "bbox": box,
                               "iscrowd": 0, "area": 1, "segmentation": shape})  # fmt: skip
        classes = [{"id": 1, "name": "ring"}, {"id": 2, "name": self.odd}]
        file = self.write(
            "truth.json", json.dumps({"images": images, "annotations": things, "categories": classes}).encode()
        )
        self.run_program("import", file, "--pictures", self.folder / "photos")
        return self.folder / "photos"

    def export(self, form, *words, output="out"):
        self.run_program("export", form, "--from", self.folder / "photos", "-o", self.folder / output, *words)
        return self.folder / output


class Readers(Tools):
    def test_pycocotools(self):
        self.labelled()
        read = self.ask(COCO, self.export("coco") / "coco.json")
        self.assertEqual((read["images"], read["classes"]), (["p0.png"], ["ring", "it's: odd"]))
        self.assertEqual((sorted(read["pixels"])[0], read["areas"][0]), (84, 84), "the hole is there")
        self.assertLess(abs(sorted(read["pixels"])[1] - 200), 15, "half of 20x20, by their filling")
        self.assertAlmostEqual(read["precision"]["bbox"], 1)
        self.assertAlmostEqual(read["precision"]["segm"], 1)

    def test_pycocotools_of_boxes_that_a_model_found(self):
        photos, out = self.lights(255, 160, 0), self.folder / "out"
        self.detect(photos, "-o", out, "--format", "coco")
        read = self.ask(COCO, out / "coco.json")
        self.assertEqual(read["images"], ["p0.png", "p1.png", "p2.png"])
        self.assertAlmostEqual(read["precision"]["bbox"], 1)

    def data_set(self, form, its_name, *words):
        """What Datumaro reads of the zip file of one picture with everything in it."""
        self.labelled(2)
        with zipfile.ZipFile(self.export(form, "--zip", "--images", "copy", *words, output="set.zip")) as archive:
            archive.extractall(self.folder / "set")
        return self.ask(DATUMARO, self.folder / "set", its_name)

    RING, TRIANGLE, BOX = [10, 10, 10, 10], [40, 10, 20, 20], [60, 20, 10.5, 10.5]
    BOXES = [["it's: odd", "bbox", TRIANGLE, 0], ["ring", "bbox", RING, 0], ["ring", "bbox", BOX, 0]]

    def check(self, read, shapes, subset):
        self.assertEqual(sorted(read), ["p0", "p1"])
        self.assertEqual(read["p1"]["things"], shapes)
        self.assertEqual(read["p0"]["things"], [one for one in shapes if one[2][0] != 60])
        self.assertEqual((read["p1"]["size"], read["p1"]["subset"]), (list(SIZE[::-1]), subset))

    def test_datumaro_coco(self):
        read = self.data_set("coco", "coco")
        self.assertIn(["ring", "mask", self.RING, 84], read["p1"]["things"])
        self.assertIn(["it's: odd", "polygon", self.TRIANGLE, 0], read["p1"]["things"])
        self.assertEqual((len(read), read["p0"]["subset"]), (2, "default"))

    def test_datumaro_voc(self):
        shapes = [
            ["it's odd", "bbox", self.TRIANGLE, 0],
            ["ring", "bbox", self.RING, 0],
            ["ring", "bbox", [60, 20, 11, 11], 0],
        ]
        self.odd = "it's odd"
        read = self.data_set("voc", "voc")
        for one in read.values():  # rounded to even numbers or up
            one["things"] = [thing for thing in one["things"] if thing[2] != [60, 20, 10, 10]]
        self.check(read, shapes, "default")

    def test_datumaro_cvat(self):
        shapes = [
            ["it's: odd", "polygon", self.TRIANGLE, 0],
            ["ring", "bbox", self.BOX, 0],
            ["ring", "mask", self.RING, 84],
        ]
        self.check(self.data_set("cvat", "cvat"), shapes, "annotations")

    def test_datumaro_yolo_of_boxes(self):
        self.check(self.data_set("yolo", "yolo", "--boxes"), self.BOXES, "train")

    def test_datumaro_darknet(self):
        self.check(self.data_set("darknet", "yolo"), self.BOXES, "train")

    def test_labelme_finds_its_picture(self):
        photos = self.labelled(2)
        read = self.ask(LABELME, self.export("labelme", output="labels") / "p1.json")
        self.assertEqual(read["picture"], "../photos/p1.png")
        self.assertGreater(read["bytes"], 50)
        self.assertIn(["it's: odd", "polygon", [[40, 10], [60, 10], [40, 30]], None], read["shapes"])
        self.assertIn(["ring", "rectangle", [[60, 20], [70.5, 30.5]], None], read["shapes"])
        self.assertEqual(len(read["shapes"]), 3)
        self.assertTrue(photos.exists())

    def test_label_studio_takes_its_predictions(self):
        self.labelled(2)
        out = self.export("label-studio")
        read = self.ask(LABEL_STUDIO, out / "label-studio.json", out / "label-studio.xml")
        self.assertEqual((read["errors"], read["results"]), ([], 5))


@unittest.skipUnless(ULTRALYTICS.exists(), f"no environment {ULTRALYTICS}: see the top of this file")
class Ultralytics(Tools):
    def test_it_reads_shapes(self):
        self.labelled(12)
        out = self.export("yolo", "--split", "60/40")
        read = self.ask(YOLO, out / "data.yaml", "segment", tools=ULTRALYTICS)
        self.assertEqual(read["names"], {"0": "ring", "1": "it's: odd"})
        pictures = read["parts"]["train"] + read["parts"]["val"]
        self.assertEqual(len({pathlib.Path(one["picture"]).name for one in pictures}), 12)
        self.assertGreater(len(read["parts"]["val"]), 0)
        for one in pictures:
            self.assertEqual(sorted(one["classes"])[-1], 1)
            for box, kind in zip(one["boxes"], one["classes"], strict=True):
                if kind == 1:
                    self.assertEqual(box, [50 / 80, 20 / 40, 20 / 80, 20 / 40])
            self.assertLess(abs(min(pixels for pixels in one["pixels"] if pixels > 150) - 210), 30)

    def test_it_reads_boxes(self):
        self.labelled(6)
        out = self.export("yolo", "--split", "50/50", "--boxes")
        read = self.ask(YOLO, out / "data.yaml", "detect", tools=ULTRALYTICS)
        boxes = [box for one in read["parts"]["train"] + read["parts"]["val"] for box in one["boxes"]]
        self.assertEqual(len(boxes), 15)
        third = [65.25 / 80, 25.25 / 40, 10.5 / 80, 10.5 / 40]
        self.assertEqual(sum(max(abs(a - b) for a, b in zip(box, third, strict=True)) < 1e-5 for box in boxes), 3)


if __name__ == "__main__":
    unittest.main()
