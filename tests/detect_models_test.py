"""pixmill detect with detectors of all kinds of inputs and outputs, without a card, and with outputs that no detector
should have."""

import struct
import unittest

import tiny_detr
from detect_test import DetectTest
from tiny_detector import ANCHORS, tiny_detector


class Kinds(DetectTest):
    def lines(self, data: bytes, *words, level: int = 255) -> list:
        """YOLO's text of what a model finds in a gray picture of 80 x 40."""
        self.model = self.write("model.onnx", data)
        photo = self.lights(level) / "p0.png"
        return self.detect(photo, "-o", "-", "--force", *words).stdout.splitlines()

    def test_labels_boxes_and_scores(self):
        lines = self.lines(tiny_detr.dfine(), "--conf", 0.05)
        self.assertEqual(sorted(line.split()[0] for line in lines), ["0", "3", "7"])
        for line in lines:
            self.assertTrue(all(0 <= float(value) <= 1 for value in line.split()[1:]), "mapped by the second input")
        names = "".join(f"name {i}\n" for i in range(8))
        self.lines(tiny_detr.dfine(), "--names", self.write("eight.names", names.encode()))
        few = self.write("few.names", b"only one\n")
        failed = self.detect(self.lights(255) / "p0.png", "-o", "-", "--force", "--names", few, code=1)
        self.assertIn("has no output that the decoder 'listed' can read", failed.stderr)

    def test_several_pictures_at_once(self):
        self.model = self.write("model.onnx", tiny_detr.dfine())
        photos = self.lights(*range(0, 250, 25))
        self.assertEqual(self.detect_events(photos, "-o", self.folder / "out", "-b", 4)[-1]["done"], 10)
        self.assertEqual(self.detect_events(photos, "-o", self.folder / "one", "-b", 1, "--force")[-1]["done"], 10)
        for i in range(10):
            self.assertEqual(self.text(f"out/p{i}.txt"), self.text(f"one/p{i}.txt"))

    def test_queries(self):
        self.assertEqual(sorted(line.split()[0] for line in self.lines(tiny_detr.rtdetr())), ["0", "1", "2"])
        self.assertEqual(len(self.lines(tiny_detr.rfdetr())), 2, "the first column of COCO's numbers is no class")

    def test_graphs_that_choose_their_boxes(self):
        self.assertEqual([line.split()[0] for line in sorted(self.lines(tiny_detr.counted()))], ["2", "4"])
        lines = self.lines(tiny_detr.yolov7())  # letterboxed to 64 x 32: y from 16 on
        self.assertEqual(lines[0], "5 0.296875 0.343750 0.406250 0.687500")
        self.assertEqual([line.split()[0] for line in lines], ["5", "2"])

    def test_bytes_in_both_layouts(self):
        for planar in (True, False):
            data = tiny_detr.bytes_detector(planar)
            lines = self.lines(data)  # half of it is padding: (255 + 114) / 2 of 255
            self.assertEqual(lines, ["0 0.500000 0.500000 0.500000 0.500000"])
            self.assertEqual(self.lines(data, "--conf", 0.71), lines)
            self.assertEqual(self.lines(data, "--conf", 0.73), [])

    def test_a_card_that_scales_bytes_is_refused(self):
        self.write("odd.yaml", b"id: odd\ntask: detect\nlicence: MIT\nfiles: [{name: odd.onnx}]\n"
                   b"input: {size: [64, 64]}\noutput: {decoder: yolov8}\n")  # fmt: skip
        self.model = self.write("odd.onnx", tiny_detr.bytes_detector())
        failed = self.detect(self.lights(255), "-o", self.folder / "out", code=2)
        self.assertIn("takes bytes, the card scales samples", failed.stderr)


