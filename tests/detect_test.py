"""pixmill detect: boxes from a model to label files, with a detector of a few hundred bytes."""

import json
import os
import pathlib
import shutil
import subprocess
import time
import unittest

from png_file import png
from program import SHARED, ProgramTest, needs_shared, program
from tiny_detector import tiny_detector


class DetectTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.model = self.write("tiny.onnx", tiny_detector())

    def lights(self, *levels, folder: str = "photos", size=(80, 40)) -> pathlib.Path:
        """Pictures of one gray each: the tiny detector's first score follows it."""
        for i, level in enumerate(levels):
            self.write(f"{folder}/p{i}.png", png(*size, lambda x, y, level=level: (level,) * 3))
        return self.folder / folder

    def detect(self, *words, code=0):
        return self.run_program("detect", *words, "-m", self.model, code=code)

    def detect_events(self, *words, code=0):
        return self.events("detect", *words, "-m", self.model, code=code)

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()


class Detect(DetectTest):
    def test_yolo_text_and_coco(self):
        photos = self.lights(255, 128, 0)
        self.write("photos/deep/p9.png", png(40, 80, lambda x, y: (255, 255, 255)))
        ended = self.detect_events(photos, "-o", self.folder / "out", "--format", "yolo,coco")
        self.assertEqual(
            self.files(), ["classes.txt", "coco.json", "data.yaml", "deep/p9.txt", "p0.txt", "p1.txt", "p2.txt"]
        )
        # 80x40 in 64x64: 64x32 from row 16 on. x 16..48 of 64, y 24..40 less 16 of 32; the second: 8..24, 40..56.
        lines = self.text("out/p0.txt").splitlines()
        self.assertEqual(lines[0], "0 0.500000 0.500000 0.500000 0.500000")
        self.assertEqual(lines[1], "1 0.250000 0.875000 0.250000 0.250000", "cut at the picture's edge")
        self.assertEqual(self.text("out/p2.txt").splitlines(), lines[1:], "no light, no first box")
        self.assertEqual(self.text("out/classes.txt"), "thing\nit's: odd\n")
        coco = json.loads(self.text("out/coco.json"))
        self.assertEqual([i["file_name"] for i in coco["images"]], ["deep/p9.png", "p0.png", "p1.png", "p2.png"])
        self.assertEqual([c["name"] for c in coco["categories"]], ["thing", "it's: odd"])
        first = [a for a in coco["annotations"] if a["image_id"] == 2]
        self.assertEqual([a["bbox"] for a in first], [[20, 10, 40, 20], [10, 30, 20, 10]])
        exported = {e["format"]: e for e in ended if e["event"] == "exported"}
        self.assertEqual((exported["yolo"]["pictures"], exported["yolo"]["written"]), (4, 6))
        self.assertEqual((exported["coco"]["pictures"], exported["coco"]["written"]), (4, 1))

    def test_existing_files_are_left_alone_on_request(self):
        photos = self.lights(255, 0)
        mine = self.write("out/p0.txt", b"mine\n")
        self.detect(photos, "-o", self.folder / "out", "-n")
        self.assertEqual(mine.read_bytes(), b"mine\n")
        self.assertTrue(self.text("out/p1.txt"))

    def test_another_question_needs_no_inference(self):
        photos, out = self.lights(255, 150, 0), self.folder / "out"  # scores 0.72, 0.52, 0.22: half is padding
        self.detect(photos, "-o", out)
        for words, sizes in (
            (("--confidence", 0.51), [1, 1, 0]),
            (("--conf", 0.05), [2, 2, 2]),
            (("--classes", "thing", "--max-det", 1), [1, 1, 0]),
            (("--classes", "1"), [1, 1, 1]),
        ):
            events = self.detect_events(photos, "-o", out, *words)
            ended = events[-1]
            self.assertEqual((ended["done"], ended["skipped"]), (0, 3), words)
            counts = [len(self.text(f"out/p{i}.txt").splitlines()) for i in range(3)]
            self.assertEqual(counts, sizes, words)
        again = self.detect_events(photos, "-o", out, "--classes", "1")
        (exported,) = (e for e in again if e["event"] == "exported")
        self.assertEqual((exported["written"], exported["unchanged"]), (0, 5))
        self.assertEqual(self.detect_events(photos, "-o", out, "--iou", 0.3)[-1]["done"], 3, "that needs the model")

    def test_a_single_picture(self):
        photo = self.lights(255) / "p0.png"
        self.detect(photo)
        self.assertEqual(self.files("photos"), ["p0.png", "p0.txt"])
        self.detect(photo, "-o", self.folder / "one/here.txt")
        self.assertEqual(self.files("one"), ["here.txt"])
        self.assertEqual(self.detect(photo, "-o", "-").stdout, self.text("photos/p0.txt"))
        coco = self.detect(photo, "-o", "-", "--format", "coco")
        self.assertEqual(len(json.loads(coco.stdout)["images"]), 1)

    def test_standard_input(self):
        photo = (self.lights(255) / "p0.png").read_bytes()
        for words in ((), ("-o", "-")):
            done = subprocess.run(
                [program(), "detect", "-", *words, "-m", str(self.model)],
                input=photo, capture_output=True, env=self.environment, check=True,
            )  # fmt: skip
            self.assertEqual(done.stdout.decode().count("\n"), 2, "also where it was looked at before")

    def test_bad_input(self):
        photos, out = self.lights(255, 255), self.folder / "out"
        starter = self.run_program("detect", photos, "-o", out, "-m", "starter", code=2)
        self.assertIn("'starter' is a model for cutout, not for detect", starter.stderr)
        self.assertIn("did you mean yolo?", self.detect(photos, "-o", out, "--format", "yollo", code=2).stderr)
        self.assertIn("known: thing", self.detect(photos, "-o", out, "--classes", "unicorn", code=2).stderr)
        self.assertIn("0.05", self.detect(photos, "-o", out, "--confidence", "0.01", code=2).stderr)
        self.assertIn("-o", self.detect(photos, code=2).stderr)
        self.assertFalse(out.exists())
        self.write("photos/bad.png", png(8, 8)[:60])
        failed = self.detect(photos, "-o", out, code=1)
        self.assertIn("bad.png", failed.stderr)
        self.assertEqual(self.files(), ["classes.txt", "data.yaml", "p0.txt", "p1.txt"])

    def test_a_model_that_is_no_detector_after_all(self):
        card = "id: odd\ntask: detect\nlicence: MIT\nfiles: [{name: odd.onnx}]\ninput: {size: [64, 64]}\n"
        self.write("odd.yaml", (card + "output: {decoder: yolox}\n").encode())
        self.model = self.write("odd.onnx", tiny_detector())
        failed = self.detect(self.lights(255), "-o", self.folder / "out", code=1)
        self.assertIn("no output that the decoder 'yolox' can read", failed.stderr)
        self.write("odd.yaml", (card + "output: {decoder: yolov8, classes: [cat]}\n").encode())
        failed = self.detect(self.lights(255), "-o", self.folder / "out", code=1)
        self.assertIn("tells 2 classes apart, 1 are named", failed.stderr)

    def test_labels_of_somebody_else_stay(self):
        photos, out = self.lights(255, 255), self.folder / "out"
        self.write("out/p0.txt", b"0 0.1 0.1 0.1 0.1\n")
        failed = self.detect(photos, "-o", out, code=1)
        self.assertIn("p0.txt exists and was not made by pixmill", failed.stderr)
        self.assertEqual(self.text("out/p0.txt"), "0 0.1 0.1 0.1 0.1\n")
        self.assertIn("p1.txt", self.files())
        self.write("out/p1.txt", b"corrected by hand\n")
        self.detect(photos, "-o", out, "--conf", 0.5, code=1)
        self.assertEqual(self.text("out/p1.txt"), "corrected by hand\n")
        self.detect(photos, "-o", out, "--overwrite")
        self.assertEqual(self.text("out/p0.txt"), self.text("out/p1.txt"))

    def test_another_folders_labels_stay(self):
        first, second, out = self.lights(255), self.lights(0, folder="others"), self.folder / "out"
        self.detect(first, "-o", out, "--format", "yolo,coco")
        before = {name: (out / name).read_bytes() for name in self.files()}
        failed = self.detect(second, "-o", out, "--format", "yolo,coco", code=1)
        self.assertIn("is the result of", failed.stderr)
        for name in ("p0.txt", "coco.json"):
            self.assertEqual((out / name).read_bytes(), before[name], name)

    def test_a_lost_catalogue_costs_no_labels(self):
        photos, out = self.lights(255, 0), self.folder / "out"
        self.detect(photos, "-o", out, "--format", "yolo,coco")
        shutil.rmtree(self.folder / "home")
        self.detect(photos, "-o", out, "--format", "yolo,coco")

    def test_a_folder_that_vanishes(self):
        photos, out = self.lights(255, 0), self.folder / "out"
        self.detect(photos, "-o", out)
        shutil.rmtree(out)
        self.detect(photos, "-o", out)
        self.assertEqual(len(self.files()), 4, "made again, without inference")
        shutil.rmtree(out)
        self.write("out", b"a file in its place")
        self.assertIn("is a file", self.detect(photos, "-o", out, code=2).stderr)

    def test_dry_run_and_resume(self):
        photos, out = self.lights(255, 0), self.folder / "out"
        planned = self.detect_events(photos, "-o", out, "--dry-run")
        self.assertEqual([e["action"] for e in planned if e["event"] == "planned"], ["write"] * 2)
        self.assertFalse(out.exists())
        self.assertEqual(self.detect_events(photos, "-o", out)[-1]["done"], 2)
        self.assertEqual(self.detect_events(photos, "-o", out)[-1]["skipped"], 2)
        self.assertEqual(self.detect_events(photos, "-o", out, "--force")[-1]["done"], 2)
        self.lights(7, folder="photos")
        self.assertEqual(self.detect_events(photos, "-o", out)[-1]["done"], 1, "another picture under the same name")

    def test_a_setting_for_cutouts_is_none_for_labels(self):
        photos, out = self.lights(255), self.folder / "out"
        self.run_program("config", "set", "format", "webp")
        self.environment["PIXMILL_FORMAT"] = "png"
        self.detect(photos, "-o", out)
        self.assertIn("p0.txt", self.files())


