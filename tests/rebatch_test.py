"""pixmill models batchable, models rebatch: a fixed batch becomes dynamic, or the node that forbids it is named."""

import json
import struct
import unittest

from png_file import png, png_pixels
from program import SHARED, ProgramTest, needs_shared
from tiny_detector import node, number, part, port, table, tiny_detector


def numbers(name: str, values) -> bytes:
    """A weight: a list of whole numbers."""
    data = struct.pack(f"<{len(values)}q", *values)
    return part(5, number(1, len(values)), number(2, 7), part(8, name), part(9, data))


def model(*graph, opset=17) -> bytes:
    return number(1, 8) + part(7, *graph) + part(8, part(1, ""), number(2, opset))


def flat_matte(*, batch=1) -> bytes:
    """The brightness of a picture as a matte, by way of a Reshape that names the batch."""
    weights = table("w", [1, 3, 1, 1], [1 / 3] * 3)
    return model(
        node("Conv", ["image", "w"], "gray"),
        node("Reshape", ["gray", "flat"], "list"),
        node("Reshape", ["list", "square"], "matte"),
        weights,
        numbers("flat", [batch, 64 * 64]),
        numbers("square", [batch, 1, 64, -1]),
        port(11, "image", [batch, 3, 64, 64]),
        port(12, "matte", [batch, 1, 64, 64]),
    )


CARD = """id: flat
title: Flat
task: cutout
licence: MIT
files:
  - name: flat.onnx
input:
  size: [64, 64]
"""


class RebatchCase(ProgramTest):
    def pictures(self, folder: str) -> list:
        """Sizes and samples of all results in a folder."""
        return [png_pixels((self.folder / folder / name).read_bytes()) for name in self.files(folder)]


class RebatchTest(RebatchCase):
    def rebatch(self, *words, code=0):
        return self.run_program("models", "rebatch", *words, code=code)

    def shapes(self, file) -> list:
        shown = json.loads(self.run_program("models", "inspect", file, "--json").stdout)
        return [port["shape"][0] for port in shown["inputs"] + shown["outputs"]]

    def test_a_fixed_batch_becomes_a_dynamic_one(self):
        file = self.write("flat.onnx", flat_matte())
        said = self.rebatch(file, "-o", self.folder / "any.onnx")
        self.assertIn("[1, 4096] -> [-1, 4096]", said.stdout)
        self.assertIn("[1, 1, 64, -1] -> [0, 1, 64, -1]", said.stdout)
        self.assertIn("takes any batch", said.stderr)
        self.assertEqual(self.shapes(self.folder / "any.onnx"), ["batch", "batch"])
        self.assertIn("batches work", self.run_program("models", "batchable", self.folder / "any.onnx").stdout)
        again = self.rebatch(self.folder / "any.onnx", "-o", self.folder / "again.onnx")
        self.assertIn("takes batches as it is", again.stderr)
        self.assertFalse((self.folder / "again.onnx").exists())

    def test_a_batch_of_three_becomes_a_dynamic_one(self):
        self.rebatch(self.write("flat.onnx", flat_matte(batch=3)), "-o", self.folder / "any.onnx")
        self.assertEqual(self.shapes(self.folder / "any.onnx"), ["batch", "batch"])

    def test_jobs_run_the_new_file_in_batches_by_the_card_beside_it(self):
        file = self.write("flat.onnx", flat_matte())
        self.write("flat.yaml", CARD.encode())
        said = self.rebatch(file, "-o", self.folder / "any.onnx")
        self.assertIn("any.yaml", said.stderr)
        self.assertIn("id: flat-batch", (self.folder / "any.yaml").read_text())
        pictures = self.discs(5)
        for name in ("flat", "any"):
            self.run_program("cutout", pictures, "-m", self.folder / f"{name}.onnx", "-o", self.folder / name)
        events = self.events(
            "cutout", pictures, "-m", self.folder / "any.onnx", "-b", "4", "--overwrite", "-o", self.folder / "four"
        )
        self.assertEqual(events[-1]["done"], 5)
        results = [self.pictures(name) for name in ("flat", "any", "four")]
        self.assertEqual(len(results[0]), 5)
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])

    def test_the_node_that_forbids_it_is_named_and_nothing_is_written(self):
        file = self.write("mean.onnx", tiny_detector())
        said = self.rebatch(file, "-o", self.folder / "any.onnx", code=1)
        self.assertIn("ReduceMean", said.stderr)
        self.assertIn("puts the pictures of a batch together", said.stderr)
        self.assertEqual([f for f in self.files(".") if "any" in f], [])
        found = self.run_program("models", "batchable", file, code=1)
        self.assertIn("ReduceMean", found.stdout)
        answer = json.loads(self.run_program("models", "batchable", file, "--json", code=1).stdout)
        self.assertEqual(answer["obstacle"]["operator"], "ReduceMean")
        self.assertFalse(answer["can_be_rewritten"])

    def test_pictures_that_meet_where_no_rule_sees_it_are_found_by_running(self):
        """MeanVarianceNormalization over the batch: an operator that the table does not have."""
        axes = part(5, part(1, "axes"), *[number(8, axis) for axis in (0, 1, 2, 3)], number(20, 7))
        parts = (node("MeanVarianceNormalization", ["image"], "y", axes),)
        ports = (port(11, "image", [1, 3, 32, 32]), port(12, "y", [1, 3, 32, 32]))
        file = self.write("meets.onnx", model(*parts, *ports))
        said = self.rebatch(file, "-o", self.folder / "any.onnx", code=1)
        self.assertIn("changes with the other pictures of its batch", said.stderr)
        self.assertFalse((self.folder / "any.onnx").exists())

    def test_batchable_shows_each_dimension_and_what_is_expected(self):
        file = self.write("flat.onnx", flat_matte())
        shown = self.run_program("models", "batchable", file, code=1).stdout
        for line in (
            "Dimension 0: fixed (1)",
            "Dimension 1: fixed (3)",
            "dimension 0 dynamic: no, it is fixed (1)",
            "dimension 1 fixed 3 (colour) or 1 (gray): yes",
            "batches do not work: dimension 0 of the input is fixed",
            "models rebatch",
        ):
            self.assertIn(line, shown)
        shown = self.run_program("models", "batchable", "starter").stdout
        self.assertIn("Dimension 0: dynamic (batch)", shown)
        self.assertIn("Dimension 2: dynamic (height)", shown)
        both = json.loads(self.run_program("models", "batchable", "starter", file, "--json", code=1).stdout)
        self.assertEqual([one["batches"] for one in both], [True, False])
        self.assertTrue(both[1]["can_be_rewritten"])

    def test_a_file_that_exists_is_replaced_only_with_yes(self):
        file = self.write("flat.onnx", flat_matte())
        out = self.write("any.onnx", b"somebody's work")
        self.assertIn("exists", self.rebatch(file, "-o", out, code=2).stderr)
        self.assertEqual(out.read_bytes(), b"somebody's work")
        self.write("other.yaml", b"somebody's card")
        self.assertIn("other.yaml exists", self.rebatch(file, "-o", self.folder / "other.onnx", code=2).stderr)
        self.rebatch(file, "-o", out, "-y")
        self.assertEqual(self.shapes(out), ["batch", "batch"])
        self.assertIn("is the model itself", self.rebatch(file, "-o", file, "-y", code=2).stderr)
        self.assertEqual(file.read_bytes(), flat_matte())

    def test_bad_input(self):
        external = part(
            5, number(1, 1), number(2, 1), part(8, "w"), part(13, part(1, "location"), part(2, "w.bin")), number(14, 1)
        )
        ports = (port(11, "x", [1, 4]), port(12, "y", [1, 4]))
        bad = {
            "text.onnx": b"hello",
            "empty.onnx": b"",
            "cut.onnx": flat_matte()[:200],
            "external.onnx": model(node("Add", ["x", "w"], "y"), external, *ports),
            "huge.onnx": model(node("Relu", ["x"], "y"), port(11, "x", [1, 1 << 40]), port(12, "y", [1, 1 << 40])),
            "unknown.onnx": model(node("NoSuchOperator", ["x"], "y"), *ports),
        }
        for name, data in bad.items():
            with self.subTest(name):
                file = self.write(name, data)
                said = self.rebatch(file, "-o", self.folder / "any.onnx", code=2)
                self.assertIn(name, said.stderr)
                self.run_program("models", "batchable", file, code=2)
                self.assertFalse((self.folder / "any.onnx").exists())
        good = self.write("flat.onnx", flat_matte())
        self.assertIn("-o is missing", self.rebatch(good, code=2).stderr)
        self.assertIn("is a folder", self.rebatch(good, "-o", self.folder, code=2).stderr)
        self.assertIn(".onnx", self.rebatch(good, "-o", self.folder / "any.txt", code=2).stderr)
        self.assertIn("does not exist", self.rebatch("absent.onnx", "-o", self.folder / "any.onnx", code=2).stderr)


