"""The runner of the test files: its exit codes are what ctest calls passed, failed and skipped."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

RUNNER = pathlib.Path(__file__).resolve().parent / "run_tests.py"
CASE = "import unittest\nclass Case(unittest.TestCase):\n"
PASSES = "    def test_good(self):\n        pass\n"
FAILS = "    def test_bad(self):\n        self.fail('on purpose')\n"
SKIPS = "    @unittest.skip('nothing to test with')\n    def test_none(self):\n        pass\n"
SKIPS_LATE = "    def test_late(self):\n        self.skipTest('nothing found')\n"
SKIPS_CLASS = "    @classmethod\n    def setUpClass(cls):\n        raise unittest.SkipTest('no tools')\n" + PASSES


class Runner(unittest.TestCase):
    def run_file(self, text: str) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "made_up_test.py").write_text(text)
            command = [sys.executable, "-B", RUNNER, "made_up_test"]
            return subprocess.run(
                command, env={"PYTHONPATH": folder}, capture_output=True, text=True, check=False, timeout=60
            )

    def test_exit_codes(self):
        for text, code in (
            (CASE + PASSES, 0),
            (CASE + PASSES + SKIPS, 0),
            (CASE + PASSES + FAILS, 1),
            (CASE + FAILS + SKIPS, 1),
            (CASE + SKIPS + SKIPS_LATE, 77),
            (CASE + SKIPS_CLASS, 77),
            (CASE + SKIPS_CLASS + "class Other(unittest.TestCase):\n" + PASSES, 0),
            ("import unittest\n@unittest.skip('none of it')\nclass Case(unittest.TestCase):\n" + PASSES, 77),
            ("", 1),
            ("import nothing_of_that_name\n", 1),
        ):
            done = self.run_file(text)
            self.assertEqual(done.returncode, code, f"{text}\n{done.stdout}\n{done.stderr}")

    def test_reasons_are_said(self):
        done = self.run_file(CASE + PASSES + SKIPS)
        self.assertIn("Case.test_none: nothing to test with", done.stdout)


if __name__ == "__main__":
    unittest.main()
