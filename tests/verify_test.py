"""pixmill verify: every way to run a model compared with the baseline, and the cards that its findings fill."""

import json
import pathlib
import shutil
import unittest

from png_file import png
from program import SHARED, SOURCE, ProgramTest, disc, needs_shared


class Starter(ProgramTest):
    def verify(self, *words, code=0):
        return json.loads(self.run_program("verify", *words, "--json", code=code).stdout)

    def test_the_starter_is_good_on_drawn_pictures(self):
        (found,) = self.verify()
        self.assertEqual((found["model"], found["task"], found["metric"]), ("starter", "cutout", "IoU"))
        self.assertTrue(found["good"])
        self.assertEqual(found["checks"][0]["verdict"], "reference")
        tried = {(c["batch"], c["streams"]) for c in found["checks"]}
        self.assertTrue({(1, 1), (2, 1), (4, 1), (3, 1)} <= tried, tried)
        self.assertTrue(any(streams > 1 for _, streams in tried))
        for check in found["checks"]:
            # OpenCV reads no weights in halves, which the starter has.
            self.assertIn(
                check["verdict"], ("unable",) if check["backend"] == "opencv" else ("reference", "good"), check
            )

    def test_the_table_names_what_was_wanted(self):
        text = self.run_program("verify", "--backend", "onnxruntime").stdout
        self.assertIn("starter, cutout, 8 generated pictures", text)
        self.assertIn("Required: IoU of at least", text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 120, line)

    def test_true_masks_are_counted(self):
        for i in range(3):
            self.write(f"in/p{i}.png", png(64, 64, lambda x, y, i=i: (*disc(x, y)[:2], 40 + i)))
            self.write(f"masks/p{i}.png", png(64, 64, lambda x, y: (255,) * 3 if disc(x, y)[0] == 220 else (0,) * 3))
        (found,) = self.verify(self.folder / "in", "--masks", self.folder / "masks")
        for check in found["checks"]:
            if (check["batch"], check["streams"]) == (1, 1) and check["verdict"] != "unable":
                self.assertGreater(check["truth_iou"], 0.3)
        (self.folder / "masks/p1.png").unlink()
        failed = self.run_program("verify", self.folder / "in", "--masks", self.folder / "masks", code=2)
        self.assertIn("p1.png", failed.stderr)

    def test_findings_are_written_into_a_card_of_ones_own(self):
        shown = self.run_program("models", "show", "starter").stdout
        card = "\n".join(line for line in shown.splitlines() if not line.startswith("#"))
        head, _, _ = card.partition("runtime:")
        onnx = self.folder / "mine.onnx"
        shutil.copy(SOURCE / "models/starter/cutout.onnx", onnx)
        own = self.write(
            "own.yaml", (head.replace("id: starter", "id: mine") + "runtime: {precision: [fp16]}\n").encode()
        )
        self.run_program("models", "add", onnx, "--card", own, "--id", "mine")
        for i in range(3):
            self.write(f"in/p{i}.png", png(64, 64, lambda x, y, i=i: (*disc(x, y)[:2], 40 + i)))
        (found,) = self.verify(self.folder / "in", "-m", "mine", "--write")
        written = (self.folder / "home/models/mine/card.yaml").read_text()
        self.assertIn("fp16", written, "what was not tried stays")
        self.assertIn(f"precision: [{', '.join(found['advised']['precision'])}]", written)
        self.assertTrue(self.verify(self.folder / "in", "-m", "mine")[0]["good"])
        self.assertEqual(
            self.verify("-m", "mine")[0]["advised"], found["advised"], "drawn pictures change no precision"
        )

    def test_what_cannot_be_verified_is_refused(self):
        self.assertIn("did you mean", self.run_program("verify", "-m", "startr", code=2).stderr)
        self.assertIn("no.jpg", self.run_program("verify", self.folder / "no.jpg", code=2).stderr)
        self.assertIn("cuda", self.run_program("verify", "-d", "cuda:99", code=2).stderr)
        self.run_program("verify", "--all", "-m", "starter", code=2)
        self.write("bad.onnx", b"\x08\x07nothing")
        self.run_program("verify", "-m", self.folder / "bad.onnx", code=2)


class Cards(ProgramTest):
    def test_one_bad_model_does_not_hide_the_others(self):
        done = self.run_program("verify", "-m", "starter", "-m", "nonesuch", "-d", "cpu", "--json", code=1)
        self.assertEqual([one["model"] for one in json.loads(done.stdout)], ["starter"])
        self.assertIn("nonesuch", done.stderr)

    def test_models_of_other_jobs_are_named_and_refused(self):
        self.assertRegex(self.run_program("models", "list").stdout, r"xfeat +embed ")
        self.write("a.png", png(32, 32, lambda x, y: disc(x, y, 32)))
        refused = self.run_program(
            "cutout", self.folder / "a.png", "-m", "nanodet-m", "-o", self.folder / "b.png", code=2
        )
        self.assertIn("for detect, not for cutout", refused.stderr)

    @needs_shared
    def test_every_model_is_known_by_its_content(self):
        files = sorted((SHARED / "models").rglob("*.onnx"))
        self.assertGreater(len(files), 30)
        for file in files:
            shown = json.loads(self.run_program("models", "inspect", file, "--json").stdout)
            self.assertIn("known by its content", shown["recognised"] or "", file.name)

    @needs_shared
    def test_a_dynamically_quantised_model_may_not_be_batched(self):
        model = SHARED / "models/features/mobilenetv2_int8.onnx"
        pictures = sorted((SHARED / "datasets/imagenet_sample").glob("*"))[:8]
        done = self.run_program("verify", *pictures, "-m", model, "--backend", "onnxruntime", "--json")
        (found,) = json.loads(done.stdout)
        self.assertEqual(found["metric"], "cosine")
        self.assertEqual(found["advised"]["batch"], 1)
        self.assertTrue(found["good"], "its card forbids batches")
        for check in found["checks"]:
            if check["batch"] > 1:
                self.assertEqual(check["verdict"], "differs")
                self.assertIn("depends on the others in its batch", check["why"])
                self.assertFalse(check["chosen"])

    @needs_shared
    def test_a_model_without_a_card_is_tried_as_it_is(self):
        known = SHARED / "models/features/mobilefacenet_128.onnx"
        strange = self.folder / "strange.onnx"
        strange.write_bytes(known.read_bytes() + b"\xa2\x06\x02hi")  # an unknown field: another hash, the same model
        (found,) = json.loads(self.run_program("verify", "-m", strange, "--json").stdout)
        self.assertEqual((found["task"], found["metric"]), ("", "cosine"))
        self.assertTrue(found["checks"])

    def test_every_card_is_read(self):
        cards = sorted(pathlib.Path(SOURCE, "models/cards").glob("*.yaml"))
        listed = {entry["id"] for entry in json.loads(self.run_program("models", "list", "--all", "--json").stdout)}
        self.assertEqual({card.stem for card in cards} - listed, set())


if __name__ == "__main__":
    unittest.main()
