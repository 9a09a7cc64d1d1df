"""Real photographs of every kind, where ../shared has them: correct orientation and size, or a clear error."""

import os
import unittest

from png_file import png_header
from program import SANITIZED, SHARED, ProgramTest, needs_shared

IMAGES = SHARED / "images"


@needs_shared
class RealPhotographs(ProgramTest):
    def cut(self, folder: str, code: int = 0, *words) -> tuple:
        """(done events, failed events) by file name."""
        name = "{stem}_{index}.{ext}"  # twins like x.jpg and x.png live in these folders
        events = self.events("cutout", IMAGES / folder, "-o", self.folder / folder, "--name", name, *words, code=code)
        pick = lambda kind: {os.path.basename(e["input"]): e for e in events if e["event"] == kind}  # noqa: E731
        return pick("done"), pick("failed")

    def test_portraits_stand_upright_whatever_their_orientation_tag(self):
        done, _ = self.cut("exif")
        for number in range(1, 9):
            event = done[f"Portrait_{number}.jpg"]
            self.assertEqual((event["width"], event["height"]), (1200, 1800), number)
            with open(event["outputs"][0], "rb") as file:
                self.assertEqual(png_header(file.read(64))[:2], (1200, 1800))

    def test_every_format_is_read(self):
        done, failed = self.cut("formats")
        self.assertEqual(set(failed), set())
        self.assertEqual(len(done), len(list((IMAGES / "formats").iterdir())))
        self.assertGreater(done["avif_orientation6.avif"]["height"], done["avif_orientation6.avif"]["width"])
        with open(done["rgba_16bit_tree.png"]["outputs"][0], "rb") as file:
            self.assertEqual(png_header(file.read(64))[2:], (16, 6))

    def test_broken_files_are_told(self):
        done, failed = self.cut("broken", 1)
        self.assertEqual(set(done), set())
        self.assertEqual(len(failed), len(list((IMAGES / "broken").iterdir())))
        for name, event in failed.items():
            self.assertIn(event["code"], ("corrupt", "unsupported"), name)
            self.assertTrue(event["hint"])

    def test_photographs_up_to_22_megapixels(self):
        done, failed = self.cut("photos", 0, "--memory", "256M")
        self.assertEqual(set(failed), set())
        self.assertGreater(
            done["canon_5d3_desk_22mp.jpg"]["width"] * done["canon_5d3_desk_22mp.jpg"]["height"], 22_000_000
        )

    def test_models_of_other_families_are_refused(self):
        source = IMAGES / "photos/horse.jpg"
        for name in (
            "detect/nanodet_m_320",
            "detect/yolov8n_int8_640",
            "sr/realesr-general-x4v3",
            "features/osnet_x0_25_msmt17",
            "segment/deeplab_v3_pascal",
        ):
            failed = self.run_program(
                "cutout", source, "-o", self.folder / "x.png", "-m", SHARED / f"models/{name}.onnx", code=2
            )
            self.assertIn("hint", failed.stderr, name)
            self.assertFalse((self.folder / "x.png").exists())

    def test_every_matting_model_runs(self):
        source = IMAGES / "photos/portrait_curly_hair.jpg"
        for name in (
            "u2netp",
            "u2netp-fp16",
            "selfie_segmentation",
            "sinet_portrait",
            "prisma_portrait",
            "deeplab_portrait_513",
        ):
            for backend in ("onnxruntime",) if SANITIZED else ("onnxruntime", "openvino"):
                output = self.folder / f"{name}-{backend}.png"
                model = SHARED / f"models/matting/{name}.onnx"
                self.run_program("cutout", source, "-o", output, "-m", model, "--backend", backend, "--only-mask")
                self.assertEqual(png_header(output.read_bytes())[2:], (8, 0), name)


if __name__ == "__main__":
    unittest.main()
