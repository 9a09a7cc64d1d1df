"""A job of its own, tests/toy_job, in the program: what docs/HACKING.md says that a job takes."""

import os
import unittest
from unittest import mock

from program import EXAMPLES, SOURCE, ProgramTest

TOY = os.environ.get("PIXMILL_TOY", "")
EXPECTED = """picture,red,green,blue
"astronaut.png",141,105,96
"chelsea.png",147,111,86
"coffee.png",158,85,51
"""


@unittest.skipUnless(TOY, "PIXMILL_TOY is not set; ctest names it")
class Toy(ProgramTest):
    def setUp(self):
        super().setUp()
        patch = mock.patch("program.program", lambda: TOY)
        patch.start()
        self.addCleanup(patch.stop)

    def test_the_job_runs_resumes_and_exports(self):
        out = self.folder / "out"
        done = self.events("average", EXAMPLES, "-o", f"{out}/")[-1]
        self.assertEqual((done["done"], done["failed"]), (3, 0))
        self.assertEqual((out / "average-csv.csv").read_text(), EXPECTED)
        again = self.events("average", EXAMPLES, "-o", f"{out}/")[-1]
        self.assertEqual((again["done"], again["skipped"]), (0, 3))
        table = self.folder / "table.csv"
        self.run_program("export", "average-csv", "--from", EXAMPLES, "-o", table)
        self.assertEqual(table.read_text(), EXPECTED)

    def test_a_bad_picture_fails_alone(self):
        self.discs(2)
        self.write("in/broken.png", b"no picture")
        done = self.events("average", self.folder / "in", "-o", f"{self.folder}/out/", code=1)[-1]
        self.assertEqual((done["done"], done["failed"]), (2, 1))

    def test_help_completion_and_manual_know_it(self):
        self.assertIn("the average colour of photographs", self.run_program("--help").stdout)
        self.assertIn("average", self.run_program("completion", "bash").stdout)
        self.assertIn("average", self.run_program("man").stdout)
        self.assertIn("average runs no model", self.run_program("average", EXAMPLES, "-m", "x", code=2).stderr)
        self.assertIn("no model was named", self.run_program("tune", code=2).stderr)

    def test_models_of_jobs_that_it_does_not_have(self):
        listed = self.run_program("models", "list").stdout
        self.assertIn("of jobs that pixmill does not have", listed)
        self.assertNotIn("xfeat", listed)
        self.assertRegex(self.run_program("models", "list", "--all").stdout, r"xfeat +embed ")

    def test_nothing_below_names_it(self):
        for folder in ("src", "include"):
            for path in (SOURCE / folder).rglob("*.*"):
                self.assertNotIn("average/1", path.read_text(errors="replace"), path)


if __name__ == "__main__":
    unittest.main()
