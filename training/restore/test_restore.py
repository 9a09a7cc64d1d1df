#!/usr/bin/env python3
"""Tests of the recipe of the restoring networks: figures, patches and, where torch is installed, a step and the export.

.env/training/bin/python -m unittest discover -s training/restore -p 'test_*.py'
"""

import contextlib
import io
import sys
import tempfile
import unittest
from importlib.util import find_spec
from pathlib import Path
from unittest import mock

HAS_PICTURES = all(find_spec(name) for name in ("numpy", "PIL"))
HAS_RUNTIME = HAS_PICTURES and find_spec("onnxruntime")
HAS_TORCH = HAS_RUNTIME and all(find_spec(name) for name in ("torch", "onnx"))

if HAS_PICTURES:
    import numpy as np
    from PIL import Image

    import patches
    from quality import luma, psnr, ssim


def photograph(width=160, height=140, seed=1):
    """Soft blobs of colour under noise: a picture with detail everywhere, and another for each seed."""
    rng = np.random.default_rng(seed)
    blobs = Image.fromarray(rng.integers(40, 216, (8, 9, 3), dtype=np.uint8))
    pixels = np.asarray(blobs.resize((width, height), Image.BICUBIC)) + rng.normal(0, 25, (height, width, 3))
    return np.clip(pixels, 0, 255).astype(np.uint8)


class FolderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


@unittest.skipUnless(HAS_PICTURES, "needs numpy and pillow")
class QualityTest(unittest.TestCase):
    def test_equal_pictures(self):
        plane = photograph()[..., 0].astype(float)
        self.assertEqual(psnr(plane, plane), float("inf"))
        self.assertAlmostEqual(ssim(plane, plane), 1)

    def test_psnr_of_a_known_error(self):
        plane = np.full((20, 20), 100.0)
        self.assertAlmostEqual(psnr(plane, plane + 25.5), 20)

    def test_noise_lowers_ssim_more_than_a_shift_of_brightness(self):
        plane = photograph()[..., 0].astype(float)
        noisy = plane + np.random.default_rng(2).normal(0, 10, plane.shape)
        self.assertLess(ssim(plane, noisy), ssim(plane, plane + 10))

    def test_luma_is_that_of_video(self):
        self.assertAlmostEqual(float(luma(np.zeros(3))), 16)
        self.assertAlmostEqual(float(luma(np.full(3, 255.0))), 235, places=2)


@unittest.skipUnless(HAS_PICTURES, "needs numpy and pillow")
class PatchesTest(FolderTest):
    def cut(self, *words):
        out = self.folder / "patches.npy"
        said = io.StringIO()
        with mock.patch.object(sys, "argv", ["patches.py", str(out), *words]), contextlib.redirect_stdout(said):
            patches.main()
        return np.load(out), said.getvalue()

    def test_a_cover_reaches_both_ends(self):
        self.assertEqual(patches.cover(100), [])
        self.assertEqual(patches.cover(128), [0])
        self.assertEqual(patches.cover(300), [0, 86, 172])

    def test_photographs_become_patches_and_those_of_the_evaluation_do_not(self):
        for name, seed in (("train/a.png", 1), ("train/b.png", 2), ("test/renamed.png", 2)):
            path = self.folder / name
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(photograph(320, 280, seed)).save(path)
        found, said = self.cut(f"{self.folder / 'train'}:1", "--leave-out", str(self.folder / "test"))
        self.assertEqual(found.shape[1:], (128, 128, 3))
        self.assertEqual(len(found), 9)
        self.assertIn("1 pictures left out", said)


@unittest.skipUnless(HAS_TORCH, "needs torch, onnx and onnxruntime")
class NetworkTest(FolderTest):
    def exported(self, kind):
        import torch

        from export import LARGEST_DIFFERENCE, export
        from networks import NETWORKS

        torch.manual_seed(0)
        torch.save(NETWORKS[kind]().state_dict(), self.folder / "weights.pt")
        with contextlib.redirect_stdout(io.StringIO()):
            largest = export(kind, self.folder / "weights.pt", self.folder / f"{kind}.onnx")
        self.assertLess(largest, LARGEST_DIFFERENCE)
        return self.folder / f"{kind}.onnx"

    def test_training_changes_the_weights(self):
        import torch

        import train
        from networks import Upscaler

        clean = np.stack([photograph(128, 128, seed) for seed in range(20)])
        np.save(self.folder / "patches.npy", clean)
        out = self.folder / "weights.pt"
        words = ["train.py", "upscale", str(self.folder / "patches.npy"), "-o", str(out), "--minutes", "0.01"]
        with mock.patch.object(sys, "argv", words), contextlib.redirect_stdout(io.StringIO()):
            train.main()
        torch.manual_seed(0)
        untrained = Upscaler().state_dict()
        trained = torch.load(out, weights_only=True)
        self.assertEqual(trained.keys(), untrained.keys())
        self.assertFalse(torch.equal(trained["head.weight"], untrained["head.weight"]))

    def test_what_is_spoilt_stays_a_picture(self):
        import torch

        from spoil import halved, noisy

        clean = torch.from_numpy(photograph(128, 128).transpose(2, 0, 1)[None] / np.float32(255)).repeat(6, 1, 1, 1)
        torch.manual_seed(0)
        self.assertEqual(halved(clean.clone(), np.random.default_rng(0)).shape, (6, 3, 64, 64))
        spoilt = noisy(clean.clone(), np.random.default_rng(0))
        self.assertEqual(spoilt.shape, clean.shape)
        self.assertGreater(float((spoilt - clean).abs().mean()), 0.005)

    def test_pictures_of_any_size_go_through_the_exported_files(self):
        from picture_model import PictureModel

        picture = photograph(37, 29) / 255
        self.assertEqual(PictureModel(self.exported("upscale"), threads=1)(picture).shape, (58, 74, 3))
        self.assertEqual(PictureModel(self.exported("denoise"), multiple=8, threads=1)(picture).shape, (29, 37, 3))

    def test_a_network_that_adds_nothing_is_measured_as_such(self):
        """Bilinear enlargement, by an upscaler whose last layer is zero."""
        import torch

        import evaluate
        from export import export
        from networks import Upscaler

        network = Upscaler()
        torch.nn.init.zeros_(network.tail.weight)
        torch.nn.init.zeros_(network.tail.bias)
        torch.save(network.state_dict(), self.folder / "zero.pt")
        with contextlib.redirect_stdout(io.StringIO()):
            export("upscale", self.folder / "zero.pt", self.folder / "zero.onnx")
        smooth = Image.fromarray(photograph(40, 36)).resize((160, 144), Image.BICUBIC)
        smooth.save(self.folder / "a_HR.png")
        bicubic = evaluate.upscaling(None, self.folder, 2)
        bilinear = evaluate.upscaling(evaluate.load(str(self.folder / "zero.onnx"), 1), self.folder, 2)
        self.assertGreater(bicubic[0], bilinear[0])
        self.assertGreater(bilinear[0], 25)

    def test_noise_that_is_left_is_measured_as_such(self):
        import evaluate

        Image.fromarray(np.full((40, 40, 3), 128, np.uint8)).save(self.folder / "gray.png")
        score, _ = evaluate.denoising(None, self.folder, 25, rounded=False)
        self.assertAlmostEqual(score, 20 * np.log10(255 / 25), delta=0.2)
        again, _ = evaluate.denoising(None, self.folder, 25, rounded=False)
        self.assertEqual(score, again)


if __name__ == "__main__":
    unittest.main()
