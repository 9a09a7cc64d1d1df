"""Modules use only the modules they may, through public headers; vendors' headers stay in their module."""

import re
import unittest

from program import SOURCE

ORDER = "core < platform < codecs runtime models config vectors < tasks < exports imports < pipeline < measure < cli"
VENDORS = {
    r"vips/|glib|jpeglib|libdeflate": {"codecs"},
    r"onnxruntime_|openvino/|opencv2/dnn|torch/|ATen/": {"runtime"},
    r"opencv2/(core|imgproc)": {"runtime", "tasks"},
    r"cairo|pango": {"exports"},
    r"pugixml": {"exports", "imports"},
    r"archive": {"exports", "pipeline"},
    r"yaml-cpp/": {"models", "config", "imports"},
    r"curl/": {"models"},
    r"openssl/": {"platform"},
    r"oneapi/|tbb/|sqlite3|zstd": {"pipeline"},
    r"CLI/|spdlog/": {"cli"},
    r"nlohmann/": {"cli", "exports", "imports", "pipeline", "measure", "tasks"},
    r"hwy/": {"core"},
    r"faiss/|omp\.h": {"vectors"},
    r"unicode/": {"core", "tasks"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def allowed():
    """By module: all that stand in an earlier group."""
    below, may = set(), {}
    for group in ORDER.split(" < "):
        for module in group.split():
            may[module] = set(below)
        below |= set(group.split())
    return may


MAY_USE = allowed()


def sources():
    for folder in ("src", "include/pixmill"):
        for path in sorted((SOURCE / folder).rglob("*")):
            if path.suffix in (".cc", ".h"):
                yield path, path.relative_to(SOURCE / folder).parts[0]


class Modules(unittest.TestCase):
    def test_each_uses_only_what_it_may_and_through_public_headers(self):
        found = 0
        for path, module in sources():
            self.assertIn(module, MAY_USE, f"{path}: no such module")
            for quote, include in INCLUDE.findall(path.read_text()):
                if quote != '"':
                    continue
                public = include.startswith("pixmill/")
                other = include.removeprefix("pixmill/").split("/")[0]
                if other not in MAY_USE:
                    continue
                found += 1
                if other != module:
                    self.assertIn(other, MAY_USE[module], f"{path}: {module} must not use {other} ({include})")
                    self.assertTrue(public, f"{path}: {include} is a private header of {other}")
                if public:
                    self.assertTrue((SOURCE / "include" / include).exists(), f"{path}: {include} is not there")
                else:
                    self.assertFalse(path.is_relative_to(SOURCE / "include"), f"{path}: {include} in a public header")
        self.assertGreater(found, 500, "the test reads nothing")

    def test_vendors_stay_in_their_modules(self):
        for path, module in sources():
            for _, include in INCLUDE.findall(path.read_text()):
                for pattern, modules in VENDORS.items():
                    if re.match(pattern, include):
                        self.assertIn(module, modules, f"{path}: {include}")
                        self.assertFalse(
                            path.is_relative_to(SOURCE / "include"), f"{path}: {include} in a public header"
                        )

    def test_no_job_is_named_below_the_tasks(self):
        jobs = re.compile(r'"(cutout|detect|segment|upscale|denoise|embed|dedup)"')
        for path, module in sources():
            if module in {"pipeline", "measure", "config", "runtime", "codecs", "platform"}:
                if path.name.endswith("_test.cc"):
                    continue
                code = re.sub(r"//.*", "", path.read_text())
                self.assertIsNone(jobs.search(code), f"{path} names a job")

    def test_no_module_called_utils(self):
        for path, _ in sources():
            for part in path.relative_to(SOURCE).parts:
                self.assertNotIn(part.split(".")[0], {"utils", "util", "common", "helpers", "misc"}, str(path))

    def test_files_stay_small(self):
        for path, _ in sources():
            self.assertLessEqual(len(path.read_text().splitlines()), 420, f"{path}: which two things is it?")


if __name__ == "__main__":
    unittest.main()
