"""pixmill quantize: int8 variants, with a stand-in for Python and its tools, so that nothing is fetched.

quantize_tools_test.py has the real ones."""

import json
import signal
import stat
import subprocess
import unittest

from program import SHARED, ProgramTest, needs_shared, program

# Copies the model instead of quantising it; as long as fewer than GOOD_FROM layers are in float, it takes the middle
# out of the largest of its weights. As "python3" it makes environments whose python is itself.
STAND_IN = r"""#!/usr/bin/python3
import json, os, pathlib, re, shutil, sys, time

assert sys.argv[1] == "-I"
words = sys.argv[2:]
log = os.environ.get("STAND_IN_LOG")
if log:
    with open(log, "a") as file:
        file.write(" ".join(words[:3]) + "\n")


def damaged(model):
    marks = [0, *(found.start() for found in re.finditer(rb"[\w./]{8,}", model)), len(model)]
    start, end = max(zip(marks, marks[1:]), key=lambda gap: gap[1] - gap[0])
    quarter = (end - start) // 4
    return model[: start + quarter] + bytes(2 * quarter) + model[start + 3 * quarter :]


def prepare(source, work):
    inputs = sorted((work / "inputs").glob("*.npy"))
    for number, path in enumerate(inputs):
        assert path.read_bytes()[:6] == b"\x93NUMPY"
        print("calibrate", number, len(inputs), flush=True)
    shutil.copy(source, work / "float.onnx")
    layers = [{"name": f"layer{i}", "op": "Conv", "error": 0.1 / (i + 1)} for i in range(20)]
    (work / "layers.json").write_text(json.dumps(layers))
    time.sleep(float(os.environ.get("STAND_IN_SLEEPS", 0)))
    if os.environ.get("STAND_IN_FAILS"):
        sys.exit("ValueError: " + os.environ["STAND_IN_FAILS"])


def build(work, keep, target):
    model = (work / "float.onnx").read_bytes()
    good = keep >= int(os.environ.get("GOOD_FROM", 0))
    target.write_bytes(model if good else damaged(model))


if words[0] == "-c":
    sys.exit(int(os.environ.get("STAND_IN_HAS_NO_VENV", 0)))
elif words[:2] == ["-m", "venv"]:
    (pathlib.Path(words[2]) / "bin").mkdir(parents=True)
    shutil.copy(__file__, pathlib.Path(words[2]) / "bin/python")
elif words[:2] == ["-m", "pip"]:
    assert "--require-hashes" in words
    print("Collecting onnx")
    if os.environ.get("PIP_FAILS"):
        sys.exit("ERROR: " + os.environ["PIP_FAILS"])
elif words[2] == "prepare":
    prepare(words[3], pathlib.Path(words[4]))
else:
    build(pathlib.Path(words[3]), int(words[4]), pathlib.Path(words[5]))
"""


class QuantizeTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.python = self.write("tools/python3", STAND_IN.encode())
        self.python.chmod(self.python.stat().st_mode | stat.S_IXUSR)
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.environment["TMPDIR"] = str(self.temporary)
        self.log = self.folder / "calls.log"
        self.environment["STAND_IN_LOG"] = str(self.log)
        self.words = ("--with", self.discs(9), "--seconds", "0.05", "--python", self.python)

    def quantize(self, *words, code=0, model="starter"):
        """The result as JSON, and what was said."""
        done = self.run_program("quantize", model, *self.words, *words, "--json", code=code)
        self.assertEqual(list(self.temporary.iterdir()), [], "it left something behind")
        return json.loads(done.stdout) if done.stdout else {}, done.stderr

    def stored(self):
        models = json.loads(self.run_program("models", "list", "--json").stdout)
        return [model["id"] for model in models if model["own"]]


