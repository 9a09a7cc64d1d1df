"""The rooms of the house see only whom they may, and no vendor leaves its room."""

import re
import unittest

from program import SOURCE

MAY_SEE = {
    "core": set(),
    "codecs": {"core"},
    "runtime": {"core"},
    "models": {"core"},
    "tasks": {"core", "codecs", "runtime", "models"},
    "pipeline": {"core", "codecs", "runtime", "models", "tasks"},
    "measure": {"core", "codecs", "runtime", "models", "tasks", "pipeline"},
    "cli": {"core", "codecs", "runtime", "models", "tasks", "pipeline", "measure"},
}
VENDORS = {
    r"vips/|glib": {"codecs"},
    r"onnxruntime|openvino/|opencv2/|torch/|ATen/": {"runtime"},
    r"yaml-cpp/|curl/": {"models"},
    r"oneapi/|tbb/|sqlite3|zstd": {"pipeline"},
    r"CLI/|nlohmann/|spdlog/": {"cli", "pipeline", "measure"},
    r"hwy/": {"core"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)


def sources():
    for folder in ("src", "include/pixmill"):
        for path in sorted((SOURCE / folder).rglob("*")):
            if path.suffix in (".cc", ".h"):
                yield path, path.relative_to(SOURCE / folder).parts[0]


class Rooms(unittest.TestCase):
    def test_arrows(self):
        found = 0
        for path, room in sources():
            for include in INCLUDE.findall(path.read_text()):
                other = include.removeprefix("pixmill/").split("/")[0]
                if other in MAY_SEE and "/" in include:
                    found += 1
                    self.assertTrue(
                        other == room or other in MAY_SEE[room], f"{path}: {room} must not know {other} ({include})"
                    )
        self.assertGreater(found, 100, "the test reads nothing")

    def test_vendors_stay_in_their_rooms(self):
        for path, room in sources():
            for include in INCLUDE.findall(path.read_text()):
                for pattern, rooms in VENDORS.items():
                    if re.match(pattern, include):
                        self.assertIn(room, rooms, f"{path}: {include}")
                        self.assertFalse(
                            path.is_relative_to(SOURCE / "include"), f"{path}: {include} in a public header"
                        )

    def test_no_room_called_utils(self):
        for path, _ in sources():
            for part in path.relative_to(SOURCE).parts:
                self.assertNotIn(part.split(".")[0], {"utils", "util", "common", "helpers", "misc"}, str(path))

    def test_files_stay_small(self):
        for path, _ in sources():
            self.assertLessEqual(len(path.read_text().splitlines()), 420, f"{path}: which two things is it?")


if __name__ == "__main__":
    unittest.main()
