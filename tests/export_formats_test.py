"""The formats of detect and export from end to end, read with Python's standard library; data sets and zip files."""

import csv
import io
import json
import os
import pathlib
import subprocess
import unittest
import urllib.parse
import xml.etree.ElementTree
import zipfile

from detect_test import DetectTest
from png_file import png, png_pixels
from program import program

# 80x40 pixels: the tiny detector finds (20, 10, 60, 30) and (10, 30, 30, 40).
FIRST, SECOND = [20, 10, 60, 30], [10, 30, 30, 40]


class ExportTest(DetectTest):
    def looked_at(self, count=2) -> pathlib.Path:
        photos = self.lights(*[255] * count)
        self.write("photos/day 1/ä & b.png", png(80, 40, lambda x, y: (255, 255, 255)))
        self.detect(photos, "-o", self.folder / "labels", "--format", "coco")
        return photos

    def export(self, *words, code=0):
        return self.run_program("export", *words, code=code)


class Formats(ExportTest):
    def test_every_format_of_one_run(self):
        photos, out = self.looked_at(), self.folder / "out"
        formats = "voc,labelme,createml,cvat,label-studio,csv,jsonl,masks,yolo"
        self.export(formats, "--from", photos, "-o", out)
        voc = xml.etree.ElementTree.parse(out / "day 1/ä & b.xml").getroot()
        self.assertEqual(voc.findtext("filename"), "day 1/ä & b.png")
        boxes = [[int(one.findtext(f"bndbox/{side}")) for side in ("xmin", "ymin", "xmax", "ymax")]
                 for one in voc.iter("object")]  # fmt: skip
        self.assertEqual(boxes, [FIRST, SECOND])
        labelme = json.loads((out / "day 1/ä & b.json").read_text())
        self.assertEqual((out / "day 1" / labelme["imagePath"]).resolve(), (photos / "day 1/ä & b.png").resolve())
        self.assertEqual(labelme["shapes"][0]["points"], [FIRST[:2], FIRST[2:]])
        createml = json.loads(self.text("out/createml.json"))
        self.assertEqual([one["image"] for one in createml], ["day 1/ä & b.png", "p0.png", "p1.png"])
        self.assertEqual(createml[0]["annotations"][0]["coordinates"], {"x": 40, "y": 20, "width": 40, "height": 20})
        cvat = xml.etree.ElementTree.parse(out / "cvat.xml").getroot()
        self.assertEqual([one.get("name") for one in cvat.iter("image")], ["day 1/ä & b.png", "p0.png", "p1.png"])
        self.assertEqual([float(next(cvat.iter("box")).get(side)) for side in ("xtl", "ytl", "xbr", "ybr")], FIRST)
        (studio, *_) = json.loads(self.text("out/label-studio.json"))
        address = urllib.parse.urlsplit(studio["data"]["image"])
        self.assertEqual(urllib.parse.parse_qs(address.query), {"d": ["day 1/ä & b.png"]})
        value = studio["predictions"][0]["result"][0]["value"]
        self.assertEqual([value[key] for key in ("x", "y", "width", "height")], [25, 25, 50, 50])
        rows = list(csv.DictReader(io.StringIO(self.text("out/detections.csv"))))
        self.assertEqual([float(rows[0][key]) for key in ("x0", "y0", "x1", "y1")], FIRST)
        self.assertEqual((rows[0]["image"], rows[0]["class"], rows[0]["area"]), ("day 1/ä & b.png", "thing", "800"))
        lines = [json.loads(line) for line in self.text("out/detections.jsonl").splitlines()]
        self.assertEqual([one["box"] for one in lines[0]["detections"]], [FIRST, SECOND])
        self.assertEqual(set(lines[0]) - {"sharpness", "brightness"}, {"image", "width", "height", "detections"})
        size, pixels = png_pixels((out / "masks/day 1/ä & b.png").read_bytes())
        self.assertEqual(size, (80, 40, 1))
        self.assertEqual(pixels.count(1), 800)
        self.assertEqual((pixels.count(2), pixels[35 * 80 + 15]), (200, 2))
        self.assertEqual(pixels.count(0), 3200 - 1000)

    def test_two_formats_with_one_name_are_refused(self):
        photos = self.looked_at()
        refused = self.export("yolo,darknet", "--from", photos, "-o", self.folder / "out", code=2)
        self.assertIn("yolo and darknet would both be written to", refused.stderr)
        self.assertFalse((self.folder / "out/p0.txt").exists())

    def test_masks_below_the_inputs_are_refused(self):
        photos = self.looked_at()
        refused = self.export("masks", "--from", photos, "-o", photos / "out", code=2)
        self.assertIn("would be inputs of the next run", refused.stderr)
        self.assertFalse((photos / "out").exists())

    def test_no_detections_and_the_help(self):
        photos, out = self.lights(0), self.folder / "out"
        self.detect(photos, "-o", out, "--format", "jsonl,csv,voc", "--classes", "thing")
        self.assertEqual(json.loads(self.text("out/detections.jsonl"))["detections"], [])
        self.assertEqual(self.text("out/detections.csv").count("\n"), 1)
        self.assertEqual(list(xml.etree.ElementTree.parse(out / "p0.xml").getroot().iter("object")), [])
        text = self.run_program("detect", "--help").stdout
        for word in ("label-studio", "createml", "--split", "--zip", "--images", "--simplify"):
            self.assertIn(word, text)