class VariantTest(QuantizeTest):
    def test_it_is_made_kept_and_taken(self):
        cutout = ("cutout", self.folder / "in", "-o", self.folder / "out")
        result, _ = self.quantize()
        self.assertEqual(result["id"], "starter-int8")
        self.assertTrue(result["stored"])
        self.assertAlmostEqual(result["loss"], 0, places=5)
        self.assertEqual((result["in_float"], result["layers"]), (0, 20))
        self.assertEqual(result["pictures"], 3, "every third is kept to measure the loss")
        self.assertTrue(all(speed["base"] > 0 and speed["variant"] > 0 for speed in result["speed"]))
        self.assertEqual(self.stored(), ["starter-int8"])
        card = self.run_program("models", "show", "starter-int8").stdout
        self.assertIn("of: starter", card)

        for words in (("--precision", "int8"), ("-m", "starter-int8")):
            events = self.events(*cutout, "--force", *words)
            self.assertEqual(events[0]["model"], "starter-int8")
            self.assertEqual(events[-1]["done"], 9)
        self.run_program("models", "remove", "starter-int8", "--yes")
        again = self.events(*cutout, "--force", "--precision", "int8")
        self.assertEqual(again[-1]["done"], 9, "the one that is built in")

    @needs_shared
    def test_a_model_without_one_names_the_command(self):
        words = ("cutout", self.folder / "in", "-o", self.folder / "out", "-m", SHARED / "models/matting/u2netp.onnx")
        refused = self.run_program(*words, "--precision", "int8", code=2)
        self.assertIn("no int8 variant of", refused.stderr)
        self.assertIn("pixmill quantize", refused.stderr)

    def test_the_table_for_people(self):
        done = self.run_program("quantize", "starter", *self.words)
        for part in ("starter-int8, made from starter", "20 of 20 layers in int8", "GAIN", "within the tolerance"):
            self.assertIn(part, done.stdout)
        self.assertIn("calibrating", done.stderr)
        self.assertIn("saved as starter-int8", done.stderr)

    def test_layers_stay_in_float_where_they_must(self):
        self.environment["GOOD_FROM"] = "3"
        result, _ = self.quantize()
        self.assertEqual(result["in_float"], 3)
        self.assertEqual([trial["in_float"] for trial in result["trials"]], [0, 1, 2, 4, 3])
        self.assertEqual(result["worst_layers"][:3], ["layer0", "layer1", "layer2"])

    def test_one_that_loses_too_much_is_refused_unless_forced(self):
        self.environment["GOOD_FROM"] = "99"
        result, said = self.quantize(code=1)
        self.assertFalse(result["stored"])
        self.assertGreater(result["loss"], result["tolerance"])
        self.assertIn("was not saved: its loss is", said)
        self.assertEqual(self.stored(), [])
        result, _ = self.quantize("--in-float", "0", "--force")
        self.assertTrue(result["stored"])
        self.assertEqual(self.stored(), ["starter-int8"])
        del self.environment["GOOD_FROM"]
        result, _ = self.quantize()  # takes the place of the earlier one
        self.assertAlmostEqual(result["loss"], 0, places=5)
        self.assertEqual(self.stored(), ["starter-int8"])

    def test_a_tolerance_and_an_id_of_ones_own(self):
        self.environment["GOOD_FROM"] = "99"
        result, _ = self.quantize("--tolerance", "1", "--id", "small-one")
        self.assertEqual((result["id"], result["in_float"]), ("small-one", 0))
        self.assertEqual(self.stored(), ["small-one"])

    def test_a_damaged_picture_is_left_out(self):
        self.write("in/img5.png", b"\x89PNG\r\n\x1a\n and then nothing")
        result, said = self.quantize()
        self.assertTrue(result["stored"])
        self.assertIn("img5.png", said)
        self.assertIn("img5.png", result["notes"][0])

    def test_masks_make_it_the_overlap(self):
        for picture in (self.folder / "in").iterdir():
            self.write(f"masks/{picture.name}", picture.read_bytes())
        result, _ = self.quantize("--masks", self.folder / "masks")
        self.assertEqual(result["truth_iou"]["base"], result["truth_iou"]["variant"])
        (self.folder / "masks/img1.png").unlink()
        _, said = self.quantize("--masks", self.folder / "masks", code=2)
        self.assertIn("img1.png", said)


