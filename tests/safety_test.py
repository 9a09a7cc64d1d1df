"""Security: no state in shared folders, no code from folders of others, no Python modules from the current folder."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import unittest

from png_file import png
from program import EXAMPLES, ProgramTest, program
from quantize_test import STAND_IN


class NoHome(ProgramTest):
    """A systemd unit, `env -i`, a container: nothing says where a user's files are."""

    def setUp(self):
        super().setUp()
        self.environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(self.folder / "tmp")}
        (self.folder / "tmp").mkdir()
        if "ONNXRUNTIME_LIB" in os.environ:
            self.environment["ONNXRUNTIME_LIB"] = os.environ["ONNXRUNTIME_LIB"]
        self.picture = self.write("in/a.png", png(8, 8))

    def cutout(self, **options):
        return self.run_program("cutout", self.picture, "-o", self.folder / "out.png", "--overwrite", **options)

    def test_what_keeps_something_says_what_to_set(self):
        for words in (("cutout", self.picture), ("config", "path"), ("cache", "info"), ("models", "list")):
            said = self.run_program(*words, code=2).stderr
            self.assertIn("HOME", said)
            self.assertRegex(said, "hint: set PIXMILL_HOME to a folder of yours")
        self.assertEqual(list((self.folder / "tmp").iterdir()), [], "something was kept among temporary files")
        self.assertEqual(self.files("in"), ["a.png"])

    def test_an_empty_or_relative_home_is_none(self):
        for home in ("", "relative/home"):
            self.environment["HOME"] = home
            self.assertIn("PIXMILL_HOME", self.cutout(code=2, cwd=self.folder).stderr)
        self.assertFalse((self.folder / "relative").exists())

    def test_what_keeps_nothing_goes_on(self):
        for words in (("--version",), ("--help",), ("cutout", "--help"), ("man",), ("completion", "bash")):
            self.assertTrue(self.run_program(*words).stdout, words)
        self.run_program("completion", "models")
        self.assertIn("low-memory", self.run_program("completion", "presets").stdout)

    def test_one_folder_for_all(self):
        self.environment["PIXMILL_HOME"] = "state"
        self.cutout(cwd=self.folder)
        self.assertTrue((self.folder / "state/state").is_dir())

    def test_all_of_the_xdg_folders_or_home(self):
        names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
        for name in names:
            self.environment[name] = str(self.folder / name)
        self.cutout()
        for name in names:
            environment = self.environment.pop(name)
            self.assertIn(name, self.cutout(code=2).stderr)
            self.environment[name] = "relative"
            self.assertIn(name, self.cutout(code=2, cwd=self.folder).stderr)
            self.environment[name] = environment
        self.assertFalse((self.folder / "relative").exists())
        self.environment["XDG_STATE_HOME"] = "relative"
        self.environment["HOME"] = str(self.folder / "home")
        self.cutout(cwd=self.folder)
        self.assertTrue((self.folder / "home/.local/state/pixmill").is_dir())


class CodeFolders(ProgramTest):
    """Runtimes, compiled models and Python environments come only from folders that no other user can change."""

    def library(self) -> str:
        listed = json.loads(self.run_program("runtimes", "list", "--json").stdout)
        return next(one for one in listed["loaded"] if one["name"] == "onnxruntime")

    def open_to_all(self, path: pathlib.Path):
        path.chmod(path.stat().st_mode | stat.S_IWOTH)

    @unittest.skipIf("ONNXRUNTIME_LIB" in os.environ, "ONNXRUNTIME_LIB overrules the choice")
    def test_a_runtime_that_others_can_change(self):
        own = self.folder / "own/libonnxruntime.so"
        own.parent.mkdir()
        own.symlink_to(pathlib.Path(self.library()["library"]).resolve())
        self.run_program("runtimes", "add", own, "--name", "mine")
        self.assertEqual(self.library()["origin"], "chosen")

        self.open_to_all(own.parent)
        loaded = self.library()
        self.assertNotEqual(loaded["origin"], "chosen")
        self.assertIn(f"{own.parent} can be written by other users", loaded["warning"])
        self.assertIn("chmod go-w", loaded["warning"])
        self.assertIn(str(own.parent), self.run_program("runtimes", "add", own, "--name", "again", code=2).stderr)
        own.parent.chmod(0o755)
        self.assertEqual(self.library()["origin"], "chosen")

    @unittest.skipIf("ONNXRUNTIME_LIB" in os.environ, "ONNXRUNTIME_LIB overrules the choice")
    def test_a_choice_that_others_can_change(self):
        runtimes = self.folder / "home/data/runtimes"
        crashing = os.environ.get("PIXMILL_CRASHING_RUNTIME", "/usr/lib/evil.so")
        note = {"version": "1.31.0", "library": crashing, "providers": [], "fetched": False}
        self.write("home/data/runtimes/evil/runtime.json", json.dumps(note).encode())
        self.write("home/data/runtimes/active", b"evil\n")
        self.open_to_all(runtimes)
        loaded = self.library()
        self.assertNotEqual(loaded["origin"], "chosen")
        self.assertIn(f"{runtimes} can be written by other users", loaded["warning"])
        self.assertIn(str(runtimes), self.run_program("runtimes", "use", "built-in", code=2).stderr)

    def test_a_module_that_others_can_change(self):
        folder = self.folder / "bin"
        folder.mkdir()
        shutil.copy(program(), folder / "pixmill")
        self.write("bin/libpixmill-opencv.so", b"planted")
        for mode, says in ((0o755, "file too short"), (0o757, f"{folder} can be written by other users")):
            folder.chmod(mode)
            done = subprocess.run(
                [folder / "pixmill", "devices", "--json"], capture_output=True, env=self.environment, check=True
            )
            (opencv,) = (one for one in json.loads(done.stdout)["backends"] if one["name"] == "opencv")
            self.assertIn(says, opencv["reason"])

    def test_compiled_models_that_others_can_change(self):
        if not self.has_openvino():
            self.skipTest("pixmill was built without OpenVINO")
        pictures = self.discs(1)
        words = ("cutout", pictures, "--device", "openvino", "--force", "-o", self.folder / "out")
        self.assertEqual(self.events(*words)[-1]["warnings"], [])
        engines = self.folder / "home/cache/engines"
        kept = {path: path.read_bytes() for path in engines.rglob("*.blob")}
        self.assertEqual(len(kept), 1)
        self.assertEqual(stat.S_IMODE(engines.stat().st_mode), 0o700)

        self.open_to_all(engines)
        (blob,) = kept
        blob.write_bytes(b"planted")
        (warning,) = self.events(*words)[-1]["warnings"]
        self.assertIn(f"{engines} can be written by other users", warning)
        self.assertEqual(blob.read_bytes(), b"planted", "it was read, and removed as damaged")