class DataSets(ExportTest):
    def test_a_split_that_ultralytics_reads(self):
        photos, out = self.looked_at(40), self.folder / "set"
        self.export("yolo", "--from", photos, "-o", out, "--split", "70/20/10")
        images = {p.relative_to(out / "images") for p in (out / "images").rglob("*.png")}
        labels = {p.relative_to(out / "labels").with_suffix(".png") for p in (out / "labels").rglob("*.txt")}
        self.assertEqual(images, labels)
        self.assertEqual(len(images), 41)
        self.assertEqual({p.parts[0] for p in images}, {"train", "val", "test"})
        for image in images:
            self.assertTrue((out / "images" / image).is_symlink())
            self.assertEqual((out / "images" / image).resolve(), (photos / pathlib.Path(*image.parts[1:])).resolve())
        data = self.text("set/data.yaml")
        for line in ("train: images/train", "val: images/val", "test: images/test", 'names:\n  0: "thing"'):
            self.assertIn(line + "\n", data)
        told = json.loads(self.export("yolo", "--from", photos, "-o", out, "--split", "70/20/10", "--json").stdout)
        self.assertEqual((told[0]["written"], told[0]["unchanged"]), (0, 43))
        refused = self.export("yolo", "--from", photos, "-o", out, "--split", "10/90", code=2)
        self.assertIn("the folder holds another split", refused.stderr)

    def test_pictures_stay_in_their_part_when_others_come(self):
        photos = self.looked_at(20)

        def parts(name):
            self.export("coco", "--from", photos, "-o", self.folder / name, "--split", "60/40")
            return {p.name: p.parent.name for p in (self.folder / name / "images").rglob("p*.png")}

        before = parts("one")
        self.lights(*[255] * 40)
        self.detect(photos, "-o", self.folder / "labels", "--format", "coco")
        after = parts("two")
        self.assertEqual({name: after[name] for name in before}, before)
        self.assertEqual(len(after), 40)
        names = set()
        for part in ("train", "val"):
            coco = json.loads(self.text(f"two/annotations/instances_{part}.json"))
            for image in coco["images"]:
                self.assertTrue((self.folder / "two/images" / part / image["file_name"]).exists())
                names.add(image["file_name"])
        self.assertEqual(len(names), 41)

    def test_zip_files_are_whole_and_the_same_each_time(self):
        photos = self.looked_at()
        for name in ("one", "two"):
            self.export("yolo,voc,coco,darknet,cvat,labelme,createml,label-studio,csv,jsonl,masks",
                        "--from", photos, "-o", self.folder / name, "--zip", "--images", "copy")  # fmt: skip
        expected = {
            "yolo": {"data.yaml", "classes.txt", "images/train/p0.png", "labels/train/day 1/ä & b.txt"},
            "darknet": {"obj.names", "obj.data", "train.txt", "obj_train_data/p0.txt", "obj_train_data/p0.png"},
            "voc": {"Annotations/p1.xml", "JPEGImages/p1.png", "ImageSets/Main/default.txt", "labelmap.txt"},
            "coco": {"annotations/instances_default.json", "images/default/day 1/ä & b.png"},
            "cvat": {"annotations.xml", "images/p0.png"},
            "labelme": {"p0.png", "p0.json", "day 1/ä & b.json"},
            "createml": {"p0.png", "_annotations.createml.json"},
            "label-studio": {"tasks_all.json", "label-studio.xml"},
            "csv": {"all.csv"},
            "jsonl": {"all.jsonl"},
            "masks": {"masks/train/p0.png", "images/train/p0.png", "masks.txt"},
        }
        for name, files in expected.items():
            file = self.folder / "one" / f"{name}.zip"
            self.assertEqual(file.read_bytes(), (self.folder / "two" / f"{name}.zip").read_bytes(), name)
            with zipfile.ZipFile(file) as archive:
                self.assertIsNone(archive.testzip())
                self.assertLessEqual(files, set(archive.namelist()), name)
                for picture in (one for one in archive.namelist() if one.endswith("p0.png") and "masks" not in one):
                    self.assertEqual(archive.read(picture), (photos / "p0.png").read_bytes())
        with zipfile.ZipFile(self.folder / "one/voc.zip") as archive:
            self.assertEqual(archive.read("ImageSets/Main/default.txt").decode(), '"day 1/ä & b"\np0\np1\n')
        with zipfile.ZipFile(self.folder / "one/darknet.zip") as archive:
            self.assertEqual(archive.read("train.txt").decode().splitlines()[1], "data/obj_train_data/p0.png")
            self.assertIn("train = data/train.txt", archive.read("obj.data").decode())

    def test_a_zip_by_its_name_holds_labels_only_and_is_left_alone(self):
        photos, target = self.looked_at(), self.folder / "my set.zip"
        self.export("yolo", "--from", photos, "-o", target, "--zip")
        with zipfile.ZipFile(target) as archive:
            self.assertEqual([name for name in archive.namelist() if name.endswith(".png")], [])
        before = target.stat().st_mtime_ns
        (told,) = json.loads(self.export("yolo", "--from", photos, "-o", target, "--zip", "--json").stdout)
        self.assertEqual((told["unchanged"], target.stat().st_mtime_ns), (1, before))
        target.write_bytes(b"mine")
        self.assertIn("--overwrite", self.export("yolo", "--from", photos, "-o", target, "--zip", code=1).stderr)
        self.assertEqual(target.read_bytes(), b"mine")

    def test_a_job_makes_a_data_set_too(self):
        photos, out = self.lights(255, 255, 255), self.folder / "set"
        self.detect(photos, "-o", out, "--format", "yolo,coco", "--split", "50/50", "--images", "copy")
        self.assertEqual(len(list((out / "yolo/images").rglob("*.png"))), 3)
        self.assertEqual(len(list((out / "coco/images").rglob("*.png"))), 3)
        self.assertFalse(any(p.is_symlink() for p in out.rglob("*.png")))

    def test_bad_input(self):
        photos = self.looked_at()
        self.assertIn("--split", self.export("yolo", "--from", photos, "-o", "x", "--split", "80", code=2).stderr)
        self.assertIn("-o FOLDER/", self.export("yolo", "--from", photos, "--split", "80/20", code=2).stderr)
        refused = self.export("yolo", "--from", photos, "-o", photos / "set", "--split", "80/20", code=2)
        self.assertIn("would be inputs of the next run", refused.stderr)
        self.assertIn("cannot be", self.export("coco", "--from", photos, "-o", "/proc/x/", "--zip", code=2).stderr)
        (photos / "p0.jpg").write_bytes((photos / "p0.png").read_bytes())
        self.detect(photos, "-o", self.folder / "labels", "--format", "coco")
        twins = self.export("yolo", "--from", photos, "-o", self.folder / "t.zip", "--zip", code=1)
        self.assertIn("would both be labels/train/p0.txt", twins.stderr)
        os.remove(photos / "p0.jpg")
        os.remove(photos / "p1.png")
        gone = self.export("voc", "--from", photos, "-o", self.folder / "g.zip", "--zip", "--images", "copy", code=1)
        self.assertIn("p1.png", gone.stderr)
        with zipfile.ZipFile(self.folder / "g.zip") as archive:
            self.assertNotIn("Annotations/p1.xml", archive.namelist())

    def test_a_full_disk_leaves_the_old_file(self):
        photos, target = self.looked_at(), self.folder / "set.zip"
        self.export("coco", "--from", photos, "-o", target, "--zip")
        before = target.read_bytes()
        words = f"'{program()}' export coco --from '{photos}' -o '{target}' --zip --images copy"
        command = f"trap '' XFSZ; ulimit -f 1; exec {words}"
        (photos / "p0.png").write_bytes(os.urandom(100_000))
        done = subprocess.run(
            ["bash", "-c", command], env=self.environment, capture_output=True, text=True, check=False
        )  # fmt: skip
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(target.read_bytes(), before)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.endswith(".tmp")], [])


if __name__ == "__main__":
    unittest.main()
