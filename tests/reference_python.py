"""The reference programs of tests/reference, and the Python libraries that they want."""

import os
import subprocess
import sys
import unittest

from program import SOURCE, ProgramTest

REFERENCE = SOURCE / "tests/reference"
ENVIRONMENT = SOURCE / ".env/reference"


def reference_environment() -> bool:
    """Installs the reference's libraries once; False where they cannot be had."""
    wanted = (REFERENCE / "requirements.txt").read_text()
    stamp = ENVIRONMENT / "requirements.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--only-binary=:all:",
        "--upgrade",
        "--target",
        ENVIRONMENT,
    ]
    done = subprocess.run([*command, "-r", REFERENCE / "requirements.txt"], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        stamp.write_text(wanted)
    return done.returncode == 0


def run_reference(*words, text: bool = True, **options):
    """What Python prints (bytes, if not `text`) when it runs `words` with the reference's libraries."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ENVIRONMENT}{os.pathsep}{REFERENCE}",
        "ORT_DISABLE_TELEMETRY": "1",
    }
    command = [sys.executable, "-B", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=text, env=environment, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(done.stderr if text else done.stderr.decode())
    return done.stdout


def skip_without_reference() -> None:
    """Skips a test, or in setUpClass() its class, where the reference's libraries cannot be had."""
    if not reference_environment():
        raise unittest.SkipTest("the reference's Python libraries could not be installed")


class ReferenceTest(ProgramTest):
    """Tests that all want the reference's libraries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        skip_without_reference()
