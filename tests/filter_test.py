"""pixmill filter: pictures chosen by a rule, with a detector of a few hundred bytes (moves: filter_transfer_test)."""

import csv
import io
import json
import os
import pathlib
import unittest

from png_file import commented, png
from program import ProgramTest
from tiny_detector import tiny_detector


class FilterTest(ProgramTest):
    """Six pictures with two things: of the first the confidence is 0.72, 0.52, 0.22 for the levels 255, 150, 0."""

    def setUp(self):
        super().setUp()
        self.model = self.write("tiny.onnx", tiny_detector())
        for i, level in enumerate((255, 150, 0, 255, 150, 0)):
            self.picture(f"photos/{'a' if i < 3 else 'b'}/p{i}.png", level)
        self.photos = self.folder / "photos"

    def picture(self, name: str, level: int, size=(80, 40)) -> pathlib.Path:
        """No two have the same bytes: what is found in one of them would count for the other one."""
        return self.write(name, commented(png(*size, lambda x, y: (level,) * 3), name))

    def filter(self, *words, code=0):
        return self.run_program("filter", self.photos, "-m", self.model, *words, code=code)

    def hits(self, *words) -> str:
        """The numbers of the pictures in the list: "03"."""
        paths = self.filter(*words).stdout.splitlines()
        self.assertTrue(all(path.startswith(str(self.photos)) for path in paths), paths)
        return "".join(pathlib.Path(path).stem[1:] for path in paths)

    def ended(self, *words) -> dict:
        list_file = ("-o", self.folder / "list.txt", "-y")
        return self.events("filter", self.photos, "-m", self.model, *words, *list_file)[-1]


class Rules(FilterTest):
    def test_the_list_is_on_standard_output_in_the_order_of_the_inputs(self):
        done = self.filter("--where", "thing")
        self.assertEqual(
            done.stdout.splitlines(), [str(self.photos / p) for p in ("a/p0.png", "a/p1.png", "b/p3.png", "b/p4.png")]
        )
        self.assertIn("4 of 6 pictures meet the rule", done.stderr)

    def test_rules(self):
        for rule, hits in (
            ("thing >= 2", ""),
            ("not thing", "25"),
            ("confidence(thing) > 0.6", "03"),
            ("any >= 2", "0134"),
            ('"it\'s: odd"', "012345"),
            ("area(thing) > 20% and confidence(thing) < 60%", "14"),
            ("count(thing, confidence > 0.1) = 1", "012345"),
            ("brightness < 10", "25"),
            ('name ~ "b/**" and thing', "34"),
            ("width > 80", ""),
        ):
            self.assertEqual(self.hits("--where", rule), hits, rule)

    def test_short_flags(self):
        for words, hits in (
            ((), "012345"),
            (("--classes", "thing"), "0134"),
            (("--classes", "thing", "--confidence", 0.6), "03"),
            (("--count", 2), "0134"),
            (("--count-mode", "exactly", "--count", 1), "25"),
            (("--classes", "thing", "--count-mode", "at-most", "--count", 1), "012345"),
        ):
            self.assertEqual(self.hits(*words), hits, words)

    def test_a_wrong_rule_is_refused_before_any_look(self):
        for rule, message, hint in (
            ("thing >", "the rule", "thing >"),
            ("thnig and brightness > 3", "thnig", "thing"),
            ("(" * 500 + "thing" + ")" * 500, "the rule", ""),
            ("thing or " * 8000 + "thing", "the rule", ""),
        ):
            done = self.filter("--where", rule, code=2)
            self.assertIn(message, done.stderr)
            self.assertIn(hint, done.stderr)
            self.assertNotIn("meet the rule", done.stderr)


