"""pixmill bench beside the real rembg, in an environment that bench/peers.sh makes once in .env/peers (about 1 GB)."""

import json
import subprocess
import unittest

from program import EXAMPLES, SHARED, SOURCE, ProgramTest, fetched_or_skipped

MODEL = SHARED / "models/matting/u2netp.onnx"


@unittest.skipUnless(MODEL.is_file(), "no ../shared: u2netp, which rembg and pixmill both run, is not here")
class Rembg(ProgramTest):
    @classmethod
    def setUpClass(cls):
        command = [SOURCE / "bench/peers.sh"]
        made = fetched_or_skipped(subprocess.run(command, capture_output=True, text=True, check=False))
        assert made.returncode == 0, made.stderr
        cls.python = made.stdout.strip()

    def test_it_makes_every_picture(self):
        done = self.run_program(
            "bench", "cutout", EXAMPLES, "-m", MODEL, "--against", "rembg", "--peer-python", self.python,
            "--runs", 1, "--json",
        )  # fmt: skip
        bench = json.loads(done.stdout)
        (peer,) = (one for one in bench["contenders"] if one["name"] == "rembg")
        self.assertEqual(peer["options"], {"peer": "rembg", "model": "u2netp"})
        (run,) = peer["runs"]
        self.assertEqual((run["done"], run["failed"], run["model"]), (3, 0, "u2netp"))
        self.assertGreater(run["cold_s"], 0)
        self.assertGreater(run["warm_s"], 0)
        self.assertGreater(run["memory_peak"], 2 * run["memory_before"] // 3)
        self.assertGreater(peer["summary"]["rate"]["median"], 0)


if __name__ == "__main__":
    unittest.main()
