"""Batches and several devices: sizes are found and reported, and no picture is lost."""

import unittest

from program import ProgramTest


class Batches(ProgramTest):
    def cutout(self, *words, out="out", code=0):
        events = self.events("cutout", self.folder / "in", "-o", self.folder / out, "--cache", "off", *words, code=code)
        done = [e["input"] for e in events if e["event"] == "done"]
        self.assertEqual(len(done), len(set(done)), "a picture was made twice")
        return events[-1]

    def test_a_long_job_tries_a_larger_batch_and_says_what_came_of_it(self):
        self.discs(600, size=24)
        ended = self.cutout("--backend", "onnxruntime", "--precision", "fp32")
        self.assertEqual((ended["done"], ended["failed"]), (600, 0))
        device = ended["devices"][0]
        self.assertEqual(device["pictures"], 600)
        sizes = [trial["size"] for trial in device["batches"]]
        self.assertEqual(sizes[:2], [1, 2])
        self.assertIn(device["batch"], sizes)
        self.assertTrue(all(trial["rate"] > 0 for trial in device["batches"]))
        self.assertRegex(ended["batching"], r"faster here: \d+ at once run [\d.]+ times as fast as \d+")

    def test_a_short_job_tries_nothing(self):
        self.discs(40)
        ended = self.cutout("--backend", "onnxruntime", "--precision", "fp32")
        self.assertEqual([trial["size"] for trial in ended["devices"][0]["batches"]], [1])
        self.assertEqual((ended["batch"], ended["batching"]), (1, ""))

    def test_a_batch_that_was_asked_for(self):
        self.discs(21)
        for backend in ("onnxruntime", "openvino") if self.has_openvino() else ("onnxruntime",):
            ended = self.cutout("-b", "4", "--backend", backend, "--precision", "fp32", out=backend)
            self.assertEqual((ended["done"], ended["batch"]), (21, 4))
            self.assertEqual([trial["size"] for trial in ended["devices"][0]["batches"]], [4])
            self.assertEqual(len(self.files(backend)), 21)

    def test_the_summary_says_it_in_words(self):
        self.discs(3)
        done = self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", "-b", "3", "-v")
        self.assertIn("batch 3", done.stderr)


class Devices(ProgramTest):
    LIST = ("--device", "cpu,openvino", "--precision", "fp32")

    def setUp(self):
        super().setUp()
        if not self.has_openvino():
            self.skipTest("a second device is needed, and OpenVINO is not built in")

    def test_two_devices_share_the_work(self):
        self.discs(25)
        events = self.events("cutout", self.folder / "in", "-o", self.folder / "out", *self.LIST)
        self.assertEqual([d["backend"] for d in events[0]["devices"]], ["onnxruntime", "openvino"])
        ended = events[-1]
        self.assertEqual([d["device"] for d in ended["devices"]], ["cpu", "openvino"])
        self.assertEqual(sum(d["pictures"] for d in ended["devices"]), 25)
        self.assertTrue(all(d["pictures"] > 0 for d in ended["devices"]))
        text = self.run_program("cutout", self.folder / "in", "-o", self.folder / "b", "-v", *self.LIST).stderr
        self.assertRegex(text, r"\d+ by starter on cpu \(onnxruntime")

    def test_what_one_device_did_another_does_not_do_again(self):
        self.discs(12)
        first = self.events("cutout", self.folder / "in", "-o", self.folder / "out", *self.LIST)[-1]
        again = self.events(
            "cutout", self.folder / "in", "-o", self.folder / "out", "--device", "cpu", "--precision", "fp32"
        )[-1]
        self.assertEqual((first["done"], again["skipped"]), (12, 12))
        self.assertEqual(again["devices"], [])

    def test_dry_run_names_them_all(self):
        self.discs(2)
        done = self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", *self.LIST, "--dry-run")
        self.assertEqual(done.stderr.count("would run starter on cpu"), 2)

    def test_bad_pictures_fail_alone(self):
        self.discs(9)
        self.write("in/bad.png", b"no picture")
        ended = self.events("cutout", self.folder / "in", "-o", self.folder / "out", *self.LIST, code=1)[-1]
        self.assertEqual((ended["done"], ended["failed"]), (9, 1))

    def test_wrong_lists(self):
        self.discs(1)
        for device, word in (
            ("cpu,", "empty name"),
            ("cpu,cpu", "twice"),
            ("cpu,cup", "cup"),
            ("cuda:77", "cuda"),
        ):
            failed = self.run_program(
                "cutout", self.folder / "in", "-o", self.folder / "out", "--device", device, code=2
            )
            self.assertIn(word, failed.stderr, device)
            self.assertIn("hint", failed.stderr, device)


if __name__ == "__main__":
    unittest.main()
