"""pixmill tune: what it prints, what it stores, and that jobs use it."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import unittest

from program import ProgramTest, program

QUICK = ("tune", "-m", "starter", "--budget", "3s")


class Tune(ProgramTest):
    def kept(self) -> list:
        return json.loads((self.folder / "home/tuned.json").read_text())["tunings"]

    def tune(self) -> dict:
        return json.loads(self.run_program(*QUICK, "--json").stdout)

    def test_winner_is_kept_and_jobs_take_it(self):
        result = self.tune()
        self.assertEqual(result["model"], "starter")
        if len(result["trials"]) < 2:  # a machine that others keep busy wants more time
            result = json.loads(self.run_program(*QUICK[:-1], "60s", "--json").stdout)
        self.assertGreaterEqual(len(result["trials"]), 2, "it compared nothing")
        (kept,) = self.kept()
        setup = kept["setups"][0]
        self.assertEqual({k: setup[k] for k in result["chosen"]}, result["chosen"])
        self.assertEqual(kept["model_sha256"], result["model_sha256"])

        events = self.events("cutout", self.discs(3), "-o", self.folder / "out")
        self.assertEqual(events[0]["tuned"], kept["date"])
        self.assertEqual(events[-1]["tuned"], kept["date"])
        session = events[-1]["session"]
        for key in ("backend", "streams", "threads", "precision"):
            self.assertEqual(session[key], setup[key], key)
        shown = json.loads(self.run_program("config", "show", "--json").stdout)
        self.assertEqual(shown["tuned"]["starter"]["date"], kept["date"])
        self.assertIn("tuned " + kept["date"], self.run_program("config", "show").stdout)
        said = self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", "--dry-run").stderr
        self.assertIn("tuned " + kept["date"], said)

    def test_flags_win_over_what_was_tuned(self):
        self.tune()
        home = self.folder / "home/tuned.json"
        data = json.loads(home.read_text())
        data["tunings"][0]["setups"] = [
            {"device": "cpu", "backend": "onnxruntime", "precision": "fp32", "streams": 1, "threads": 1, "batch": 1,
             "pictures_per_second": 1.0}
        ]  # fmt: skip
        home.write_text(json.dumps(data))
        photos = self.discs(2)
        tuned = self.events("cutout", photos, "-o", self.folder / "a")[-1]
        self.assertEqual((tuned["session"]["backend"], tuned["session"]["streams"]), ("onnxruntime", 1))
        threads = self.events("cutout", photos, "-o", self.folder / "b", "-j", "2")[-1]
        self.assertEqual((threads["session"]["backend"], threads["session"]["streams"]), ("onnxruntime", 2))
        other = self.events("cutout", photos, "-o", self.folder / "c", "--precision", "bf16")
        self.assertEqual(other[-1]["tuned"], "")

    def test_stale_and_damaged_files_are_left_aside_with_a_word(self):
        self.tune()
        photos = self.discs(1)
        home = self.folder / "home/tuned.json"
        home.write_text(home.read_text().replace("core", "abacus"))
        for text in (home.read_text(), "{ damaged"):
            home.write_text(text)
            events = self.events("cutout", photos, "-o", self.folder / "out", "--force")
            warnings = [e["message"] for e in events if e["event"] == "warning"]
            self.assertTrue(any("tuning" in w and "pixmill tune" in w for w in warnings), warnings)
            self.assertEqual(events[-1]["tuned"], "")
            self.assertEqual(events[-1]["done"], 1)

    def test_table(self):
        done = self.run_program(*QUICK)
        lines = done.stdout.splitlines()
        self.assertTrue(lines[0].startswith("starter on "))
        self.assertIn("pictures/s", lines[1])
        rows = [line for line in lines[2:] if " threads" in line and "<-" in line]
        self.assertTrue(any("chosen" in row for row in rows), done.stdout)
        self.assertTrue(any("auto" in row for row in rows), done.stdout)
        self.assertIn("tuned.json", lines[-1])
        self.assertTrue(all(len(line) <= 200 for line in lines))

    def test_forget(self):
        self.tune()
        self.assertIn("1 tuning forgotten", self.run_program("tune", "--forget", "-m", "starter").stdout)
        self.assertEqual(self.kept(), [])
        self.assertIn("0 tunings forgotten", self.run_program("tune", "--forget").stdout)
        self.assertEqual(json.loads(self.run_program("tune", "--forget", "--json").stdout), {"forgotten": 0})

    def test_dry_run_measures_and_keeps_nothing(self):
        said = self.run_program("tune", "-m", "starter", "--dry-run").stdout
        self.assertIn("would measure", said)
        self.assertIn("<- auto", said)
        plan = json.loads(self.run_program("tune", "-m", "starter", "--dry-run", "--json").stdout)
        self.assertGreaterEqual(len(plan["setups"]), 1)
        self.assertFalse((self.folder / "home").exists())

    def test_interrupted_keeps_nothing(self):
        terminal, end = pty.openpty()  # the live line says when it measures
        running = subprocess.Popen(
            [program(), "tune", "-m", "starter", "--budget", "600s"],
            stdout=subprocess.PIPE,
            stderr=end,
            env={**self.environment, "TERM": "xterm"},
            text=True,
        )
        os.close(end)
        said, asked = b"", False
        with contextlib.suppress(OSError):  # EIO: the program has ended
            while part := os.read(terminal, 4096):
                said += part
                if b"of at most 600 s" in said and not asked:
                    running.send_signal(signal.SIGINT)
                    asked = True
        os.close(terminal)
        out = running.communicate(timeout=60)[0]
        said = said.decode()
        self.assertTrue(asked, said)
        self.assertEqual(running.returncode, 130, said)
        self.assertEqual(out, "")
        self.assertIn("interrupted", said)
        self.assertFalse((self.folder / "home/tuned.json").exists())

    def test_wrong_words(self):
        for budget in ("soon", "0s", "-5s", "99h"):
            self.assertIn("--budget", self.run_program("tune", "--budget", budget, code=2).stderr)
        self.assertIn("no_such", self.run_program("tune", "-m", "no_such", code=2).stderr)
        self.assertIn("nowhere", self.run_program("tune", "nowhere.jpg", code=2).stderr)
        self.run_program("tune", "--budgets", "3s", code=2)

    def test_a_file_that_cannot_be_written_is_told(self):
        self.write("home", b"a file where the folder should be")
        done = self.run_program(*QUICK, code=2)
        self.assertIn("home", done.stderr)
        self.assertIn("pictures/s", done.stdout)  # what was measured is shown all the same


if __name__ == "__main__":
    unittest.main()
