"""pixmill export: the catalogue's records in the formats of other programs."""

import json
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from detect_test import DetectTest
from program import program


class Export(DetectTest):
    def looked_at(self, *levels) -> pathlib.Path:
        """A folder of pictures that a job has looked at; its labels are gone."""
        photos = self.lights(*levels)
        self.detect(photos, "-o", self.folder / "labels")
        shutil.rmtree(self.folder / "labels")
        return photos

    def export(self, *words, code=0):
        return self.run_program("export", *words, code=code)

    def test_the_same_bytes_as_the_job_without_model_and_pictures(self):
        photos, out = self.lights(255, 128, 0), self.folder / "out"
        self.detect(photos, "-o", out, "--format", "yolo,coco")
        for photo in photos.iterdir():
            photo.write_bytes(b"")
        self.model.unlink()
        done = self.export("yolo,coco", "--from", photos, "-o", self.folder / "again")
        self.assertIn("3 pictures", done.stdout)
        self.assertEqual(self.files("again"), self.files("out"))
        for name in self.files("out"):
            self.assertEqual((self.folder / "again" / name).read_bytes(), (out / name).read_bytes(), name)

    def test_one_file_standard_output_and_another_confidence(self):
        photos = self.looked_at(255, 150, 0)
        self.export("coco", "--from", photos, "-o", self.folder / "my.json", "--confidence", 0.6)
        self.assertEqual(len(json.loads(self.text("my.json"))["annotations"]), 1)
        coco = json.loads(self.export("coco", "--from", photos, "-o", "-").stdout)
        self.assertEqual(len(coco["annotations"]), 5)
        self.assertEqual(self.export("yolo", "--from", photos / "p2.png", "-o", "-").stdout.count("\n"), 1)
        (told,) = json.loads(self.export("coco", "--from", photos, "-o", self.folder / "my.json", "--json").stdout)
        self.assertEqual((told["format"], told["pictures"], told["written"]), ("coco", 3, 1))
        (told,) = json.loads(self.export("coco", "--from", photos, "-o", self.folder / "my.json", "--json").stdout)
        self.assertEqual((told["written"], told["unchanged"]), (0, 1))

    def test_pictures_in_natural_order(self):
        photos = self.looked_at(*range(0, 240, 20))
        coco = json.loads(self.export("coco", "--from", photos, "-o", "-").stdout)
        self.assertEqual([i["file_name"] for i in coco["images"]], [f"p{i}.png" for i in range(12)])

    def test_several_folders_and_folders_within(self):
        self.lights(255, folder="a/deep")
        self.lights(128, folder="b")
        self.detect(self.folder / "a", "-o", self.folder / "la")
        self.detect(self.folder / "b", "-o", self.folder / "lb")
        done = self.export("coco", "--from", self.folder / "a", "--from", self.folder / "b", "-o", "-")
        coco = json.loads(done.stdout)
        self.assertEqual([i["file_name"] for i in coco["images"]], ["deep/p0.png", "p0.png"])

    def test_bad_input(self):
        photos = self.looked_at(255)
        self.assertIn("did you mean coco?", self.export("cocco", "--from", photos, code=2).stderr)
        self.assertIn("known: yolo, coco", self.export("--from", photos, code=2).stderr)
        self.assertIn("-o labels/", self.export("yolo", "--from", photos, code=2).stderr)
        self.assertIn("nowhere", self.export("coco", "--from", self.folder / "nowhere", "-o", "-", code=3).stderr)
        empty = self.folder / "empty"
        empty.mkdir()
        self.assertIn("run the job first", self.export("coco", "--from", empty, "-o", "-", code=3).stderr)
        self.write("mine.json", b"{}")
        foreign = self.export("coco", "--from", photos, "-o", self.folder / "mine.json", code=1)
        self.assertIn("was not made by pixmill", foreign.stderr)
        self.assertEqual(self.text("mine.json"), "{}")
        self.export("coco", "--from", photos, "-o", self.folder / "mine.json", "--overwrite")
        self.assertIn("p0.png", self.text("mine.json"))
        refused = self.export("coco", "--from", photos, "-o", "-", "--classes", "cow", code=2)
        self.assertIn("known: thing", refused.stderr)

    def change_catalogue(self, statement: str):
        (path,) = (self.folder / "home").rglob("catalogue.db")
        catalogue = sqlite3.connect(path)
        with catalogue:
            self.assertGreater(catalogue.execute(statement).rowcount, 0)
        catalogue.close()

    def test_a_record_of_another_version_and_a_damaged_one(self):
        photos = self.looked_at(255, 128, 0)
        first = "WHERE result = (SELECT min(result) FROM records)"
        self.change_catalogue("UPDATE records SET kind = 'detections/9' " + first)
        failed = self.export("yolo,coco", "--from", photos, "-o", self.folder / "out", code=1)
        self.assertIn("its record is 'detections/9', and this pixmill reads 'detections/2'", failed.stderr)
        self.assertEqual(len([name for name in self.files() if name.startswith("p")]), 2, "the others are written")
        self.change_catalogue("UPDATE records SET body = x'0102' WHERE result = (SELECT max(result) FROM records)")
        failed = self.export("coco", "--from", photos, "-o", self.folder / "out", code=1)
        self.assertIn("stored detections are damaged", failed.stderr)
        self.assertEqual(len(json.loads(self.text("out/coco.json"))["images"]), 1)

    def test_a_folder_that_vanishes_or_cannot_be_written(self):
        photos, out = self.looked_at(255), self.folder / "out"
        self.export("yolo", "--from", photos, "-o", out)
        shutil.rmtree(out)
        self.export("yolo", "--from", photos, "-o", out)
        self.assertEqual(len(self.files()), 3)
        self.write("file", b"x")
        self.assertIn("is a file", self.export("yolo", "--from", photos, "-o", self.folder / "file", code=2).stderr)
        self.assertIn("cannot be written", self.export("yolo", "--from", photos, "-o", "/proc/none/", code=2).stderr)

    def test_a_full_disk_is_said_once(self):
        photos = self.looked_at(*range(0, 200, 2))
        command = [program(), "export", "coco", "--from", str(photos), "-o", "-"]
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                command, env=self.environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )  # fmt: skip
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("No space left on device"), 1, done.stderr)

    def test_killed_exports_leave_the_old_or_the_new_one(self):
        photos, target = self.looked_at(*range(0, 250, 10)), self.folder / "my.json"
        words = [program(), "export", "coco", "--from", str(photos), "-o", str(target)]
        wholes, moment = set(), 0.0
        for confidence in ("0.3", "0.6"):
            self.export("coco", "--from", photos, "-o", target, "--confidence", confidence)
            wholes.add(target.read_bytes())
        self.assertEqual(len(wholes), 2)
        for i in range(30):
            running = subprocess.Popen(
                [*words, "--confidence", "0.3" if i % 2 else "0.6"], env=self.environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            time.sleep(moment)
            moment = 0.0 if running.poll() is not None else moment + 0.002
            running.send_signal(signal.SIGKILL)
            running.wait()
            self.assertIn(target.read_bytes(), wholes)
        self.export("coco", "--from", photos, "-o", target, "--confidence", "0.3")
        self.assertIn(target.read_bytes(), wholes)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.name.endswith(".tmp")], [])

    def test_help_names_the_formats(self):
        text = self.run_program("export", "--help").stdout
        for word in ("yolo", "coco", "--from", "--confidence"):
            self.assertIn(word, text)


if __name__ == "__main__":
    unittest.main()
