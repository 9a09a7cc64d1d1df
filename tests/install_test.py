"""`cmake --install` with DESTDIR: what is installed runs from any folder, without the tree that it was built in."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest
from unittest import mock

from png_file import png_header
from program import EXAMPLES, SANITIZED, SOURCE, ProgramTest, program

BUILD = pathlib.Path(program()).resolve().parent
CMAKE = shutil.which("cmake")
PRINTED = {
    "share/man/man1/pixmill.1": ("man",),
    "share/bash-completion/completions/pixmill": ("completion", "bash"),
    "share/zsh/site-functions/_pixmill": ("completion", "zsh"),
    "share/fish/vendor_completions.d/pixmill.fish": ("completion", "fish"),
}


@unittest.skipUnless(CMAKE and (BUILD / "cmake_install.cmake").exists(), "PIXMILL is not in a build tree, or no cmake")
class Install(ProgramTest):
    def setUp(self):
        super().setUp()
        staging = self.folder / "staging"
        done = subprocess.run(
            [CMAKE, "--install", BUILD, "--prefix", "/opt/some where"],
            env={**os.environ, "DESTDIR": str(staging)},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.root = self.folder / "moved to"
        (staging / "opt/some where").rename(self.root)
        self.assertEqual([path for path in staging.rglob("*") if path.is_file()], [], "installed outside of the prefix")
        for name in ("ONNXRUNTIME_LIB", "LD_LIBRARY_PATH"):
            self.environment.pop(name, None)

    def installed(self):
        """run_program() and all that it serves, with the installed program."""
        return mock.patch("program.program", lambda: str(self.root / "bin/pixmill"))

    def backends(self) -> dict:
        rows = json.loads(self.run_program("devices", "--json").stdout)["backends"]
        return {row["name"]: row for row in rows if row.get("version")}

    def loaded_by(self, *words) -> set:
        """The libraries that the loader opened."""
        log = self.folder / "loader"
        self.environment |= {"LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(log)}
        self.run_program(*words)
        for name in ("LD_DEBUG", "LD_DEBUG_OUTPUT"):
            del self.environment[name]
        lines = "".join(path.read_text() for path in self.folder.glob("loader.*"))
        return set(re.findall(r"calling init: (.+)", lines))

    def test_every_backend_is_found_without_the_build_tree(self):
        built = self.backends()
        with self.installed():
            self.assertEqual(set(self.backends()), set(built))
            loaded = self.loaded_by("devices", "--json")
            for name in built:
                if name in ("onnxruntime", "openvino"):  # the others do not read the starter
                    output = self.folder / f"{name}.png"
                    chosen = ("--backend", name, "-m", SOURCE / "models/starter/cutout.onnx")
                    loaded |= self.loaded_by("cutout", EXAMPLES / "chelsea.png", "-o", output, *chosen)
                    self.assertEqual(png_header(output.read_bytes()), (451, 300, 8, 6))
        self.assertGreater(len(loaded), 20, "the loader said nothing")
        for library in map(pathlib.Path, loaded):
            for tree in {SOURCE, BUILD, (SOURCE / ".deps").resolve()}:
                self.assertFalse(library.is_relative_to(tree), library)
        own = {library.name for library in (self.root / "lib/pixmill").glob("*.so*")}
        for name in own & {"libonnxruntime.so.1", "libpixmill-opencv.so", "libpixmill-libtorch.so"}:
            self.assertIn(name, {pathlib.Path(library).name for library in loaded})

    def test_a_link_to_the_program_finds_them_too(self):
        link = self.folder / "a link"
        link.symlink_to(self.root / "bin/pixmill")
        built = self.backends()
        with mock.patch("program.program", lambda: str(link)):
            self.assertEqual(set(self.backends()), set(built))

    @unittest.skipIf(SANITIZED, "debug information names the sources")
    def test_no_path_of_the_build_tree_is_in_it(self):
        if "CMAKE_BUILD_TYPE:STRING=Release" not in (BUILD / "CMakeCache.txt").read_text():
            self.skipTest("debug information names the sources")
        files = [self.root / "bin/pixmill", *self.root.glob("lib/pixmill/libpixmill-*.so")]
        for path in files:
            for tree in (SOURCE, BUILD):
                self.assertNotIn(os.fsencode(tree), path.read_bytes(), path)

    def test_manual_page_and_completions(self):
        for name, words in PRINTED.items():
            self.assertEqual((self.root / name).read_text(), self.run_program(*words).stdout, name)

    def test_licences_of_what_is_copied_are_there(self):
        documents = self.root / "share/doc/pixmill"
        self.assertTrue((documents / "LICENSE").is_file())
        for vendor in ("onnxruntime", "openvino"):
            if next(self.root.glob(f"lib/pixmill/lib{vendor}.so*"), None):
                self.assertTrue((documents / vendor / "LICENSE").is_file(), vendor)


if __name__ == "__main__":
    unittest.main()
