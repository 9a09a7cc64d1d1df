"""kill -9 at random moments: whole files or none, nothing lost, nothing done twice."""

import os
import random
import subprocess
import time
import unittest

from program import SANITIZED, ProgramTest, png_header, program

KILLS = 25 if SANITIZED else 200
PICTURES = 40


class Kill(ProgramTest):
    def finished(self) -> dict:
        """Inode and time of every file under its final name; all of them must be whole."""
        found = {}
        out = self.folder / "out"
        for path in out.iterdir() if out.is_dir() else []:
            if not path.name.startswith("."):
                data = path.read_bytes()
                png_header(data)
                self.assertTrue(data.endswith(b"IEND\xaeB`\x82"), f"{path} is half a file")
                status = path.stat()
                found[path.name] = (status.st_ino, status.st_mtime_ns)
        return found

    def test_two_hundred_kills(self):
        chance = random.Random(20261121)
        self.discs(PICTURES)
        words = ["cutout", str(self.folder / "in"), "-o", str(self.folder / "out")]
        start = time.monotonic()
        self.run_program(*words)
        whole_run = time.monotonic() - start
        rounds = 0
        kept = {}
        for _ in range(KILLS):
            if len(self.finished()) == PICTURES:  # start over, with another result for every picture now and then
                rounds += 1
                kept = {}
                if rounds % 2:
                    for path in (self.folder / "out").iterdir():
                        path.unlink()
                words = words[:4] + ["--feather", str(rounds % 5)]
                before = self.finished()
            else:
                before = {}
            running = subprocess.Popen(
                [program(), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment
            )
            time.sleep(chance.uniform(0, whole_run * 0.9))
            running.kill()
            running.wait()
            now = self.finished()
            self.assertGreaterEqual(set(now), set(before), "a finished file was lost")
            for name, identity in kept.items():
                self.assertEqual(now.get(name), identity, f"{name} was made twice, or lost")
            if not before:
                kept = now
        ended = self.events(*words)[-1]
        self.assertEqual(ended["failed"], 0)
        self.assertEqual(ended["done"] + ended["skipped"], PICTURES)
        left = [name for name in os.listdir(self.folder / "out") if name.startswith(".")]
        self.assertEqual(left, [], "temporary files of killed runs were not swept")
        self.assertGreater(rounds, 0)


if __name__ == "__main__":
    unittest.main()
