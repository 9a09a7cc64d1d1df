"""How fast the processor is in each precision: measured once, shown, stored, cleared, and how `auto` uses it."""

import hashlib
import json
import unittest

from program import SOURCE, ProgramTest


class SpeedsTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "home/state/speeds.json"

    def measure(self) -> dict:
        """What is kept after the doctor measured. A machine that is too busy to measure measures nothing."""
        self.run_program("doctor")
        if not self.file.exists():
            self.skipTest("the machine is too busy to measure")
        return json.loads(self.file.read_text())

    def pretend(self, faster_with_the_starter="", **ms):
        """Writes speeds of this machine: openvino_bf16=2.0, and the backend that is faster with the starter."""
        kept = json.loads(self.file.read_text()) if self.file.exists() else self.measure()
        rows = [key.split("_") for key in ms]
        kept["speeds"] = [{"backend": b, "precision": p, "ms": ms[f"{b}_{p}"]} for b, p in rows]
        starter = hashlib.sha256((SOURCE / "models/starter/cutout.onnx").read_bytes()).hexdigest()
        kept["models"] = [{"model": starter, "backend": faster_with_the_starter}]
        self.file.write_text(json.dumps(kept))

    def session(self, *words) -> dict:
        return self.events("cutout", self.folder / "in", "-o", self.folder / "out", "--force", *words)[-1]["session"]

    def needs_openvino(self):
        if not self.has_openvino():
            self.skipTest("OpenVINO is not here")

    def test_measured_once_shown_and_forgotten(self):
        self.assertIn("not measured yet: `pixmill doctor` measures it", self.run_program("devices").stdout)
        kept = self.measure()
        self.assertIn("onnxruntime fp32", self.run_program("doctor").stdout)
        self.assertEqual(json.loads(self.file.read_text()), kept, "it was measured again")
        said = self.run_program("devices").stdout
        self.assertIn("measured: onnxruntime fp32", said)
        self.assertNotIn("not measured yet", said)
        devices = json.loads(self.run_program("devices", "--json").stdout)["devices"]
        (cpu,) = (device for device in devices if device["id"] == "cpu")
        self.assertEqual([row["ms"] for row in cpu["speeds"]], [row["ms"] for row in kept["speeds"]])
        self.assertEqual(cpu["speeds"][0]["of_fp32"], 1)
        self.assertIn("speeds", self.run_program("cache", "info").stdout)
        self.run_program("cache", "clear", "speeds")
        self.assertFalse(self.file.exists())

    def test_a_job_measures_unless_it_is_short(self):
        self.discs(31)
        self.session()
        self.assertFalse(self.file.exists())
        self.discs(33)
        self.session()
        if not self.file.exists():
            self.skipTest("the machine is too busy to measure")
        self.file.write_text("{ damaged")
        self.session()
        if self.file.read_text() != "{ damaged":
            self.assertTrue(json.loads(self.file.read_text())["speeds"])

    def test_auto_takes_what_gains_and_nothing_else(self):
        self.needs_openvino()
        self.discs(32)
        full = {"onnxruntime_fp32": 8.0, "openvino_fp32": 8.0}
        for faster, backend, precision in (
            ({"openvino_int8": 3.0, "onnxruntime_int8": 2.0}, "onnxruntime", "int8"),
            ({"openvino_bf16": 9.0, "openvino_int8": 7.5}, "openvino", "fp32"),
            ({"onnxruntime_fp32": 3.0}, "onnxruntime", "fp32"),
        ):
            self.pretend(**{**full, **faster})
            session = self.session()
            self.assertEqual((session["backend"], session["precision"]), (backend, precision), faster)
        self.pretend(**full, openvino_int8=3.0)
        self.assertEqual(self.session("--precision", "fp32")["precision"], "fp32")
        for backend in ("onnxruntime", "openvino"):
            self.pretend(faster_with_the_starter=backend, **full)
            self.assertEqual(self.session()["backend"], backend)
        began = self.events("cutout", self.folder / "in", "-o", self.folder / "out", "--dry-run")[0]
        self.assertEqual(began["model"], "starter", "the name that the user knows")

    def test_what_is_finished_stays_finished_when_auto_changes_its_mind(self):
        self.needs_openvino()
        words = ("cutout", self.discs(3), "-o", self.folder / "out")
        self.pretend(onnxruntime_fp32=8.0, openvino_fp32=8.0)
        first = self.events(*words)[-1]
        self.assertEqual((first["done"], first["session"]["precision"]), (3, "fp32"))
        self.pretend(onnxruntime_fp32=8.0, onnxruntime_int8=2.0)
        self.assertEqual(self.events(*words)[-1]["skipped"], 3)
        self.assertEqual(self.events(*words, "--precision", "int8")[-1]["done"], 3, "another precision was asked for")


class PrecisionTest(ProgramTest):
    def test_a_precision_that_the_backend_does_not_compute_is_refused(self):
        words = ("cutout", self.discs(1), "-o", self.folder / "out", "--backend", "onnxruntime")
        for precision in ("bf16", "fp16"):
            refused = self.run_program(*words, "--precision", precision, code=2)
            self.assertIn(f"'onnxruntime' does not compute in {precision} on the CPU", refused.stderr)
            self.assertIn("--backend openvino", refused.stderr)

    def test_bench_leaves_out_or_refuses_what_would_run_in_another_precision(self):
        self.discs(2)
        bench = ("bench", "cutout", self.folder / "in", "--runs", "1", "--no-warm-up", "--json")
        words = ("--backend", "onnxruntime", "--compare", "precision")
        names = [c["name"] for c in json.loads(self.run_program(*bench, *words).stdout)["contenders"]]
        self.assertEqual(names, ["fp32"])
        words = ("--backend", "onnxruntime", "--compare", "precision=fp32,bf16")
        rows = json.loads(self.run_program(*bench, *words, code=1).stdout)["contenders"]
        self.assertEqual([row["state"] for row in rows], ["ran", "failed"])
        self.assertIn("does not compute in bf16", rows[1]["failure"])

    def test_the_starter_has_int8(self):
        photos = self.discs(2)
        events = self.events("cutout", photos, "-o", self.folder / "out", "--precision", "int8")
        self.assertEqual(events[-1]["session"]["precision"], "int8")
        self.assertEqual(events[-1]["done"], 2)
        listed = json.loads(self.run_program("models", "list", "--json").stdout)
        (row,) = (row for row in listed if row["id"] == "starter-int8")
        self.assertFalse(row["own"])


if __name__ == "__main__":
    unittest.main()
