"""What is known about pictures: whose a result is, what is made again, and what a lost or damaged catalogue costs."""

import os
import shutil
import sqlite3
import unittest

from png_file import png
from program import SOURCE, ProgramTest, disc

CARD = """id: mine
task: cutout
family: starter
licence: Apache-2.0
source: ours
files:
  - name: mine.onnx
input:
  size: [256, 256]
  multiple: 32
  mean: [%s]
  std: [0.2, 0.2, 0.2]
output:
  activation: none
"""


class Catalogue(ProgramTest):
    def cutout(self, folder, *words, code=0) -> dict:
        return self.events("cutout", self.folder / folder, "-o", self.folder / "out", *words, code=code)[-1]

    def refusals(self, folder, *words) -> list:
        events = self.events("cutout", self.folder / folder, "-o", self.folder / "out", *words, code=1)
        return [e for e in events if e["event"] == "failed"]

    def long_ago(self, folder):
        for path in (self.folder / folder).rglob("*"):
            os.utime(path, (1.6e9, 1.6e9))

    def state(self):
        return {name: (self.folder / "out" / name).stat().st_mtime_ns for name in self.files()}

    def test_two_folders_with_a_file_of_one_name_into_one_output_folder(self):
        self.discs(2, "first")
        self.write("second/img0.png", png(40, 30, disc))
        self.assertEqual(self.cutout("first")["done"], 2)
        before = self.state()
        refused = self.refusals("second")
        self.assertEqual([e["code"] for e in refused], ["collision"])
        self.assertIn(str(self.folder / "first/img0.png"), refused[0]["message"])
        self.assertIn("--overwrite", refused[0]["hint"])
        self.assertEqual(self.state(), before)
        self.assertEqual(self.cutout("first")["skipped"], 2)
        self.assertEqual(self.cutout("second", "--overwrite")["done"], 1)
        self.assertEqual(len(self.refusals("first")), 1)  # now it is the other one's

    def test_pictures_that_moved_keep_their_results(self):
        self.discs(3, "first")
        self.cutout("first")
        (self.folder / "first").rename(self.folder / "second")
        self.assertEqual(self.cutout("second")["skipped"], 3)
        self.assertEqual(self.cutout("second", "--feather", "2")["done"], 3)

    def test_a_copy_of_a_picture_is_not_made_again_and_takes_nothing(self):
        self.discs(2, "first")
        self.cutout("first")
        shutil.copytree(self.folder / "first", self.folder / "second")
        self.assertEqual(self.cutout("second")["skipped"], 2)
        self.assertEqual(len(self.refusals("second", "--feather", "2")), 2)
        self.assertEqual(self.cutout("first", "--feather", "2")["done"], 2)

    def test_another_option_of_the_provider_makes_other_results(self):
        if not self.has_openvino():
            self.skipTest("OpenVINO is not there")
        self.discs(2)
        words = ("--backend", "openvino", "--precision", "fp32")
        self.assertEqual(self.cutout("in", *words)["done"], 2)
        option = ("--provider-option", "DYNAMIC_QUANTIZATION_GROUP_SIZE=32")
        self.assertEqual(self.cutout("in", *words, *option)["done"], 2)
        self.assertEqual(self.cutout("in", *words, *option)["skipped"], 2)

    def test_a_corrected_card_makes_other_results(self):
        self.discs(2)
        starter = (SOURCE / "models/starter/cutout.onnx").read_bytes()
        self.write("mine.onnx", starter + b"\xa0\x06\x00")  # a field that nobody reads: not the built-in one
        words = ("-m", self.folder / "mine.onnx")
        for mean, done in (("0.5, 0.5, 0.5", 2), ("0.4, 0.5, 0.6", 2), ("0.4, 0.5, 0.6", 0)):
            self.write("mine.yaml", (CARD % mean).encode())
            self.assertEqual(self.cutout("in", *words)["done"], done, mean)

    def test_a_lost_catalogue_costs_time_and_no_picture(self):
        self.discs(3)
        self.cutout("in")
        before = self.state()
        self.run_program("cache", "clear", "catalogue")
        ended = self.cutout("in")
        self.assertEqual((ended["done"], ended["failed"]), (3, 0))
        self.assertEqual(self.state(), before, "files were written again")
        self.assertEqual(self.cutout("in")["skipped"], 3)
        self.environment["PIXMILL_HOME"] = str(self.folder / "another home")
        self.assertEqual(self.cutout("in")["failed"], 0)
        self.assertEqual(self.state(), before)
        self.environment["PIXMILL_HOME"] = str(self.folder / "a third home")
        (self.folder / "out/img1_nobg.png").write_bytes(b"edited")
        self.assertEqual([e["code"] for e in self.refusals("in")], ["collision"])
        self.assertEqual((self.folder / "out/img1_nobg.png").read_bytes(), b"edited")

    def test_checksum_reads_what_looks_unchanged(self):
        self.discs(2)
        self.long_ago("in")
        self.cutout("in")
        path = self.folder / "in/img0.png"
        data = bytearray(path.read_bytes())
        text = data.index(b"IDAT")
        data[text + 8] ^= 1  # damaged, and of the same size and time
        path.write_bytes(data)
        self.long_ago("in")
        self.assertEqual(self.cutout("in")["skipped"], 2)
        events = self.events("cutout", self.folder / "in", "-o", self.folder / "out", "--checksum", code=1)
        self.assertEqual((events[-1]["skipped"], events[-1]["failed"]), (1, 1))

    def test_rows_of_an_old_journal_stay_valid(self):
        self.discs(3)
        self.cutout("in")
        state = self.folder / "home/state"
        with sqlite3.connect(state / "catalogue.db") as new:
            rows = new.execute(
                "SELECT o.path, o.content, k.model, k.settings, o.size, o.digest, NULL, NULL, 0, o.made"
                " FROM outputs o JOIN keys k ON k.id = o.key"
            ).fetchall()
        new.close()
        for path in state.glob("catalogue.db*"):
            path.unlink()
        with sqlite3.connect(state / "journal.db") as old:
            old.execute(
                "CREATE TABLE results (output TEXT PRIMARY KEY, content TEXT NOT NULL, model TEXT NOT NULL,"
                " settings TEXT NOT NULL, size INTEGER NOT NULL, digest TEXT NOT NULL, old_size INTEGER,"
                " old_digest TEXT, open INTEGER NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID"
            )
            old.executemany("INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            old.execute("PRAGMA user_version = 1")
        old.close()
        before = self.state()
        self.assertEqual(self.cutout("in")["skipped"], 3)
        self.assertEqual(self.cutout("in")["skipped"], 3)
        self.assertEqual(self.state(), before)
        self.assertTrue((state / "journal.db").exists())
        self.write("second/img0.png", png(40, 30, disc))
        self.assertEqual(len(self.refusals("second")), 1)

    def test_a_damaged_catalogue_is_set_aside_and_told(self):
        self.discs(3)
        self.cutout("in")
        before = self.state()
        file = self.folder / "home/state/catalogue.db"
        data = bytearray(file.read_bytes())
        for at in range(4096, len(data), 4096):
            data[at : at + 64] = b"\xff" * 64
        file.write_bytes(data)
        events = self.events("cutout", self.folder / "in", "-o", self.folder / "out")
        warnings = [e["message"] for e in events if e["event"] == "warning"]
        self.assertEqual(sum("set aside" in w for w in warnings), 1, warnings)
        self.assertEqual((events[-1]["done"], events[-1]["failed"]), (3, 0))
        self.assertEqual(self.state(), before)
        self.assertEqual(self.cutout("in")["skipped"], 3)

    def test_standard_input_has_no_name_to_own_a_result_by(self):
        out = self.folder / "x.png"
        words = ("cutout", "-", "-o", out, "--json")
        self.run_program(*words, input=png(30, 30, disc), text=False)
        before = out.read_bytes()
        self.run_program(*words, input=png(30, 30, disc), text=False)
        self.run_program(*words, input=png(40, 40, disc), text=False, code=1)
        self.assertEqual(out.read_bytes(), before)
        self.run_program(*words, "-y", input=png(40, 40, disc), text=False)
        self.assertNotEqual(out.read_bytes(), before)

    def test_finished_pictures_are_not_read(self):
        self.discs(200, size=16)
        self.long_ago("in")
        self.cutout("in")
        for path in (self.folder / "in").iterdir():
            accessed = path.stat()
            os.utime(path, ns=(1, accessed.st_mtime_ns))
        self.assertEqual(self.cutout("in")["skipped"], 200)
        self.assertTrue(all(p.stat().st_atime_ns == 1 for p in (self.folder / "in").iterdir()), "an input was read")


if __name__ == "__main__":
    unittest.main()