class Umask(ProgramTest):
    def mode_of(self, path: pathlib.Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    def test_results_and_settings_get_what_the_umask_leaves(self):
        pictures = self.discs(1)
        for umask, file, folder in ((0o002, 0o664, 0o775), (0o077, 0o600, 0o700)):
            out = self.folder / f"out{umask}"
            report = self.folder / f"report{umask}.json"
            settings = self.folder / f"home{umask}/settings.yaml"
            self.environment["PIXMILL_HOME"] = str(settings.parent)
            for words in (
                ("cutout", pictures, "-o", out, "--report", report),
                ("config", "set", "device", "cpu"),
                ("config", "preset", "save", "mine", "--trim"),
            ):
                self.run_program(*words, umask=umask)
            self.assertEqual(self.mode_of(out), folder)
            for path in (next(out.iterdir()), report, settings, settings.parent / "presets/mine.yaml"):
                self.assertEqual(oct(self.mode_of(path)), oct(file), path)

    def test_links_stay_links(self):
        self.write("dotfiles/settings.yaml", b"# mine\n")
        self.write("dotfiles/shop.yaml", b"")
        (self.folder / "home/presets").mkdir(parents=True)
        links = {"home/settings.yaml": "settings.yaml", "home/presets/shop.yaml": "shop.yaml"}
        for link, target in links.items():
            (self.folder / link).symlink_to(self.folder / "dotfiles" / target)
        self.run_program("config", "set", "device", "cpu")
        self.run_program("config", "preset", "save", "shop", "--background", "white")
        for link in links:
            self.assertTrue((self.folder / link).is_symlink(), link)
        self.assertEqual((self.folder / "dotfiles/settings.yaml").read_text(), "# mine\ndevice: cpu\n")
        self.assertIn("white", (self.folder / "dotfiles/shop.yaml").read_text())
        self.assertEqual(self.files("dotfiles"), ["settings.yaml", "shop.yaml"])


TRAPS = ("pip", "zipfile", "venv", "ensurepip", "shutil", "os", "sys", "importlib", "runpy", "sitecustomize", "json")


class Traps(ProgramTest):
    """Modules of Python among the photographs, in the folder where pixmill is started, that leave a mark."""

    def setUp(self):
        super().setUp()
        self.photographs = self.folder / "photographs"
        self.mark = self.folder / "mark"
        for name in TRAPS:
            self.write(f"photographs/{name}.py", f"open({str(self.mark)!r}, 'w').write({name!r})\n".encode())
        self.environment["PYTHONPATH"] = str(self.photographs)

    def run_there(self, *words, code):
        done = self.run_program(*words, code=code, cwd=self.photographs)
        self.assertFalse(self.mark.exists(), self.mark.exists() and f"{self.mark.read_text()}.py ran")
        return done

    def test_the_traps_work(self):
        subprocess.run(["python3", "-c", "import zipfile"], cwd=self.photographs, env=self.environment, check=False)
        self.assertTrue(self.mark.exists())

    def test_fetching_runtimes(self):
        (self.folder / "wheels").mkdir()
        self.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.folder / "wheels")}
        said = self.run_there("runtimes", "add", "cuda", "--yes", code=2).stderr
        self.assertRegex(said, "could not be fetched|has no pip")

    def test_the_environment_of_quantize(self):
        self.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.folder)}
        said = self.run_there("quantize", "starter", "--with", self.discs(9), code=2).stderr
        self.assertRegex(said, "could not be installed|cannot make environments|older than 3.11")

    def test_the_python_of_quantize(self):
        python = self.write("tools/python", STAND_IN.encode())
        python.chmod(0o755)
        log = self.folder / "log"
        self.environment |= {"STAND_IN_LOG": str(log)}
        self.environment.pop("PYTHONPATH")  # the stand-in is a program of Python that is not isolated itself
        self.run_there(
            "quantize", "starter", "--with", self.discs(9), "--seconds", "0.05", "--python", "../tools/python", code=0
        )
        self.assertIn("prepare", log.read_text())

    def test_peers(self):
        said = self.run_there("bench", "cutout", EXAMPLES, "--against", "rembg", "-m", "u2netp", code=2).stderr
        self.assertIn("not installed", said)


if __name__ == "__main__":
    unittest.main()
