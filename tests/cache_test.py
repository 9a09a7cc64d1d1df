"""The cache of results, and pixmill cache."""

import json
import unittest

from program import SHARED, ProgramTest, needs_shared

MODEL = SHARED / "models/matting/u2netp.onnx"
SLOW = ("-m", MODEL, "--backend", "onnxruntime", "--precision", "fp32")  # slow enough to be kept on any CPU


class Results(ProgramTest):
    def cutout(self, *words, out="out") -> dict:
        ended = self.events("cutout", self.folder / "in", "-o", self.folder / out, *words)[-1]
        self.assertEqual(ended["failed"], 0)
        return ended["cache"]["results"]

    def bytes_of(self, folder) -> dict:
        return {name: (self.folder / folder / name).read_bytes() for name in self.files(folder)}

    @needs_shared
    def test_other_options_cost_no_inference_and_change_no_byte(self):
        self.discs(3)
        first = self.cutout(*SLOW)
        self.assertEqual((first["hits"], first["misses"], first["kept"]), (0, 3, 3))
        white = self.cutout(*SLOW, "--background", "white", out="white")
        self.assertEqual((white["hits"], white["misses"]), (3, 0))
        self.cutout(*SLOW, "--background", "white", "--cache", "off", out="fresh")
        self.assertEqual(self.bytes_of("white"), self.bytes_of("fresh"))
        self.assertEqual(self.cutout(*SLOW, "--force")["hits"], 3)  # what is made again may use known answers

    @needs_shared
    def test_a_job_that_finds_every_answer_loads_no_model(self):
        self.discs(3)
        words = ("cutout", self.folder / "in", *SLOW)
        self.events(*words, "-o", self.folder / "first")
        again = self.events(*words, "-o", self.folder / "second")[-1]
        self.assertEqual((again["done"], again["devices"], again["session"]), (3, [], None))
        self.assertEqual(again["cache"]["sessions"], {"hits": 0, "misses": 0})
        self.write("in/new.png", (self.folder / "in/img0.png").read_bytes())
        self.discs(4)
        one_more = self.events(*words, "-o", self.folder / "third")[-1]
        self.assertEqual((one_more["done"], one_more["cache"]["results"]["hits"]), (5, 4))
        self.assertEqual(one_more["devices"][0]["pictures"], 1)

    @needs_shared
    def test_batches_find_what_single_pictures_left(self):
        self.discs(4)
        self.cutout(*SLOW)
        self.assertEqual(self.cutout(*SLOW, "-b", "2", out="batch")["hits"], 4)

    @needs_shared
    def test_some_known_some_new(self):
        self.discs(2)
        self.cutout(*SLOW)
        self.discs(5)
        mixed = self.cutout(*SLOW, "-b", "2", out="mixed")
        self.assertEqual((mixed["hits"], mixed["misses"]), (2, 3))
        self.cutout(*SLOW, "--cache", "off", "-b", "2", out="fresh")
        self.assertEqual(self.files("mixed"), self.files("fresh"))

    @needs_shared
    def test_options_of_the_runtime_may_change_answers(self):
        if not self.has_openvino():
            self.skipTest("OpenVINO is not there")
        self.discs(3)
        words = ("-m", MODEL, "--backend", "openvino", "--precision", "fp32")
        self.cutout(*words)
        option = ("--provider-option", "DYNAMIC_QUANTIZATION_GROUP_SIZE=32")
        self.assertEqual(self.cutout(*words, *option, out="other")["hits"], 0)

    @needs_shared
    def test_damage_and_limits(self):
        self.discs(3)
        self.cutout(*SLOW)
        entries = [p for p in (self.folder / "home/cache/results").rglob("*") if p.is_file()]
        self.assertEqual(len(entries), 3)
        entries[0].write_bytes(entries[0].read_bytes()[:100])
        entries[1].write_bytes(b"")
        self.assertEqual(self.cutout(*SLOW, "--force")["hits"], 1)
        size = sum(p.stat().st_size for p in entries)
        self.discs(6)
        self.cutout(*SLOW, "--force", "--cache", str(size))
        left = sum(p.stat().st_size for p in (self.folder / "home/cache/results").rglob("*") if p.is_file())
        self.assertLessEqual(left, size)

    @needs_shared
    def test_a_cache_that_cannot_be_written_is_one_warning(self):
        self.discs(3)
        self.write("home/cache", b"a file where the folder should be")
        events = self.events("cutout", self.folder / "in", "-o", self.folder / "out", *SLOW)
        self.assertEqual(events[-1]["done"], 3)
        self.assertEqual(sum("no more results are cached" in e.get("message", "") for e in events), 1)

    def test_the_summary_says_it_and_off_is_off(self):
        self.discs(2)
        self.assertIsNone(self.cutout("--cache", "off", out="other"))
        self.assertFalse((self.folder / "home/cache/results").exists())
        shown = self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", "-v").stderr
        self.assertRegex(shown, r"from caches: 0 of 2 inferences.*, 0 of 1 models")
        off = self.run_program(
            "cutout", self.folder / "in", "-o", self.folder / "out", "--force", "--cache", "off", "-v"
        )
        self.assertIn("results off", off.stderr)
        self.run_program("cutout", self.folder / "in", "--cache", "much", code=2)


class Command(ProgramTest):
    def info(self) -> dict:
        return json.loads(self.run_program("cache", "info", "--json").stdout)

    def test_info_and_clear(self):
        empty = self.info()
        self.assertEqual(empty["results"]["files"], 0)
        self.assertIsNone(empty["last_run"])
        for name in ("results/ab/1", "results/ab/2", "engines/tensorrt/x.engine", "thumbnails/t.jpg"):
            self.write(f"home/cache/{name}", b"x" * 1000)
        self.assertEqual(self.info()["results"]["bytes"], 2000)
        self.assertIn("thumbnails", self.info())
        self.assertIn("engines", self.run_program("cache").stdout)
        self.assertIn("nothing to clear", self.run_program("cache", "clear", "--older-than", "1d").stdout)
        freed = json.loads(self.run_program("cache", "clear", "results", "--json").stdout)
        self.assertEqual((freed["files"], freed["bytes"]), (2, 2000))
        self.assertEqual(self.info()["engines"]["files"], 1)
        self.run_program("cache", "clear")
        self.assertEqual(self.files("home/cache"), [])

    def test_the_catalogue_goes_only_by_name(self):
        self.discs(2)
        self.run_program("cutout", self.folder / "in", "-o", self.folder / "out")
        self.assertIn("2 results", self.run_program("cache", "info").stdout)
        self.assertEqual(self.info()["last_run"]["sessions"], {"hits": 0, "misses": 1})
        self.run_program("cache", "clear")
        again = self.events("cutout", self.folder / "in", "-o", self.folder / "out")[-1]
        self.assertEqual(again["skipped"], 2)
        self.write("home/state/journal.db", b"of an earlier version, and it would be read again")
        self.run_program("cache", "clear", "catalogue")
        self.assertEqual([p for p in self.files("home/state") if p.endswith(".db")], [])

    def test_slips(self):
        self.assertIn("did you mean results", self.run_program("cache", "clear", "reslts", code=2).stderr)
        self.run_program("cache", "clear", "--older-than", "soon", code=2)
        self.run_program("cache", "clear", "catalogue", "--older-than", "1d", code=2)
        self.run_program("cache", "info", "--older-than", "1d", code=2)
        self.run_program("cache", "wipe", code=2)


if __name__ == "__main__":
    unittest.main()
