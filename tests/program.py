"""What the end-to-end tests share: the program, temporary folders, pictures to work on."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from png_file import png

SOURCE = pathlib.Path(__file__).resolve().parent.parent
SHARED = SOURCE.parent / "shared"
EXAMPLES = SOURCE / "examples"
SANITIZED = bool(os.environ.get("PIXMILL_SANITIZE"))


def program() -> str:
    """The program under test: PIXMILL, else the release build."""
    return os.environ.get("PIXMILL", str(SOURCE / "build/release/pixmill"))


def disc(x: int, y: int, size: int = 64) -> tuple:
    """A red disc before a green ground: something to cut out."""
    inside = (x - size / 2) ** 2 + (y - size / 2) ** 2 < (size / 3) ** 2
    return (220, 40, 40) if inside else (60, 140, 60)


class ProgramTest(unittest.TestCase):
    """A folder of its own and a PIXMILL_HOME of its own for every test."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="pixmill_")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PIXMILL")}
        self.environment["PIXMILL_HOME"] = str(self.folder / "home")

    def has_openvino(self) -> bool:
        devices = json.loads(self.run_program("devices", "--json").stdout)["devices"]
        return any(device["id"] == "openvino" and device["available"] for device in devices)

    def program_result(self, *words, **options):
        """Runs it; returns the finished process with text output, whatever its exit code."""
        options = {"text": True, "timeout": 300, **options}
        return subprocess.run(
            [program(), *map(str, words)],
            capture_output=True,
            env=self.environment,
            check=False,
            **options,
        )

    def run_program(self, *words, code=0, **options):
        """Runs it and checks the exit code; returns the finished process with text output."""
        done = self.program_result(*words, **options)
        self.assertEqual(done.returncode, code, f"{words}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        return done

    def events(self, *words, code=0) -> list:
        """The events of a run with --json."""
        return [json.loads(line) for line in self.run_program(*words, "--json", code=code).stdout.splitlines()]

    def start(self, *words) -> subprocess.Popen:
        """A run with --json that is in the middle of its work: its first picture is done."""
        running = subprocess.Popen(
            [program(), *map(str, words), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment,
            text=True,
        )
        while '"done"' not in (line := running.stdout.readline()):
            self.assertTrue(line, "it ended before its first picture")
        return running

    def write(self, name: str, data: bytes) -> pathlib.Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def small_disk(self, size: str) -> pathlib.Path:
        """A folder that holds `size` ("400k") and no more; skips the test where it cannot be had."""
        place = self.folder / "small"
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            raise unittest.SkipTest("a small tmpfs cannot be mounted here (needs root)")
        self.addCleanup(subprocess.run, ["umount", "-l", place], check=False)
        return place

    def discs(self, count: int, folder: str = "in", size: int = 48) -> pathlib.Path:
        """A folder of `count` small pictures, no two alike."""
        for i in range(count):
            self.write(f"{folder}/img{i}.png", png(size, size, lambda x, y, i=i: (i % 256, *disc(x, y, size)[1:])))
        return self.folder / folder

    def files(self, folder: str = "out") -> list:
        """Every file below a folder, hidden ones too, as sorted relative paths."""
        root = self.folder / folder
        return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def needs_shared(test):
    """Skips a test of real models and photographs where they are missing."""
    return unittest.skipUnless(SHARED.is_dir(), "no ../shared: real models and photographs are not here")(test)


UNREACHABLE = (
    "No matching distribution found",  # pip's last word where no index answers
    "Temporary failure in name resolution",
    "Network is unreachable",
    "Connection refused",
    "timed out",
    "forbids downloading",  # PIXMILL_OFFLINE
)


def fetched_or_skipped(done: subprocess.CompletedProcess) -> subprocess.CompletedProcess:
    """A process that may have fetched packages, unless it failed because there is no network: then the test is skipped.

    With PIXMILL_TEST_NETWORK=1, as .ci/run sets it, nothing is skipped.
    """
    if done.returncode and os.environ.get("PIXMILL_TEST_NETWORK") != "1":
        for words in UNREACHABLE:
            if words in done.stderr:
                raise unittest.SkipTest(f"its tools could not be fetched: {words}")
    return done
