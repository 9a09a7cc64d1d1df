"""pixmill filter --to copy|move|link|symlink, and pixmill undo: files of the hits, and what is never done to them."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from png_file import png
from program import ProgramTest, program
from tiny_detector import tiny_detector

NOBODY = 65534
BRIGHT = ("a/p0.png", "b/deep/p3.png")  # of SIX, the hits of RULE
SIX = ("a/p0.png", "a/p1.png", "a/p2.png", "b/deep/p3.png", "b/p4.png", "p5.png")
RULE = ("--where", "confidence(thing) > 0.6")


class TransferTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.model = self.write("tiny.onnx", tiny_detector())
        for i, name in enumerate(SIX):
            # No two alike; the level of the hits is 255.
            self.write(f"photos/{name}", png(20 + i, 20, lambda x, y, i=i: (255 if SIX[i] in BRIGHT else 0,) * 3))
        self.photos, self.out = self.folder / "photos", self.folder / "out"
        self.before = self.tree(self.photos)

    def tree(self, folder) -> dict:
        """Bytes of every file, and the text of every link, by its path below the folder."""
        return {
            str(p.relative_to(folder)): os.readlink(p) if p.is_symlink() else p.read_bytes()
            for p in folder.rglob("*")
            if p.is_symlink() or p.is_file()
        }

    def words(self, action: str, *more) -> tuple:
        return ("filter", self.photos, "-m", self.model, *RULE, "--to", action, "-o", self.out, *more)

    def transfer(self, action: str, *more, code=0, **options):
        return self.run_program(*self.words(action, *more), code=code, **options)

    def undo(self, *words, code=0):
        return self.run_program("undo", *words, code=code)

    def plans(self) -> list:
        return json.loads(self.undo("--list", "--json").stdout)


class Transfers(TransferTest):
    def test_each_way_there_and_back(self):
        for action in ("copy", "move", "link", "symlink"):
            with self.subTest(action):
                done = self.transfer(action)
                self.assertIn(f"{action}: 2 pictures", done.stderr)
                self.assertEqual(sorted(self.tree(self.out)), sorted(BRIGHT))
                for name in BRIGHT:
                    self.assertEqual((self.out / name).read_bytes(), self.before[name])
                    self.assertEqual((self.photos / name).exists(), action != "move")
                self.assertIn("2 files", self.undo().stdout)
                self.assertEqual(self.tree(self.photos), self.before)
                self.assertFalse(self.out.exists())
        self.assertEqual([plan["action"] for plan in self.plans()], ["symlink", "link", "move", "copy"])
        self.assertEqual({plan["state"] for plan in self.plans()}, {"undone"})

    def test_what_was_only_touched_goes_and_comes_back(self):
        self.transfer("copy")
        for name in SIX:
            os.utime(self.photos / name, (1_500_000_000, 1_500_000_000))
        self.run_program("filter", self.photos, "--known", *RULE, "--to", "move", "-o", self.folder / "moved")
        for name in BRIGHT:
            os.utime(self.folder / "moved" / name, (1_600_000_000, 1_600_000_000))
        self.assertIn("2 files", self.undo().stdout)
        self.assertEqual(self.tree(self.photos), self.before)

    def test_what_was_found_follows(self):
        self.transfer("move")
        moved = self.run_program("filter", self.out, "-m", self.model, *RULE, "-v")
        self.assertEqual(len(moved.stdout.splitlines()), 2)
        self.assertIn("2 (100.0 %) were known", moved.stderr)
        self.undo()
        known = self.run_program("filter", self.photos, "-m", self.model, *RULE, "--known")
        self.assertEqual(len(known.stdout.splitlines()), 2)

    def test_a_dry_run_touches_nothing(self):
        done = self.transfer("move", "--dry-run")
        for name in BRIGHT:
            self.assertIn(name, done.stdout + done.stderr)
        self.assertEqual(self.tree(self.photos), self.before)
        self.assertFalse(self.out.exists())
        self.assertEqual(self.plans(), [])

    def test_a_foreign_file_is_not_replaced_and_nothing_is_touched(self):
        self.write("out/b/deep/p3.png", b"mine")
        for action in ("copy", "move", "link", "symlink"):
            done = self.transfer(action, code=2)
            self.assertIn("out/b/deep/p3.png", done.stderr)
            self.assertEqual(self.tree(self.photos), self.before)
            self.assertEqual(self.tree(self.out), {"b/deep/p3.png": b"mine"})

    def test_again_finds_the_copies_there(self):
        self.transfer("copy")
        self.assertIn("2 there already", self.transfer("copy").stderr)
        self.assertEqual(len(self.plans()), 1)

    def test_a_target_among_the_inputs(self):
        done = self.run_program(*self.words("move")[:-1], self.photos / "good", code=2)
        self.assertIn("input", done.stderr)
        self.assertEqual(self.tree(self.photos), self.before)

    def test_without_a_folder(self):
        self.assertIn("-o FOLDER", self.run_program(*self.words("move")[:-2], code=2).stderr)

    def test_a_folder_without_rights_in_the_middle(self):
        if os.geteuid() != 0:
            os.chmod(self.photos / "b/deep", 0o555)
            done = self.transfer("move", code=1)
        else:
            if not os.access(program(), os.X_OK):
                self.skipTest("the program cannot be started")
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
            os.chmod(self.photos / "b/deep", 0o555)
            try:
                done = self.program_result(*self.words("move"), user=NOBODY, group=NOBODY, extra_groups=[])
            except PermissionError:
                self.skipTest("another user cannot start the program where it lies")
            self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("b/deep/p3.png", done.stderr)
        self.assertEqual(sorted(self.tree(self.out)), ["a/p0.png"])
        self.assertTrue((self.photos / "b/deep/p3.png").exists())


class Undo(TransferTest):
    def test_twice(self):
        self.transfer("move")
        self.undo()
        self.assertIn("undone already", self.undo().stdout)
        self.assertEqual(self.tree(self.photos), self.before)

    def test_files_that_changed_meanwhile_are_left_and_named(self):
        self.transfer("move")
        (self.out / "a/p0.png").write_bytes(b"edited")
        (self.photos / "b/deep/p3.png").write_bytes(b"a new one")
        done = self.undo(code=1)
        self.assertIn("out/a/p0.png is left: it changed", done.stderr)
        self.assertIn("photos/b/deep/p3.png is there again", done.stderr)
        self.assertEqual((self.out / "a/p0.png").read_bytes(), b"edited")
        self.assertEqual((self.photos / "b/deep/p3.png").read_bytes(), b"a new one")
        self.assertEqual(self.plans()[0]["state"], "partly undone")
        (self.photos / "b/deep/p3.png").unlink()
        self.undo(code=1)  # one is left for good
        self.assertEqual((self.photos / "b/deep/p3.png").read_bytes(), self.before["b/deep/p3.png"])

    def test_a_dry_run_names_the_files(self):
        self.transfer("move")
        done = self.undo("--dry-run")
        self.assertIn(f"{self.out}/a/p0.png -> {self.photos}/a/p0.png", done.stdout)
        self.assertEqual(sorted(self.tree(self.out)), sorted(BRIGHT))

    def test_a_named_plan(self):
        self.transfer("copy")
        first = self.plans()[0]["plan"]
        self.run_program(*self.words("copy")[:-1], self.folder / "other")
        report = json.loads(self.undo(first, "--json").stdout)
        self.assertEqual((report["plan"], report["taken_back"], report["left"]), (first, 2, []))
        self.assertFalse(self.out.exists())
        self.assertEqual(sorted(self.tree(self.folder / "other")), sorted(BRIGHT))
        self.assertIn("no plan", self.undo("20000101-000000-0000", code=2).stderr)

    def test_the_list_says_what_and_when(self):
        self.transfer("link")
        text = self.undo("--list").stdout
        for part in (self.plans()[0]["plan"], "done: link of 2 files", str(self.out), "--where"):
            self.assertIn(part, text)

    def test_folders_that_became_links_to_each_other(self):
        self.transfer("move")
        moved = self.tree(self.out)
        shutil.rmtree(self.photos)
        self.photos.symlink_to(self.out)
        self.assertIn("2 left", self.undo(code=1).stdout)
        self.assertEqual(self.tree(self.out), moved)

    def test_the_list_writes_nothing(self):
        self.assertEqual(self.plans(), [])
        self.assertEqual(list(self.folder.rglob("plans.*")), [])
        self.transfer("copy")
        state = next(self.folder.rglob("plans.db")).parent
        if os.geteuid() != 0:
            os.chmod(state, 0o555)
            self.addCleanup(os.chmod, state, 0o755)
            self.assertEqual(len(self.plans()), 1)
            return
        for path in (self.folder, *self.folder.rglob("*")):
            os.chmod(path, 0o555 if path.is_dir() else 0o444)
        try:
            done = self.program_result("undo", "--list", user=NOBODY, group=NOBODY, extra_groups=[])
        except PermissionError:
            self.skipTest("another user cannot start the program where it lies")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("copy of 2 files", done.stdout)

    def test_without_a_plan(self):
        self.assertIn("no plan to undo", self.undo(code=2).stderr)


class OtherFileSystem(TransferTest):
    def setUp(self):
        super().setUp()
        if not os.access("/dev/shm", os.W_OK) or os.stat("/dev/shm").st_dev == os.stat(self.folder).st_dev:
            self.skipTest("no second file system at /dev/shm")
        holder = tempfile.TemporaryDirectory(prefix="pixmill_", dir="/dev/shm")
        self.addCleanup(holder.cleanup)
        self.out = pathlib.Path(holder.name) / "out"

    def test_a_move_there_and_back(self):
        times = {name: os.stat(self.photos / name).st_mtime_ns for name in BRIGHT}
        self.transfer("move")
        self.assertEqual(self.tree(self.out), {name: self.before[name] for name in BRIGHT})
        self.assertEqual({name: os.stat(self.out / name).st_mtime_ns for name in BRIGHT}, times)
        self.undo()
        self.assertEqual(self.tree(self.photos), self.before)
        self.assertFalse(self.out.exists())

    def test_hard_links_are_refused_with_advice(self):
        self.assertIn("--to symlink", self.transfer("link", code=2).stderr)
        self.assertFalse(self.out.exists())


class Kills(ProgramTest):
    PICTURES = 600

    def test_kill_and_undo(self):
        model = self.write("tiny.onnx", tiny_detector())
        one = png(8, 8, lambda x, y: (255,) * 3)
        for i in range(self.PICTURES):
            self.write(f"photos/{i % 7}/p{i}.png", one + str(i).encode())  # no two alike
        photos, out = self.folder / "photos", self.folder / "out"
        before = {p.relative_to(photos): (p.read_bytes(), p.stat().st_ino) for p in photos.rglob("*.png")}
        words = ("filter", photos, "-m", model, *RULE)
        self.run_program(*words)
        for delay in (0, 0.002, 0.01):
            with subprocess.Popen(
                [program(), *map(str, words), "--to", "move", "-o", str(out)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self.environment,
            ) as running:
                while running.poll() is None and not next(out.glob("*/*.png"), None):
                    time.sleep(0.0005)
                time.sleep(delay)
                running.send_signal(signal.SIGKILL)
            there = sum(1 for _ in out.rglob("*.png"))
            self.assertEqual(there + sum(1 for _ in photos.rglob("*.png")), self.PICTURES)
            self.run_program("undo")
            after = {p.relative_to(photos): (p.read_bytes(), p.stat().st_ino) for p in photos.rglob("*.png")}
            self.assertEqual(after, before)
            self.assertFalse(out.exists())
        shutil.rmtree(photos / "3")  # and the same command still works on what is there
        self.run_program(*words, "--to", "move", "-o", out)
        self.assertEqual(len(list(out.rglob("*.png"))), len([name for name in before if name.parts[0] != "3"]))


if __name__ == "__main__":
    unittest.main()