class Killed(DetectTest):
    def test_nothing_is_lost_and_nothing_half(self):
        """Killed at growing moments, from the first picture to the last export, then run to its end."""
        photos, out = self.lights(*range(0, 240, 4)), self.folder / "out"
        # Which backend is fastest is measured anew in each home, and the last digit of a score is the backend's.
        words = (photos, "-o", out, "--format", "yolo,coco", "--backend", "onnxruntime")
        self.detect(*words[:2], self.folder / "whole", *words[3:])
        whole = {name: (self.folder / "whole" / name).read_bytes() for name in self.files("whole")}
        shutil.rmtree(self.folder / "home")
        command = [program(), "detect", *map(str, words), "-m", str(self.model), "-q"]
        moment = 0.0
        for _ in range(int(os.environ.get("PIXMILL_TEST_KILLS", "60"))):
            running = subprocess.Popen(command, env=self.environment, stderr=subprocess.DEVNULL)
            time.sleep(moment)
            ended = running.poll() is not None
            running.kill()
            running.wait()
            for name in self.files() if out.is_dir() else ():
                if not name.endswith(".tmp"):
                    self.assertEqual((out / name).read_bytes(), whole[name], name)
            moment = 0.0 if ended else moment + 0.005
        self.assertEqual(self.detect_events(*words)[-1]["failed"], 0)
        self.assertEqual({name: (out / name).read_bytes() for name in self.files()}, whole)


@needs_shared
class RealDetectors(DetectTest):
    def test_people_and_things_are_found(self):
        """Against the true boxes of COCO: a nano model finds most large things."""
        model = SHARED / "models/detect/yolox_nano_416.onnx"
        data, out = SHARED / "datasets/coco_val", self.folder / "out"
        self.run_program("detect", data / "images", "-o", out, "-m", model)
        found = total = 0
        for label in sorted((data / "labels_det").iterdir()):
            boxes = [list(map(float, line.split())) for line in (out / label.name).read_text().splitlines()]
            for line in label.read_text().splitlines():
                kind, x, y, width, height = map(float, line.split())
                if width * height < 0.1:
                    continue
                total += 1
                found += any(
                    box[0] == kind and abs(box[1] - x) < width / 4 and abs(box[2] - y) < height / 4 for box in boxes
                )
        print(f"{found} of {total} large things")
        self.assertGreater(found / total, 0.7)


if __name__ == "__main__":
    unittest.main()
