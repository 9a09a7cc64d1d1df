"""A device that fails in the middle of a job: no picture is lost."""

import os
import unittest

from program import ProgramTest

REAL = os.environ.get("PIXMILL_TEST_RUNTIME", "")
FAILING = os.environ.get("PIXMILL_FAILING_RUNTIME", "")


@unittest.skipUnless(REAL and FAILING, "needs the runtime that fails on purpose; ctest names it")
class LostDevice(ProgramTest):
    PICTURES = 30

    def setUp(self):
        super().setUp()
        self.discs(self.PICTURES)
        self.words = ("cutout", self.folder / "in", "-o", self.folder / "out", "--precision", "fp32", "--cache", "off")

    def failing(self, inferences: int, failures: int | None = None):
        self.environment["ONNXRUNTIME_LIB"] = FAILING
        self.environment["PIXMILL_TEST_RUNTIME"] = REAL
        self.environment["PIXMILL_TEST_INFERENCES"] = str(inferences)
        self.environment.pop("PIXMILL_TEST_FAILURES", None)
        if failures is not None:
            self.environment["PIXMILL_TEST_FAILURES"] = str(failures)

    def test_the_rest_is_left_for_the_next_run(self):
        self.failing(10)
        events = self.events(*self.words, "--device", "cpu", "--backend", "onnxruntime", code=1)
        ended = events[-1]
        self.assertEqual([e for e in events if e["event"] == "failed"], [])
        self.assertEqual((ended["done"], ended["failed"], ended["unfinished"]), (10, 0, self.PICTURES - 10))
        self.assertIn("cpu no longer works", ended["stopped_because"])
        self.assertIn("CUDA failure 46", ended["stopped_because"])
        self.assertEqual(len(self.files("out")), 10)
        del self.environment["ONNXRUNTIME_LIB"]
        again = self.events(*self.words, "--device", "cpu", "--backend", "onnxruntime")[-1]
        self.assertEqual((again["done"], again["skipped"]), (self.PICTURES - 10, 10))

    def test_the_summary_says_what_is_left(self):
        self.failing(10)
        said = self.run_program(*self.words, "--device", "cpu", "--backend", "onnxruntime", code=1).stderr
        self.assertIn("20 unfinished", said)
        self.assertIn("cpu no longer works", said)

    def test_nothing_could_run(self):
        self.failing(0)
        ended = self.events(*self.words, "--device", "cpu", "--backend", "onnxruntime", code=2)[-1]
        self.assertEqual((ended["done"], ended["failed"], ended["unfinished"]), (0, 0, self.PICTURES))

    def test_a_device_that_comes_back_finishes_the_job(self):
        self.failing(10, 3)  # a picture twice, then one that ran before; or two pictures side by side
        ended = self.events(*self.words, "--device", "cpu", "--backend", "onnxruntime")[-1]
        self.assertEqual((ended["done"], ended["failed"]), (self.PICTURES, 0))

    def test_another_device_takes_over(self):
        if not self.has_openvino():
            self.skipTest("OpenVINO is not built in")
        self.failing(5)
        events = self.events(*self.words, "--device", "cpu,openvino")
        done = [e["input"] for e in events if e["event"] == "done"]
        self.assertEqual((len(done), len(set(done))), (self.PICTURES, self.PICTURES))
        shares = {device["device"]: device["pictures"] for device in events[-1]["devices"]}
        self.assertLessEqual(shares["cpu"], 5)
        self.assertEqual(sum(shares.values()), self.PICTURES)


if __name__ == "__main__":
    unittest.main()