class Never(FilterTest):
    """What is known is not looked at again."""

    def counts(self, *words) -> tuple:
        ended = self.ended(*words)
        chosen = ended["chosen"]
        return ended["done"], ended["batch_count"], chosen["hits"], chosen["asked"], chosen["known"]

    def test_another_question_needs_no_inference(self):
        self.assertEqual(self.counts("--where", "thing"), (6, 6, 4, 6, 0))
        self.assertEqual(self.counts("--where", "not thing"), (0, 0, 2, 6, 6))
        self.assertEqual(self.counts("--where", "thing", "--confidence", 0.05), (0, 0, 6, 6, 6))
        self.assertIn("6 (100.0 %) were known", self.filter("--where", "thing", "-v").stderr)

    def test_what_detect_found_counts_and_the_other_way_round(self):
        self.run_program("detect", self.photos / "a", "-m", self.model, "-o", self.folder / "labels")
        self.assertEqual(self.counts("--where", "thing"), (3, 3, 4, 6, 3))
        done = self.events("detect", self.photos, "-m", self.model, "-o", self.folder / "labels2")[-1]
        self.assertEqual((done["done"], done["skipped"]), (0, 6))

    def test_other_settings_of_the_model_are_other_results(self):
        self.assertEqual(self.counts()[0], 6)
        self.assertEqual(self.counts("--iou", 0.3)[0], 6)
        self.assertEqual(self.counts("--force")[0], 6)

    def test_a_changed_picture_is_looked_at_again(self):
        self.assertEqual(self.hits("--where", "thing"), "0134")
        self.picture("photos/a/p2.png", 255)
        self.picture("photos/b/p3.png", 0)
        os.remove(self.photos / "b/p4.png")
        self.assertEqual(self.counts("--where", "thing"), (2, 2, 3, 5, 3))
        self.assertEqual(self.hits("--where", "thing"), "012")

    def test_a_touched_picture_is_in_the_answer(self):
        os.utime(self.photos / "a/p0.png", (1000000000, 1000000000))
        self.assertEqual(self.counts("--where", "thing")[2:4], (4, 6))
        for when in (1100000000, None):
            for name in ("a/p0.png", "b/p4.png"):
                os.utime(self.photos / name, when and (when, when))
            self.assertEqual(self.counts("--where", "thing")[:4], (0, 0, 4, 6), when)
            self.assertEqual(self.counts("--where", "thing", "--checksum")[:4], (0, 0, 4, 6), when)

    def test_a_broken_picture_fails_and_stops_nothing(self):
        self.write("photos/a/p7.png", b"\x89PNG\r\n\x1a\nno more")
        done = self.filter("--where", "not thing", code=1)
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertIn("p7.png", done.stderr)

    def test_known_runs_no_model(self):
        self.filter("--where", "thing")
        os.remove(self.model)
        self.picture("photos/a/p9.png", 255)
        words = ("filter", self.photos, "--known", "--where", "thing")
        done = self.run_program(*words)
        self.assertEqual(len(done.stdout.splitlines()), 4)
        self.assertIn("nothing is known of 1 of 7 pictures", done.stderr)

    def test_imported_labels_can_be_asked(self):
        self.write("labels/p0.txt", b"0 0.5 0.5 0.5 0.5\n0 0.2 0.2 0.1 0.1\n")
        self.write("labels/p1.txt", b"1 0.5 0.5 0.5 0.5\n")
        self.write("names.txt", b"cat\ndog\n")
        self.run_program(
            "import",
            self.folder / "labels",
            "--pictures",
            self.photos,
            "--format",
            "yolo",
            "--names",
            self.folder / "names.txt",
        )
        done = self.run_program("filter", self.photos, "--known", "--where", "cat >= 2 or dog")
        self.assertEqual([pathlib.Path(p).name for p in done.stdout.splitlines()], ["p0.png", "p1.png"])
        wrong = self.run_program("filter", self.photos, "--known", "--where", "catt", code=2)
        self.assertIn("did you mean cat", wrong.stderr)
        zebra = self.run_program("filter", self.photos, "--known", "--where", "not zebra")
        self.assertIn("no picture has a 'zebra'", zebra.stderr)
        self.assertEqual(len(zebra.stdout.splitlines()), 2)
        unknown = self.run_program("filter", self.photos / "b", "--known", "--where", "cat", code=2)
        self.assertIn("nothing is known", unknown.stderr)
        numbered = self.run_program("filter", self.photos, "--known", "--classes", 0, code=2)
        self.assertIn("write its name", numbered.stderr)


