"""Made-up jobs through the whole pipeline: many requests a picture, two graphs, rows, a chain; killed at any moment."""

import os
import pathlib
import random
import resource
import signal
import sqlite3
import struct
import subprocess
import time
import unittest

from program import SANITIZED, ProgramTest

JOBS = os.environ.get("PIXMILL_MADE_UP_JOBS", "")
KILLS = int(os.environ.get("PIXMILL_TEST_KILLS", "6" if SANITIZED else "40"))  # of each kind, that hit a living process
PICTURES = 30


@unittest.skipUnless(JOBS, "PIXMILL_MADE_UP_JOBS is not set; ctest names it")
class MadeUp(ProgramTest):
    def setUp(self):
        super().setUp()
        self.discs(PICTURES)
        self.chance = random.Random(20261121)

    def words(self, kind: str, out: str) -> list:
        return [JOBS, kind, self.folder / "models", self.folder / "in", self.folder / out]

    def run_job(self, kind: str, out: str, code: int = 0) -> str:
        done = subprocess.run(
            list(map(str, self.words(kind, out))),
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=300,
            check=False,
        )
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout.splitlines()[-1] if done.stdout else done.stderr

    def made(self, out: str) -> dict:
        folder = self.folder / out
        found = folder.iterdir() if folder.is_dir() else []
        return {path.name: path.read_bytes() for path in found if not path.name.startswith(".")}

    def records(self) -> list:
        """(input, kind) of every record in the catalogue."""
        with sqlite3.connect(pathlib.Path(self.environment["PIXMILL_HOME"]) / "state/catalogue.db") as catalogue:
            return sorted(
                catalogue.execute(
                    "SELECT inputs.path, records.kind FROM records"
                    " JOIN results ON results.id = records.result JOIN inputs ON inputs.id = results.input"
                ).fetchall()
            )

    def kill_until_done(self, kind: str) -> int:
        """Kills runs until enough have hit; after each, every file that has its name is whole and the right one."""
        start = time.monotonic()
        self.run_job(kind, "whole")
        whole_run = time.monotonic() - start
        whole = self.made("whole")
        hits = attempts = 0
        out = "out0"
        while hits < KILLS:
            attempts += 1
            self.assertLess(attempts, 20 * KILLS, f"{hits} kills hit a living process")
            with subprocess.Popen(
                list(map(str, self.words(kind, out))),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self.environment,
            ) as running:
                time.sleep(self.chance.uniform(0, whole_run))
                running.kill()
            hits += running.returncode == -signal.SIGKILL
            for name, data in self.made(out).items():
                self.assertEqual(data, whole[name], f"{name} after kill {attempts}")
            if len(self.made(out)) == len(whole):  # start over
                out = f"out{attempts}"
        before = self.made(out)
        ended = self.run_job(kind, out)
        self.assertEqual(ended, f"ended {PICTURES - len(before)} {len(before)} 0", "made twice, or lost")
        self.assertEqual(self.made(out), whole)
        left = [name for name in os.listdir(self.folder / out) if name.startswith(".")]
        self.assertEqual(left, [], "temporary files of killed runs were not swept")
        return hits

    def test_fifty_requests_a_picture(self):
        self.kill_until_done("fifty")

    def test_two_graphs(self):
        self.kill_until_done("two")

    def test_rows(self):
        self.kill_until_done("rows")

    def test_a_chain_of_two(self):
        self.kill_until_done("chain")
        self.assertEqual(len(self.made("whole")), PICTURES)

    def test_records_without_files(self):
        start = time.monotonic()
        self.run_job("records", "other")
        whole_run = time.monotonic() - start
        self.discs(PICTURES, size=40)  # other pictures: all is to be done again
        for _ in range(KILLS):
            with subprocess.Popen(
                list(map(str, self.words("records", "out"))), stdout=subprocess.DEVNULL, env=self.environment
            ) as running:
                time.sleep(self.chance.uniform(0, whole_run))
                running.kill()
        self.run_job("records", "out")
        expected = [(str((self.folder / f"in/img{i}.png").resolve()), "made-up/1") for i in range(PICTURES)]
        self.assertEqual(self.records(), sorted(expected), "one record of each picture")
        self.assertEqual(self.run_job("records", "out"), f"ended 0 {PICTURES} 0")

    def test_every_picture_has_one_record(self):
        self.run_job("fifty", "out")
        self.run_job("fifty", "out")
        self.assertEqual(len(self.records()), PICTURES)

    @unittest.skipIf(SANITIZED, "sanitizers need memory of their own")
    def test_a_picture_larger_than_memory(self):
        for path in list((self.folder / "in").iterdir())[1:]:
            path.unlink()
        self.environment["ROWS"] = "30000x30000"
        words = list(map(str, self.words("rows", "big")))
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, env=self.environment) as running:
            _, status, usage = os.wait4(running.pid, 0)
            running.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(running.returncode, 0)
        self.assertLess(usage.ru_maxrss * 1024, 300 << 20)
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, 300 << 20, "it counts this process")
        [name] = self.made("big")
        with (self.folder / "big" / name).open("rb") as file:
            order = "<" if file.read(2) == b"II" else ">"
            version, offset = struct.unpack(order + "HI", file.read(6))
            self.assertEqual(version, 42)
            file.seek(offset)
            count = struct.unpack(order + "H", file.read(2))[0]
            tags = {}
            for _ in range(count):
                tag, kind, _, value = struct.unpack(order + "HHII", file.read(12))
                tags[tag] = value & 0xFFFF if kind == 3 and order == "<" else value
            self.assertEqual((tags[256], tags[257]), (30000, 30000))

    def test_a_card_whose_graph_is_not_there(self):
        self.run_job("two", "out")
        card = self.folder / "models/encoder.yaml"
        card.write_text(card.read_text().replace("decoder.onnx", "lost.onnx"))
        said = self.run_job("two", "other", code=2)
        self.assertIn(f"the file of its graph 'decoder', {self.folder}/models/lost.onnx, does not exist", said)

    def test_roles_that_do_not_fit(self):
        self.run_job("two", "out")
        card = self.folder / "models/encoder.yaml"
        card.write_text(card.read_text().replace("role: decoder", "role: text"))
        said = self.run_job("two", "other", code=2)
        self.assertIn("the card's graph 2 is the 'text', two runs the 'decoder' there", said)

    def test_a_model_with_another_number_of_inputs(self):
        self.run_job("two", "out")
        models = self.folder / "models"
        self.run_job("fifty", "fifty")
        (models / "decoder.onnx").write_bytes((models / "one.onnx").read_bytes())
        said = self.run_job("two", "other", code=2)
        self.assertIn("the decoder takes 2 inputs, the file 1", said)


if __name__ == "__main__":
    unittest.main()