class RefusalTest(QuantizeTest):
    def test_words_that_make_no_sense(self):
        few = self.discs(3, "few")
        for words, part in (
            ((), "no model was named"),
            (("starter",), "--with is missing"),
            (("starter", "u2netp", "--with", few), "one model at a time"),
            (("startr", "--with", few), "starter"),
            (("starter", "--with", few), "too few"),
            (("starter", "--with", self.folder / "nothing"), "nothing"),
            (("starter", "--with", few, "--id", "No Good"), "No Good"),
            (("starter", "--with", self.folder / "in", "--id", "u2netp"), "another model called 'u2netp'"),
            (("starter", "--with", few, "--tolerance", "lots"), "tolerance"),
        ):
            done = self.run_program("quantize", *words, "--python", self.python, code=2)
            self.assertIn(part, done.stderr, words)
        self.assertFalse(self.log.exists(), "Python was started")

    def test_what_the_tool_says_is_shown(self):
        self.environment["STAND_IN_FAILS"] = "nothing in it can be quantised"
        _, said = self.quantize(code=2)
        self.assertIn("the model cannot be quantised: ValueError: nothing in it can be quantised", said)
        self.assertEqual(self.stored(), [])

    def test_a_python_that_is_not_there(self):
        self.words = (*self.words[:-1], self.folder / "no-python")
        _, said = self.quantize(code=2)
        self.assertIn("no-python", said)

    def test_ctrl_c(self):
        self.environment["STAND_IN_SLEEPS"] = "60"
        running = subprocess.Popen(
            [program(), "quantize", "starter", *map(str, self.words)],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while "calibrating" not in (line := running.stderr.readline()):
            self.assertTrue(line, "it ended early")
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)
        self.assertEqual(running.returncode, 130)
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertEqual(self.stored(), [])

    @needs_shared
    def test_a_model_that_is_quantised_already(self):
        model = SHARED / "models/detect/yolov8n_int8_640.onnx"
        _, said = self.quantize(code=2, model=model)
        self.assertIn("is already quantised", said)


class EnvironmentTest(QuantizeTest):
    def setUp(self):
        super().setUp()
        self.words = self.words[:-2]
        self.environment["PATH"] = f"{self.python.parent}:{self.environment['PATH']}"

    def environments(self):
        folder = self.folder / "home/data/environments"
        return [path for path in folder.glob("*") if path.is_dir()] if folder.is_dir() else []

    def test_it_is_made_once(self):
        self.quantize()
        self.assertEqual(len(self.environments()), 1)
        self.assertIn("-m pip install", self.log.read_text())
        self.log.unlink()
        self.quantize()
        self.assertNotIn("-m", self.log.read_text())

    def test_nothing_is_left_of_one_that_failed(self):
        self.environment["PIP_FAILS"] = "No matching distribution found for onnx"
        _, said = self.quantize(code=2)
        self.assertIn("could not be installed: ERROR: No matching distribution", said)
        self.assertIn("--python", said)
        self.assertEqual(self.environments(), [])

    def test_a_python_without_venv(self):
        self.environment["STAND_IN_HAS_NO_VENV"] = "1"
        _, said = self.quantize(code=2)
        self.assertIn("apt install python3-venv", said)
        self.environment["STAND_IN_HAS_NO_VENV"] = "3"
        _, said = self.quantize(code=2)
        self.assertIn("older than 3.11", said)

    def test_offline(self):
        self.environment["PIXMILL_OFFLINE"] = "1"
        _, said = self.quantize(code=2)
        self.assertIn("PIXMILL_OFFLINE", said)
        self.assertEqual(self.environments(), [])


if __name__ == "__main__":
    unittest.main()
