"""pixmill config: values and their origins, presets, settings of other programs."""

import json
import os
import subprocess
import unittest

from png_file import png, png_header
from program import ProgramTest, disc, program

OLD = b"""
performance:
  batch_size: 4
  max_batch_size: 16
  io_threads: 4
  num_worker_threads: 8
  preferred_backend: "onnx-cpu"
  tensorrt_fp16: true
  image_cache_size_mb: 512
  enable_result_caching: true
  btch_size: 3
image_filter:
  selected_classes: ["person", "car"]
  count_mode: "at_least"
"""


class Config(ProgramTest):
    def settings(self) -> str:
        return (self.folder / "home/settings.yaml").read_text()

    def shown(self, *words) -> dict:
        return json.loads(self.run_program("config", "show", *words, "--json").stdout)

    def test_set_and_unset(self):
        self.run_program("config", "set", "cutout.format", "webp")
        self.run_program("config", "set", "exclude", "*_old*", "b c")
        self.assertEqual(self.shown()["exclude"]["value"], "*_old*,b c")
        self.run_program("config", "unset", "cutout.format")
        self.assertNotIn("cutout", self.settings())
        self.assertIn("exclude", self.run_program("config", "unset", "exclud", code=2).stderr)
        self.run_program("config", "set", "device", "cpu", "cuda", code=2)
        self.run_program("config", "set", "output", "x", code=2)
        self.assertIn("did you mean", self.run_program("config", "set", "fromat", "x", code=2).stderr)
        self.assertIn("did you mean --dry-run", self.run_program("config", "import", "x", "--dry-rn", code=2).stderr)

    def test_several_at_once_lose_nothing(self):
        keys = {"threads": "2", "batch": "3", "memory": "1G", "device": "cpu", "cutout.format": "webp"}
        setting = [
            subprocess.Popen([program(), "config", "set", key, value], env=self.environment)
            for key, value in keys.items()
        ]
        self.assertEqual([one.wait() for one in setting], [0] * len(keys))
        shown = self.shown()
        for key, value in keys.items():
            self.assertEqual(shown[key.split(".")[-1]]["value"], value)

    def test_path(self):
        path = str(self.folder / "home/settings.yaml")
        self.assertEqual(self.run_program("config", "path").stdout, path + "\n")
        self.assertEqual(json.loads(self.run_program("config", "path", "--json").stdout), {"path": path})

    def test_no_home_and_no_folder_for_temporary_files(self):
        self.environment = {"PATH": self.environment["PATH"], "TMPDIR": "/nowhere"}
        self.assertIn("set PIXMILL_HOME", self.run_program("config", "path", code=2).stderr)

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_lost_output_is_a_failure(self):
        for words in (("show",), ("show", "--json"), ("path",)):
            with open("/dev/full", "w") as full:
                done = subprocess.run(
                    [program(), "config", *words], stdout=full, stderr=subprocess.PIPE, env=self.environment, text=True
                )
            self.assertEqual(done.returncode, 1, words)
            self.assertIn("standard output", done.stderr)

    def test_a_reader_that_has_enough_is_no_failure(self):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [program(), "config", "show"], stdout=writing, stderr=subprocess.PIPE, env=self.environment, text=True
        )
        os.close(writing)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_wrong_file_can_be_mended(self):
        self.write("home/settings.yaml", b"fromat: webp\ndevice: cpu\n")
        self.run_program("config", "show", code=2)
        self.run_program("config", "path")
        self.run_program("config", "unset", "fromat")
        self.assertEqual(self.shown()["device"]["origin"], "file")

    def test_order_of_strength(self):
        self.run_program("config", "set", "memory", "1G")
        self.run_program("config", "set", "threads", "3")
        self.run_program("config", "set", "quality", "70")
        self.environment["PIXMILL_THREADS"] = "5"
        shown = self.shown("cutout", "--preset", "low-memory", "--quality", "80")
        origins = {name: (shown[name]["value"], shown[name]["origin"]) for name in ("memory", "threads", "quality")}
        self.assertEqual(
            origins, {"memory": ("256M", "preset"), "threads": ("5", "environment"), "quality": ("80", "flag")}
        )
        self.assertEqual(shown["memory"]["where"], "low-memory")
        self.assertIn("preset low-memory", self.run_program("config", "show", "--preset", "low-memory").stdout)

    def test_presets_are_saved_used_and_removed(self):
        source = self.write("a.png", png(40, 30, disc))
        save = ("config", "preset", "save", "shop")
        self.run_program(*save, "--background", "white", "--canvas", "64x48", "--exclude", "x", "--exclude", "y,z")
        self.run_program("cutout", source, "--preset", "shop")
        self.assertEqual(png_header((self.folder / "a_nobg.png").read_bytes()), (64, 48, 8, 2))
        self.run_program("cutout", source, "--preset", "shop", "--canvas", "32x32")
        self.assertEqual(png_header((self.folder / "a_nobg.png").read_bytes())[:2], (32, 32))
        kept = json.loads(self.run_program("config", "preset", "show", "shop", "--json").stdout)["settings"]
        self.assertEqual(kept["cutout.canvas"], "64x48")
        self.assertEqual(kept["exclude"], ["x", "y,z"])
        self.environment["PIXMILL_PRESET"] = "shop"
        self.assertEqual(self.shown()["background"]["value"], "white")
        del self.environment["PIXMILL_PRESET"]

        self.run_program("config", "preset", "save", "both", "cutout", "--preset", "shop", "--preset", "small-batch")
        both = json.loads(self.run_program("config", "preset", "show", "both", "--json").stdout)["settings"]
        self.assertEqual((both["batch"], both["cutout.background"]), ("2", "white"))

        listed = self.run_program("config", "preset", "list").stdout
        for name in ("low-memory", "no-cache", "small-batch", "shop", "both"):
            self.assertIn(name, listed)
        self.run_program("config", "preset", "remove", "shop")
        self.assertIn("there is no preset", self.run_program("cutout", source, "--preset", "shop", code=2).stderr)

    def test_wrong_presets(self):
        source = self.write("a.png", png(8, 8))
        near = self.run_program("cutout", source, "--preset", "low-memry", code=2)
        self.assertIn("did you mean low-memory", near.stderr)
        self.write("home/presets/mine.yaml", b"bach: 2\n")
        self.assertIn("did you mean batch", self.run_program("cutout", source, "--preset", "mine", code=2).stderr)
        self.write("home/presets/mine.yaml", b"batch: many\n")
        self.assertIn("preset mine", self.run_program("cutout", source, "--preset", "mine", code=2).stderr)
        self.write("home/presets/mine.yaml", b"[")
        self.assertIn("mine.yaml", self.run_program("config", "preset", "list").stdout)
        for words in (
            ("save",),
            ("save", "x"),
            ("save", "../x", "--trim"),
            ("save", "fast", "--trim"),
            ("save", "x", "-o", "out"),
            ("save", "x", "--trimm"),
            ("save", "x", "cutout", "photo.jpg"),
            ("save", "x", "--trim", "--dry-run"),
            ("remove", "nothing"),
            ("remove", "low-memory"),
            ("show",),
            ("lst",),
        ):
            self.run_program("config", "preset", *words, code=2)
        self.assertEqual(self.files("home/presets"), ["mine.yaml"])

    def test_import_says_what_became_of_every_key(self):
        old = self.write("old.yaml", OLD)
        report = json.loads(self.run_program("config", "import", old, "--dry-run", "--json", code=1).stdout)
        self.assertFalse((self.folder / "home/settings.yaml").exists())
        self.assertFalse(report["written"])
        states = {key["key"]: key["state"] for key in report["keys"]}
        self.assertEqual(len(states), 11)
        self.assertEqual(states["performance.batch_size"], "taken")
        self.assertEqual(states["performance.io_threads"], "meaningless")  # the workers decide
        self.assertEqual(states["performance.tensorrt_fp16"], "meaningless")  # the device is no TensorRT
        self.assertEqual(states["performance.btch_size"], "unknown")
        for key in report["keys"]:
            self.assertTrue(key["settings"] or key["reason"], key)

        text = self.run_program("config", "import", old, code=1).stdout
        self.assertIn("did you mean batch_size?", text)
        shown = self.shown()
        for name, value in {
            "batch": "4",
            "jobs": "8",
            "backend": "onnxruntime",
            "device": "cpu",
            "cache": "512M",
        }.items():
            self.assertEqual(shown[name]["value"], value)

    def test_import_of_devices_and_bad_files(self):
        old = self.write("old.json", b'{"execution_provider": "TensorRT", "tensorrt_fp16": true, "max_workers": 0}')
        self.run_program("config", "import", old)
        shown = self.shown()
        self.assertEqual([shown[n]["value"] for n in ("device", "precision", "jobs")], ["tensorrt", "fp16", "auto"])
        refused = self.write("bad.yaml", b"batch_size: lots\npreferred_backend: abacus\n")
        self.assertIn("invalid value", self.run_program("config", "import", refused, code=1).stdout)
        self.run_program("config", "import", self.folder / "nothing", code=2)
        self.run_program("config", "import", self.write("not.yaml", b": ["), code=2)
        self.run_program("config", "import", code=2)

    def test_the_shell_learns_names(self):
        self.assertIn("u2netp\n", self.run_program("completion", "models").stdout)
        self.assertIn("low-memory\n", self.run_program("completion", "presets").stdout)
        self.assertIn("pixmill completion models", self.run_program("completion", "bash").stdout)


if __name__ == "__main__":
    unittest.main()