@needs_shared
class RealModelsTest(RebatchCase):
    """Files as their makers exported them."""

    REWRITTEN = (
        "sr/FSRCNN_x2",  # the batch passes through another dimension
        "detect/FastestDet_352",  # and is merged with channels
        "features/shufflenet-v2-12-int8",
        "features/mobilefacenet_128",
        "features/person-reid-retail-0287",  # means over the batch of one
        "matting/selfie_segmentation",
    )
    AS_IT_IS = ("sr/dncnn_gray_sigma25", "detect/yolox_nano_416_dynbatch")
    FORBIDDEN = ("detect/yolo11n_int8_320",)

    def test_fixed_batches_become_dynamic(self):
        for name in self.REWRITTEN:
            with self.subTest(name):
                out = self.folder / "any.onnx"
                made = self.run_program("models", "rebatch", SHARED / f"models/{name}.onnx", "-o", out, "-y", "--json")
                answer = json.loads(made.stdout)
                self.assertEqual(answer["written"], str(out))
                self.assertLessEqual(answer["difference"], answer["tolerance"])

    def test_a_dynamic_one_stays(self):
        for name in self.AS_IT_IS:
            with self.subTest(name):
                self.run_program("models", "batchable", SHARED / f"models/{name}.onnx")

    def test_int8_of_a_range_per_batch_is_refused(self):
        for name in self.FORBIDDEN:
            with self.subTest(name):
                said = self.run_program("models", "batchable", SHARED / f"models/{name}.onnx", code=1).stdout
                self.assertIn("DynamicQuantizeLinear", said)

    def test_results_of_a_job_stay(self):
        file = SHARED / "models/matting/selfie_segmentation.onnx"
        out = self.folder / "any.onnx"
        self.run_program("models", "rebatch", file, "-o", out)
        for i in range(4):
            self.write(f"in/{i}.png", png(96, 80, lambda x, y, i=i: (60 + 2 * x, 40 * i, 3 * y)))
        for name, model_file, batch in (("one", file, 1), ("four", out, 4)):
            words = ("-m", model_file, "-b", batch, "--backend", "onnxruntime", "-o", self.folder / name)
            self.run_program("cutout", self.folder / "in", *words)
        for one, four in zip(self.pictures("one"), self.pictures("four"), strict=True):
            self.assertEqual(one[0], four[0])
            self.assertLessEqual(max(abs(a - b) for a, b in zip(one[1], four[1], strict=True)), 1)


if __name__ == "__main__":
    unittest.main()