class Names(DetectTest):
    def test_names_of_all_kinds_of_files(self):
        photos, out = self.lights(255), self.folder / "out"
        for i, text in enumerate(("cat\ndog\n", 'names: ["cat", dog]\nnc: 2\n', '["cat", "dog"]')):
            names = self.write(f"names{i}.txt", text.encode())
            self.detect(photos, "-o", out, "--names", names)
            self.assertEqual(self.text("out/classes.txt"), "cat\ndog\n")
        before = self.detect_events(photos, "-o", out, "--names", names)[-1]
        self.assertEqual((before["done"], before["skipped"]), (0, 1))
        self.write("names2.txt", b'["cow", "dog"]')
        self.assertEqual(self.detect_events(photos, "-o", out, "--names", names)[-1]["done"], 1, "other names")
        self.assertEqual(self.text("out/classes.txt"), "cow\ndog\n")
        self.detect(photos, "-o", out, "--names", names, "--classes", "cow")
        self.assertIn("known: cow", self.detect(photos, "-o", out, "--names", names, "--classes", "x", code=2).stderr)

    def test_names_of_the_wrong_number(self):
        photos, out = self.lights(255), self.folder / "out"
        for text, says in (
            (b"a\nb\nc\n", "names 3 classes, the model 'tiny' tells 2 apart"),
            (b"\n", "names no class"),
            (b"names:\n  1: a\n", "line 2: the class 0 is wanted here"),
        ):
            names = self.write("my.names", text)
            failed = self.detect(photos, "-o", out, "--names", names, code=2)
            self.assertIn("my.names", failed.stderr)
            self.assertIn(says, failed.stderr)
        self.assertIn("gone.txt", self.detect(photos, "-o", out, "--names", "gone.txt", code=2).stderr)
        self.model = self.write("plain.onnx", tiny_detr.table_detector(6, ANCHORS))  # two classes, no names
        failed = self.detect(photos, "-o", out, "--names", self.write("my.names", b"a\nb\nc\n"), code=1)
        self.assertIn("tells 2 classes apart, 3 are named", failed.stderr)
        self.assertFalse((out / "p0.txt").exists())


class NoModel(DetectTest):
    def test_the_default_model_is_used_where_it_is_and_named_where_it_is_not(self):
        photos, out = self.lights(255), self.folder / "out"
        failed = self.run_program("detect", photos, "-o", out, code=2)
        for part in ("yolox-nano-416", "3.7 MB", "Apache-2.0", "pixmill models pull yolox-nano-416"):
            self.assertIn(part, failed.stderr)
        self.assertEqual(failed.stderr.count("pixmill: "), 1, "one message")
        self.assertFalse(out.exists())
        self.run_program("models", "add", self.model, "--id", "my-tiny")
        self.run_program("detect", photos, "-o", out, "-m", "my-tiny")


class BadOutputs(DetectTest):
    def test_scores_that_are_no_numbers(self):
        for value in (float("nan"), float("inf"), float("-inf")):
            table = [0.0] * (6 * ANCHORS)
            table[5 * ANCHORS + 7] = value
            self.model = self.write(
                "bad.onnx", tiny_detr.table_detector(6, ANCHORS, struct.pack(f"<{len(table)}f", *table))
            )
            failed = self.detect(self.lights(255, 0), "-o", self.folder / "out", code=1)
            self.assertIn("a value that is not a number or infinite", failed.stderr)
            self.assertEqual(list(self.folder.glob("out/p*.txt")), [])

    def test_a_model_of_no_classes(self):
        self.model = self.write("none.onnx", tiny_detr.table_detector(4, ANCHORS))
        refused = self.detect(self.lights(255), "-o", self.folder / "out", code=2)
        self.assertIn("none.onnx", refused.stderr)
        self.write("none.yaml", b"id: none\ntask: detect\nlicence: MIT\nfiles: [{name: none.onnx}]\n"
                   b"input: {size: [64, 64]}\noutput: {decoder: yolov8}\n")  # fmt: skip
        failed = self.detect(self.lights(255), "-o", self.folder / "out", code=1)
        self.assertIn("no output that the decoder 'yolov8' can read", failed.stderr)

    def test_boxes_outside_the_picture(self):
        boxes = (
            (-500, -500, 100, 100, 0, 0.9),
            (32, 32, 9000, 9000, 0, 0.8),
            (32, 2, 20, 8, 0, 0.7),
            (32, 32, 0, 0, 0, 0.6),
        )
        self.model = self.write("outside.onnx", tiny_detector(boxes))
        self.detect(self.lights(0), "-o", self.folder / "out")
        self.assertEqual(self.text("out/p0.txt"), "1 0.500000 0.500000 1.000000 1.000000\n", "one covers all of it")

    def test_a_hundred_thousand_candidates(self):
        """All of them sure, on a grid, of two classes in turns: what is left is the best thousand."""
        side = 2208  # 76,176 + 19,044 + 4,761 cells of strides 8, 16 and 32
        count = sum((side // stride) ** 2 for stride in (8, 16, 32))
        columns = [[] for _ in range(6)]
        for i in range(count):
            score = 0.3 + 0.6 * (i * 7919 % count) / count
            for column, value in zip(columns, (i % 330 * 6, i // 330 * 6, 5, 5, score * (i % 2), score * (1 - i % 2))):
                column.append(value)
        data = struct.pack(f"<{6 * count}f", *(value for column in columns for value in column))
        self.model = self.write("many.onnx", tiny_detr.table_detector(6, count, data, side))
        self.detect(self.lights(255, size=(side, side)), "-o", self.folder / "out", "--max", 1000)
        self.assertEqual(len(self.text("out/p0.txt").splitlines()), 1000)


if __name__ == "__main__":
    unittest.main()