class Lists(FilterTest):
    def test_csv(self):
        rows = list(csv.DictReader(io.StringIO(self.filter("--where", "any", "--format", "csv").stdout)))
        self.assertEqual(len(rows), 6)
        self.assertEqual(next(iter(rows[0])), "image_path")
        self.assertEqual((rows[0]["detections"], rows[0]["width"], rows[0]["height"]), ("2", "80", "40"))
        found = dict(
            zip(rows[0]["classes"].split(";"), zip(rows[0]["counts"].split(";"), rows[0]["confidences"].split(";")))
        )
        self.assertEqual(found["thing"][0], "1")
        self.assertAlmostEqual(float(found["thing"][1]), 0.72, delta=0.02)
        self.assertEqual(rows[2]["classes"], "it's: odd")

    def test_json(self):
        out = self.folder / "hits.json"
        self.filter("--where", "thing", "-o", out)
        listed = json.loads(out.read_text())
        self.assertEqual((listed["total_images"], listed["filtered_images"]), (6, 4))
        self.assertEqual(listed["filter_settings"]["where"], "thing")
        self.assertEqual(len(listed["results"]), 4)
        self.assertEqual(listed["results"][0]["detections"]["thing"]["count"], 1)
        self.filter("--where", "thing >= 2", "-o", out)
        self.assertEqual(json.loads(out.read_text())["results"], [])

    def test_paths_for_xargs(self):
        self.assertEqual(self.filter("--where", "thing", "-0").stdout.count("\0"), 4)
        self.assertIn("-0", self.filter("--where", "thing", "-0", "--format", "csv", code=2).stderr)

    def test_no_foreign_file_is_replaced(self):
        out = self.write("mine.txt", b"my own list\n")
        self.filter("--where", "thing", "-o", out, code=2)
        self.assertEqual(out.read_bytes(), b"my own list\n")
        self.filter("--where", "thing", "-o", out, "-y")
        self.assertEqual(len(out.read_text().splitlines()), 4)
        self.filter("--where", "not thing", "-o", out)
        self.assertEqual(len(out.read_text().splitlines()), 2)

    def test_a_pipe_is_no_file_to_replace(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        for words in (("-o", pipe), ("-o", pipe, "-y"), ("-o", f"{self.folder}/new/")):
            self.filter("--where", "thing", *words, code=2)
        self.assertTrue(pipe.is_fifo())
        self.assertFalse((self.folder / "new").exists())

    def test_the_clipboard(self):
        bin_folder = self.folder / "bin"
        tool = self.write("bin/wl-copy", f"#!/bin/sh\ncat > {self.folder}/clipboard\n".encode())
        tool.chmod(0o755)
        self.environment["PATH"] = f"{bin_folder}:{os.environ['PATH']}"
        self.filter("--where", "thing", "--copy")
        self.assertEqual(len((self.folder / "clipboard").read_text().splitlines()), 4)
        tool.unlink()
        self.environment["PATH"] = str(bin_folder)
        done = self.filter("--copy", code=2)
        self.assertIn("xclip", done.stderr)

    def test_the_sheet_has_the_hits_with_the_things_that_made_them_hits(self):
        sheet = self.folder / "hits.html"
        self.filter("--where", "thing", "--sheet", sheet)
        html = sheet.read_text()
        self.assertEqual([f"p{i}.png" in html for i in range(6)], [True, True, False, True, True, False])
        self.filter("--where", "not thing", "--sheet", sheet)
        self.assertIn("p2.png", sheet.read_text())

    def test_inputs_of_every_kind(self):
        listed = self.write("list.txt", b"\n".join(str(self.photos / p).encode() for p in ("b/p4.png", "a/p2.png")))
        for inputs, hits in (
            ((f"@{listed}",), "4"),
            ((self.photos / "a/p0.png", self.photos / "b"), "034"),
            ((f"{self.photos}/**/p[03].png",), "03"),
            ((self.photos / "a/p2.png",), ""),
        ):
            done = self.run_program("filter", *inputs, "-m", self.model, "--where", "thing")
            self.assertEqual("".join(pathlib.Path(p).stem[1:] for p in done.stdout.splitlines()), hits, inputs)
        self.assertIn("standard input", self.run_program("filter", "-", "-m", self.model, code=2).stderr)
        self.run_program("filter", self.folder / "none", "-m", self.model, code=1)

    def test_a_sheet_without_hits_shows_none(self):
        sheet = self.folder / "hits.html"
        self.filter("--where", "thing", "--sheet", sheet)
        self.run_program("filter", self.photos, "--known", "--where", "thing > 5", "--sheet", sheet)
        self.assertNotIn("p0.png", sheet.read_text())

    def test_names_without_a_folder(self):
        done = self.run_program("filter", "p0.png", "p2.png", "-m", self.model, "--where", "thing", "--to", "copy",
                                "-o", self.folder / "kept", cwd=self.photos / "a")  # fmt: skip
        self.assertIn("1 picture to", done.stderr)
        self.assertEqual(self.files("kept"), ["p0.png"])

    def test_a_dry_run_lists_nothing(self):
        done = self.filter("--where", "thing", "--dry-run")
        self.assertNotIn("meet the rule", done.stdout)
        self.assertEqual(self.ended("--where", "thing")["done"], 6, "nothing was looked at")


if __name__ == "__main__":
    unittest.main()
