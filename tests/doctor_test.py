"""pixmill doctor: what it finds, crashes that it survives, and what its report leaves out."""

import json
import os
import socket
import subprocess
import unittest

from program import SANITIZED, ProgramTest, program

CRASHING = os.environ.get("PIXMILL_CRASHING_RUNTIME", "")


class Doctor(ProgramTest):
    def doctor(self, *words, code=0) -> dict:
        return json.loads(self.run_program("doctor", *words, "--json", code=code).stdout)

    def row(self, diagnosis: dict, subject: str) -> dict:
        return next(row for row in diagnosis["findings"] if row["subject"] == subject)

    def test_a_healthy_machine(self):
        diagnosis = self.doctor(self.folder / "out")
        self.assertEqual(diagnosis["problems"], 0)
        self.assertEqual(self.row(diagnosis, "cpu")["health"], "ok")
        cpu = next(device for device in diagnosis["devices"] if device["id"] == "cpu")
        self.assertEqual({self_test["batch"] for self_test in cpu["self_tests"]}, {1, 2})
        for device in diagnosis["devices"]:
            self.assertTrue(device["available"] or device["reason"] or device["crash"], device)
            if device["available"] and device["id"] != "libtorch":
                self.assertTrue(device["self_tests"], device["id"])
        self.assertTrue(self.row(diagnosis, "output")["text"].startswith(str(self.folder / "out")))
        self.assertFalse((self.folder / "out").exists(), "the doctor makes nothing")
        made = [path.name for path in (self.folder / "home").rglob("*") if path.is_file()]
        self.assertIn(made, ([], ["speeds.json"]), "the doctor makes nothing but what it measured")
        self.assertGreater(diagnosis["machine"]["memory"]["total_bytes"], 0)

    def test_what_a_person_reads(self):
        said = self.run_program("doctor", "--device", "cpu")
        self.assertNotIn("\x1b", said.stdout, "no colours in a pipe")
        for heading in ("Machine", "Storage", "Pictures", "Runtimes", "Devices"):
            self.assertIn(f"\n{heading}\n", said.stdout)
        self.assertRegex(said.stdout.splitlines()[-1], r"^0 problems, \d+ warnings?; \d+ ok, \d+ not here$")

    def test_wrong_words(self):
        self.assertIn("cuda", self.run_program("doctor", "--device", "cudda", code=2).stderr)
        self.assertIn("--report", self.run_program("doctor", "--reprot", "x", code=2).stderr)
        self.assertIn("one output folder", self.run_program("doctor", "a", "b", "c", code=2).stderr)

    def test_a_runtime_that_is_none(self):
        self.environment["ONNXRUNTIME_LIB"] = str(self.write("libnone.so", b"no library"))
        row = self.row(self.doctor("--device", "cpu", code=1), "onnxruntime")
        self.assertEqual(row["health"], "problem")
        self.assertIn("libnone.so", row["text"])
        self.assertIn("ONNXRUNTIME_LIB", row["remedy"])

    @unittest.skipUnless(os.path.exists(CRASHING), "PIXMILL_CRASHING_RUNTIME names no library")
    @unittest.skipIf(SANITIZED, "sanitizers take the signal for themselves")
    def test_a_runtime_that_crashes_is_a_row(self):
        self.environment["ONNXRUNTIME_LIB"] = CRASHING
        diagnosis = self.doctor("--device", "cpu", code=1)
        row = self.row(diagnosis, "cpu")
        self.assertEqual(row["health"], "problem")
        self.assertIn("signal 11 (Segmentation fault)", row["text"])
        self.assertEqual(self.row(diagnosis, "memory")["group"], "Machine", "the rest is still examined")

    def test_broken_settings_do_not_stop_it(self):
        self.write("home/settings.yaml", b"cutout:\n  formt: webp\n")
        row = self.row(self.doctor("--device", "cpu", code=1), "settings")
        self.assertEqual(row["health"], "problem")
        self.assertIn("formt", row["text"])
        self.assertIn("format", row["remedy"])

    def test_a_folder_that_is_a_file(self):
        taken = self.write("taken", b"")
        row = self.row(self.doctor(taken, "--device", "cpu", code=1), "output")
        self.assertIn("is not a folder", row["text"])

    def test_a_damaged_catalogue_is_named_and_left_alone(self):
        catalogue = self.write("home/state/catalogue.db", b"x" * 5000)
        row = self.row(self.doctor("--device", "cpu", code=1), "catalogue")
        self.assertEqual(row["health"], "problem")
        self.assertEqual(catalogue.read_bytes(), b"x" * 5000)

    def test_the_report_keeps_paths_and_names_to_itself(self):
        home = self.folder / "Zoë O'Neil [priv ate]"
        home.mkdir()
        work = home / "acme secret"
        work.mkdir()
        del self.environment["PIXMILL_HOME"]
        self.environment |= {
            "HOME": str(home),
            "USER": "zoneil",
            "LOGNAME": "zoneil",
            "PIXMILL_MODEL": "/mnt/acme/x.onnx",
        }
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
            self.environment.pop(variable, None)
        settings = home / ".config/pixmill/settings.yaml"
        settings.parent.mkdir(parents=True)
        settings.write_text("cutout:\n  format: webp\n")
        done = subprocess.run(
            [program(), "doctor", str(work / "zoneil"), "--device", "cpu", "--report", "report.txt"],
            cwd=work,
            env=self.environment,
            capture_output=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        report = (work / "report.txt").read_text()
        for private in ("Zoë", "O'Neil", "priv ate", "zoneil", "acme", str(self.folder)):
            self.assertNotIn(private, report)
        host = socket.gethostname()
        if len(host) > 2 and host != "localhost":
            self.assertNotRegex(report, rf"\b{host}\b")
        for heading in ("Checks", "Self-tests", "Settings", "Environment", "Models", "Catalogue"):
            self.assertIn(f"\n{heading}", report)
        self.assertRegex(report, r"format +webp +\(file\)")
        self.assertIn("<output>", report)

    def test_a_report_that_cannot_be_written(self):
        said = self.run_program("doctor", "--device", "cpu", "--report", "/proc/report.txt", code=2)
        self.assertIn("/proc", said.stderr)
        self.assertIn("problem", said.stdout)  # what was found is shown all the same


if __name__ == "__main__":
    unittest.main()
