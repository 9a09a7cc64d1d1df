#!/usr/bin/env python3
"""Tests of data preparation and metrics and, where torch is installed, of one step of training and the export.

.env/training/bin/python -m unittest discover -s training -p 'test_*.py'
"""

import contextlib
import io
import tempfile
import unittest
from importlib.util import find_spec
from pathlib import Path
from unittest import mock

HAS_PICTURES = all(find_spec(name) for name in ("numpy", "PIL"))
HAS_TORCH = HAS_PICTURES and all(find_spec(name) for name in ("torch", "onnx", "onnxruntime"))

if HAS_PICTURES:
    import numpy as np
    from PIL import Image

    import prepare
    from metrics import intersection_over_union, mean_absolute_error
    from pictures import enlarge, find_examples, read_mask, read_pair, read_picture, stretch


def write_picture(path, width=40, height=24, value=90, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (value, value, 20)).save(path, **options)


def write_mask(path, width=40, height=24, subject=255):
    """The left half is the subject."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.zeros((height, width), np.uint8)
    pixels[:, : width // 2] = subject
    Image.fromarray(pixels).save(path)


class FolderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


@unittest.skipUnless(HAS_PICTURES, "needs numpy and pillow")
class MetricsTest(unittest.TestCase):
    def setUp(self):
        self.truth = np.zeros((4, 4), np.float32)
        self.truth[:, :2] = 1

    def test_a_perfect_matte(self):
        self.assertEqual(mean_absolute_error(self.truth, self.truth), 0)
        self.assertEqual(intersection_over_union(self.truth, self.truth), 1)

    def test_half_of_the_subject(self):
        matte = self.truth.copy()
        matte[:, 0] = 0
        self.assertEqual(mean_absolute_error(matte, self.truth), 0.25)
        self.assertEqual(intersection_over_union(matte, self.truth), 0.5)

    def test_the_threshold_itself_is_background(self):
        self.assertEqual(intersection_over_union(self.truth * 0.5, self.truth), 0)

    def test_nothing_found_where_nothing_is(self):
        self.assertEqual(intersection_over_union(self.truth * 0, self.truth * 0), 1)


@unittest.skipUnless(HAS_PICTURES, "needs numpy and pillow")
class PicturesTest(FolderTest):
    def test_pairs_by_stem_in_order_of_name(self):
        for stem in ("b", "a"):
            write_picture(self.folder / f"images/{stem}.jpg")
            write_mask(self.folder / f"masks/{stem}.png")
        (self.folder / "images/notes.txt").write_text("not a picture")
        examples = find_examples(self.folder / "images", self.folder / "masks")
        self.assertEqual([(e.picture.name, e.mask.name) for e in examples], [("a.jpg", "a.png"), ("b.jpg", "b.png")])

    def test_a_missing_mask_is_named(self):
        write_picture(self.folder / "images/a.jpg")
        (self.folder / "masks").mkdir()
        with self.assertRaisesRegex(ValueError, r"a\.jpg"):
            find_examples(self.folder / "images", self.folder / "masks")

    def test_orientation_is_applied(self):
        exif = Image.Exif()
        exif[0x0112] = 6  # a quarter turn
        write_picture(self.folder / "a.jpg", exif=exif)
        self.assertEqual(read_picture(self.folder / "a.jpg").size, (24, 40))

    def test_all_but_zero_of_a_label_map_is_subject(self):
        write_picture(self.folder / "images/a.jpg")
        write_mask(self.folder / "labels/a.png", subject=3)
        (example,) = find_examples(self.folder / "images", self.folder / "labels", labels=True)
        self.assertEqual(np.unique(np.asarray(read_mask(example))).tolist(), [0, 255])

    def test_a_mask_of_another_size_is_refused(self):
        write_picture(self.folder / "images/a.jpg")
        write_mask(self.folder / "masks/a.png", width=24, height=40)
        (example,) = find_examples(self.folder / "images", self.folder / "masks")
        with self.assertRaisesRegex(ValueError, "but its picture is"):
            read_pair(example)

    def test_stretch_and_enlarge_keep_the_halves(self):
        write_mask(self.folder / "a.png")
        small = stretch(Image.open(self.folder / "a.png"), 16)
        self.assertEqual(small.shape, (16, 16))
        large = enlarge(small / 255, 40, 24)
        self.assertEqual(large.shape, (24, 40))
        self.assertGreater(large[:, :18].min(), 0.9)
        self.assertLess(large[:, 22:].max(), 0.1)


@unittest.skipUnless(HAS_PICTURES, "needs numpy and pillow")
class PrepareTest(FolderTest):
    def setUp(self):
        super().setUp()
        for index, stem in enumerate("abc"):
            write_picture(self.folder / f"train/{stem}.png", value=40 * index)
            write_mask(self.folder / f"masks/{stem}.png")
        write_picture(self.folder / "test/renamed.png", value=0)  # the same picture as train/a.png
        write_mask(self.folder / "test_masks/renamed.png")

    def run_prepare(self, train, *, teacher=None):
        sets = self.folder / "sets.toml"
        sets.write_text(f'[[train]]\n{train}\n[[evaluate]]\npictures = "test"\nmasks = "test_masks"\n')
        arguments = ["prepare.py", str(sets), "-o", str(self.folder / "data.npz"), "--size", "32"]
        said = io.StringIO()
        with (
            mock.patch("sys.argv", arguments),
            mock.patch("prepare.load_teacher", return_value=teacher),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
        ):
            prepare.main()
        return np.load(self.folder / "data.npz"), said.getvalue()

    def test_what_is_evaluated_on_is_not_trained_on(self):
        data, _ = self.run_prepare('pictures = "train"\nmasks = "masks"\nweight = 2')
        self.assertEqual(data["X"].shape, (2, 32, 32, 3))
        self.assertEqual(data["Y"].shape, (2, 32, 32))
        self.assertEqual(data["EX"].shape, (1, 32, 32, 3))
        self.assertEqual(data["W"].tolist(), [2, 2])
        self.assertEqual(data["X"][:, 0, 0, 0].tolist(), [40, 80])
        self.assertAlmostEqual(data["Y"].mean() / 255, 0.5, places=2)

    def test_a_bad_picture_is_named_and_left_out(self):
        (self.folder / "train/b.png").write_bytes(b"no picture")
        data, said = self.run_prepare('pictures = "train"\nmasks = "masks"')
        self.assertEqual((len(data["X"]), len(data["Y"]), len(data["W"])), (1, 1, 1))
        self.assertIn("b.png", said)

    def test_the_teacher_answers_where_no_mask_is(self):
        teacher = mock.Mock()
        teacher.matte.return_value = np.full((8, 8), 0.2, np.float32)
        data, _ = self.run_prepare('pictures = "train"', teacher=teacher)
        self.assertEqual(np.unique(data["Y"]).tolist(), [51])

    def test_unknown_keys_are_refused(self):
        with self.assertRaisesRegex(ValueError, "wieght"):
            self.run_prepare('pictures = "train"\nwieght = 2')

    def test_without_mask_or_teacher_it_says_so(self):
        with self.assertRaisesRegex(ValueError, "teacher"):
            self.run_prepare('pictures = "train"')


@unittest.skipUnless(HAS_TORCH, "needs torch, onnx and onnxruntime")
class NetworkTest(FolderTest):
    def test_a_step_changes_the_weights_and_the_export_agrees(self):
        import torch

        from augment import draw
        from export import LARGEST_DIFFERENCE, export
        from network import Starter
        from train import learn

        torch.manual_seed(0)
        pictures = torch.randint(0, 256, (4, 3, 64, 64), dtype=torch.uint8)
        mattes = torch.zeros((4, 1, 64, 64), dtype=torch.uint8)
        mattes[..., :32] = 255
        x, y = draw(pictures, mattes, torch.ones(4), 2, 64)
        self.assertEqual((x.shape, y.shape), ((2, 3, 64, 64), (2, 1, 64, 64)))
        self.assertTrue(y.min() >= 0 and y.max() <= 1)
        network = Starter()
        self.assertAlmostEqual(sum(weight.numel() for weight in network.parameters()) / 1e6, 2.1, places=1)
        before = network.head.weight.clone()
        self.assertGreater(learn(network, torch.optim.AdamW(network.parameters(), lr=1e-3), x, y), 0)
        self.assertFalse(torch.equal(before, network.head.weight))
        torch.save(network.state_dict(), self.folder / "weights.pt")
        with contextlib.redirect_stdout(io.StringIO()):
            largest = export(self.folder / "weights.pt", str(self.folder / "model.onnx"))
        self.assertLess(largest, LARGEST_DIFFERENCE)
        self.assertLess((self.folder / "model.onnx").stat().st_size, 5e6)


if __name__ == "__main__":
    unittest.main()
