"""pixmill runtimes: what is loaded, adding a file after its self-test, and every way in which fetching can fail."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest
import zipfile

from program import SANITIZED, ProgramTest, program

WHEEL = "onnxruntime_gpu-1.31.1-cp312-cp312-manylinux_2_28_x86_64.whl"


class Runtimes(ProgramTest):
    def listed(self) -> dict:
        return json.loads(self.run_program("runtimes", "list", "--json").stdout)

    def loaded(self) -> dict:
        return next(one for one in self.listed()["loaded"] if one["name"] == "onnxruntime")

    def own_copy(self, name="libonnxruntime.so") -> pathlib.Path:
        """The ONNX Runtime that is loaded anyway, under another path."""
        library = self.folder / "own" / name
        library.parent.mkdir(exist_ok=True)
        library.symlink_to(pathlib.Path(self.loaded()["library"]).resolve())
        return library

    def refused(self, *words) -> str:
        done = self.run_program("runtimes", *words, code=2)
        self.assertIn("hint:", done.stderr)
        self.assertEqual(self.listed()["added"], [])
        self.assertFalse((self.folder / "home/data/runtimes/active").exists())
        return done.stderr

    def test_tells_what_is_loaded(self):
        loaded = self.loaded()
        self.assertRegex(loaded["version"], r"^1\.\d+")
        self.assertIn("CPUExecutionProvider", loaded["providers"])
        self.assertIn(loaded["origin"], ("built in", "system", "ONNXRUNTIME_LIB"))
        self.assertIn("cuda", self.listed()["fetchable"])
        self.assertIn("built-in", self.run_program("runtimes").stdout)

    @unittest.skipIf("ONNXRUNTIME_LIB" in os.environ, "ONNXRUNTIME_LIB overrules the choice")
    def test_own_library_is_added_used_and_forgotten(self):
        library = self.own_copy()
        self.run_program("runtimes", "add", library, "--name", "mine")
        self.assertEqual(self.loaded()["origin"], "chosen")
        added = self.listed()["added"]
        self.assertEqual(
            [(one["name"], one["library"], one["in_use"]) for one in added], [("mine", str(library), True)]
        )

        pictures = self.discs(1)
        self.assertEqual(self.events("cutout", pictures, "-o", self.folder / "out")[-1]["done"], 1)

        self.run_program("runtimes", "use", "built-in")
        self.assertNotEqual(self.loaded()["origin"], "chosen")
        self.run_program("runtimes", "use", "mine")
        self.assertIn("--yes", self.run_program("runtimes", "remove", "mine", code=2, stdin=subprocess.DEVNULL).stderr)
        self.run_program("runtimes", "remove", "mine", "--yes")
        self.assertEqual(self.listed()["added"], [])
        self.assertNotEqual(self.loaded()["origin"], "chosen")
        self.assertTrue(library.exists(), "a user's own file was removed")

    @unittest.skipIf("ONNXRUNTIME_LIB" in os.environ, "ONNXRUNTIME_LIB overrules the choice")
    def test_chosen_one_that_is_gone_is_a_warning(self):
        library = self.own_copy()
        self.run_program("runtimes", "add", library, "--name", "mine")
        library.unlink()
        self.assertIn("libonnxruntime.so", self.loaded()["warning"])
        ended = self.events("cutout", self.discs(1), "-o", self.folder / "out")[-1]
        self.assertEqual(ended["done"], 1)
        self.assertTrue(any("chosen" in warning for warning in ended["warnings"]), ended["warnings"])
        self.assertIn("missing", self.run_program("runtimes", "list").stdout)

    def test_one_that_cannot_be_looked_at_is_not_there(self):
        note = {"version": "1", "library": "/" + "x" * 5000, "providers": [], "fetched": False}
        self.write("home/data/runtimes/far/runtime.json", json.dumps(note).encode())
        self.assertEqual([one["there"] for one in self.listed()["added"]], [False])
        self.assertIn("missing", self.run_program("runtimes", "list").stdout)

    def test_the_built_in_one_stays(self):
        self.assertIn("built-in", self.run_program("runtimes", "remove", "built-in", code=2).stderr)

    def test_bad_variable_is_told_by_jobs(self):
        self.environment["ONNXRUNTIME_LIB"] = "/nowhere/libonnxruntime.so"
        done = self.run_program("devices", "--json").stdout
        openvino = any(one["id"] == "openvino" and one["available"] for one in json.loads(done)["devices"])
        if not openvino:
            self.skipTest("no other backend to run on")
        ended = self.events("cutout", self.discs(1), "-o", self.folder / "out")[-1]
        self.assertTrue(any("ONNXRUNTIME_LIB" in warning for warning in ended["warnings"]), ended["warnings"])

    def test_what_is_no_runtime_is_refused(self):
        self.assertIn("is not a file", self.refused("add", "/nowhere/libonnxruntime.so"))
        self.assertIn("cannot be used", self.refused("add", self.write("text.so", b"no library")))
        libc = next(pathlib.Path("/lib").glob("*/libm.so.6"), None)
        if libc:
            self.assertIn("is not ONNX Runtime", self.refused("add", libc))
        self.assertIn("there is no runtime", self.refused("add", "cudaa"))
        self.assertIn("no runtime 'x' was added", self.refused("use", "x"))
        self.assertIn("there is no 'lst'", self.refused("lst"))
        self.assertIn("takes", self.refused("add"))

    @unittest.skipIf(SANITIZED, "sanitizers catch the signal")
    @unittest.skipUnless(shutil.which("cc"), "no C compiler")
    def test_one_that_crashes_takes_nothing_down(self):
        source = self.write("crash.c", b"__attribute__((constructor)) static void f(void) { *(volatile int *)0 = 1; }")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.folder / "libcrash.so", source], check=True)
        self.assertIn("signal 11", self.refused("add", self.folder / "libcrash.so"))

    def test_bad_names_are_refused(self):
        library = self.own_copy()
        for name in ("../up", "built-in", ".hidden", "a/b"):
            self.refused("add", library, "--name", name)


@unittest.skipUnless(os.uname().machine == "x86_64", "fetched for x86-64 only")
class Fetching(ProgramTest):
    """Without the network: pip is sent to a folder."""

    def setUp(self):
        super().setUp()
        self.wheels = self.folder / "wheels"
        self.wheels.mkdir()
        self.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}

    def failed(self) -> str:
        done = self.run_program("runtimes", "add", "cuda", "--yes", code=2)
        self.assertIn("hint:", done.stderr)
        home = self.folder / "home"
        left = [path for path in home.rglob("*") if path.is_file() and path.name != ".lock"]
        self.assertEqual(left, [], "something was left behind")
        return done.stderr

    def fake_python(self, script: str):
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "python3").write_text("#!/bin/sh\n" + script)
        (tools / "python3").chmod(0o755)
        self.environment["PATH"] = f"{tools}:/bin:/usr/bin"

    def test_asks_before_it_fetches(self):
        done = self.run_program("runtimes", "add", "cuda", code=2, stdin=subprocess.DEVNULL)
        self.assertIn("MiB to fetch", done.stderr)
        self.assertIn("--yes", done.stderr)

    def test_no_python(self):
        self.environment["PATH"] = str(self.wheels)
        self.assertIn("python3", self.failed())

    def test_no_pip(self):
        self.fake_python('echo "python3: No module named pip" >&2; exit 1')
        self.assertIn("no pip", self.failed())

    def test_full_disk(self):
        self.fake_python('echo "ERROR: [Errno 28] No space left on device" >&2; exit 1')
        self.assertIn("disk is full", self.failed())

    def test_no_network(self):
        self.fake_python('echo "ERROR: No matching distribution found for onnxruntime-gpu" >&2; exit 1')
        self.assertIn("could not be fetched", self.failed())

    def test_wrong_hash(self):
        with zipfile.ZipFile(self.wheels / WHEEL, "w") as wheel:
            info = "onnxruntime_gpu-1.31.1.dist-info/"
            wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: onnxruntime-gpu\nVersion: 1.31.1\n")
            wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nTag: cp312-cp312-manylinux_2_28_x86_64\n")
        if subprocess.run(["python3", "-m", "pip", "--version"], capture_output=True, check=False).returncode:
            self.skipTest("no pip")
        self.assertIn("is not the expected file", self.failed())

    def test_interrupted(self):
        self.fake_python("touch $TMPDIR/started; sleep 60")
        home = self.folder / "home"
        running = subprocess.Popen(
            [program(), "runtimes", "add", "cuda", "--yes"],
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not list(home.rglob("started")):
            self.assertIsNone(running.poll(), "it ended by itself")
        running.terminate()
        self.assertIn("stopped", running.communicate(timeout=60)[1])
        self.assertEqual(running.returncode, 130)
        self.assertEqual([path for path in home.rglob("*") if path.is_file() and path.name != ".lock"], [])


if __name__ == "__main__":
    unittest.main()
