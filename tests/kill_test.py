"""kill -9 at random moments: whole files or none, nothing lost, nothing done twice."""

import json
import os
import random
import signal
import subprocess
import time
import unittest

from png_file import png_header
from program import SANITIZED, ProgramTest, program

PICTURES = 40


class Made:
    """What has been made with the options at hand, by name: a file that is there in a newer form than at the start."""

    def __init__(self, before: dict):
        self.before = before
        self.files = {}

    def grow(self, now: dict) -> int:
        """Takes in what is there now and returns how many are new. AssertionError: lost, or made twice."""
        for name in self.before:
            assert name in now, f"{name} was lost"
        for name, identity in self.files.items():
            assert name in now, f"{name} was lost"
            assert now[name] == identity, f"{name} was made twice"
        known = len(self.files)
        self.files |= {name: identity for name, identity in now.items() if self.before.get(name) != identity}
        return len(self.files) - known


class Kill(ProgramTest):
    kills = 25 if SANITIZED else 100  # that hit a living process

    def setUp(self):
        super().setUp()
        self.chance = random.Random(20261121)
        self.discs(PICTURES)
        self.out = self.folder / "out"
        self.words = ["cutout", str(self.folder / "in"), "-o", str(self.out), "--json"]

    def finished(self) -> dict:
        """Inode and time of every file under its final name; all of them must be whole."""
        found = {}
        for path in self.out.iterdir() if self.out.is_dir() else []:
            if not path.name.startswith("."):
                data = path.read_bytes()
                png_header(data)
                self.assertTrue(data.endswith(b"IEND\xaeB`\x82"), f"{path} is half a file")
                status = path.stat()
                found[path.name] = (status.st_ino, status.st_mtime_ns)
        return found

    def kill_one(self, options: list, pictures: int, delay: float) -> bool:
        """Starts a run, kills it `delay` seconds after its `pictures`-th picture; whether it was still alive."""
        with subprocess.Popen(
            [program(), *self.words, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment,
            text=True,
        ) as running:
            while pictures and (line := running.stdout.readline()):
                pictures -= json.loads(line)["event"] == "done"
            time.sleep(delay)
            running.kill()
        return running.returncode == -signal.SIGKILL

    def test_random_moments(self):
        wanted = self.kills // 4  # in a run that had made something and had found something made before
        start = time.monotonic()
        self.run_program(*self.words)
        whole_run = time.monotonic() - start
        for path in self.out.iterdir():
            path.unlink()
        made, options = Made({}), ["--feather", "1"]
        hits = resumed = rounds = attempts = 0
        while hits < self.kills or resumed < wanted:
            attempts += 1
            self.assertLess(attempts, 10 * self.kills, f"{hits} kills hit a living process, {resumed} one at work")
            left = PICTURES - len(made.files)
            if left == 0:  # start over: with other options, over the old results or in an empty folder
                rounds += 1
                if rounds % 2:
                    for path in self.out.iterdir():
                        path.unlink()
                options = ["--feather", str(rounds % 5)]
                made, left = Made(self.finished()), PICTURES
            earlier = len(made.files)
            # By turns anywhere in the run, from the first instruction on, and soon after one of its pictures.
            if attempts % 2:
                alive = self.kill_one(options, 0, self.chance.uniform(0, whole_run))
                whole_run *= 1.05 if alive else 0.8
            else:
                alive = self.kill_one(
                    options, self.chance.randint(1, max(1, min(left - 1, 8))), self.chance.uniform(0, 0.01)
                )
            new = made.grow(self.finished())
            hits += alive
            resumed += alive and new > 0 and earlier > 0
        ended = self.events(*self.words[:-1], *options)[-1]
        self.assertEqual((ended["failed"], ended["skipped"]), (0, len(made.files)))
        self.assertEqual(ended["done"], PICTURES - len(made.files), "made twice")
        made.grow(self.finished())
        self.assertEqual(len(made.files), PICTURES)
        left = [name for name in os.listdir(self.out) if name.startswith(".")]
        self.assertEqual(left, [], "temporary files of killed runs were not swept")
        self.assertGreater(rounds, 1)
        print(f"{hits} of {attempts} kills hit a living process, {resumed} one that went on with earlier work")

    def test_the_checks_see_what_is_made_twice_or_lost(self):
        self.run_program(*self.words)
        made = Made({})
        self.assertEqual(made.grow(self.finished()), PICTURES)
        self.run_program(*self.words)
        self.assertEqual(made.grow(self.finished()), 0)
        self.run_program(*self.words, "--force")
        with self.assertRaisesRegex(AssertionError, "made twice"):
            made.grow(self.finished())
        made = Made(self.finished())
        self.assertEqual(made.grow(self.finished()), 0)
        next(self.out.iterdir()).unlink()
        with self.assertRaisesRegex(AssertionError, "lost"):
            made.grow(self.finished())


if __name__ == "__main__":
    unittest.main()
