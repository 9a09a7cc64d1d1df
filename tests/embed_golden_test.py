"""Feature vectors beside the families' reference arithmetic (Pillow, NumPy, ONNX Runtime), on photographs of ../shared:
a cosine of at least 0.9999 for every model but one."""

import json
import os
import shutil
import subprocess
import unittest

from program import SANITIZED, SHARED, SOURCE, needs_shared
from reference_python import REFERENCE, ReferenceTest, run_reference
from restore_architectures_test import LIBRARIES, TORCH, install_libraries

# File, rule of the reference, tensor where its graph is cut; None: the file's output.
MODELS = {
    "osnet_x0_25_msmt17": ("osnet", None),
    "person-reid-retail-0287": ("reid", None),
    "mobilefacenet_128": ("face", None),
    "xfeat": ("xfeat", None),
    "mobilenetv2_int8": ("torchvision", "472"),
    "shufflenet-v2-12-int8": ("torchvision", "611"),
}
LEAST = 0.9999
# Quantised by the range of each tensor while it runs: a change of 1e-7 in the input alone gives 0.9995 (ONNX Runtime
# against itself).
LEAST_OF = {"mobilenetv2_int8": 0.999}


def cosine(a, b) -> float:
    product = sum(x * y for x, y in zip(a, b, strict=True))
    return product / (sum(x * x for x in a) ** 0.5 * sum(y * y for y in b) ** 0.5)


@needs_shared
@unittest.skipIf(SANITIZED, "the arithmetic is the release build's matter")
class EmbedGolden(ReferenceTest):
    def check(self, name: str, model, rule: str, tensor: str | None):
        pictures = sorted((SHARED / "datasets/imagenet_sample").glob("*.jpg"))[::50]
        pictures += sorted((SHARED / "images/kodak").glob("*.png"))[:3]
        words = ["--tensor", tensor] if tensor else []
        script = (REFERENCE / "embed_reference.py", "--model", model, "--rule", rule)
        expected = json.loads(run_reference(*script, *words, *pictures))
        out = self.folder / f"{name}.jsonl"
        self.run_program("embed", *pictures, "-m", model, "-o", out, "--precision", "fp32")
        found = [json.loads(line) for line in out.read_text().splitlines()]
        self.assertEqual(len(found), len(pictures))
        worst = min(cosine(row["vector"], expected[row["image"].rsplit(".", 1)[0]]) for row in found)
        print(f"{name}: cosine {worst:.7f} at worst")
        self.assertGreaterEqual(worst, LEAST_OF.get(name, LEAST))

    def check_resnet18(self, card: str, rule: str):
        """Its exact graph; the weights are random."""
        if not TORCH.exists():
            raise unittest.SkipTest("no .env/training: make training-env brings torch")
        install_libraries()
        model = self.folder / "resnet18.onnx"
        command = [TORCH, "-W", "ignore", "-B", REFERENCE / "resnet18.py", model]
        environment = {**os.environ, "PYTHONPATH": str(LIBRARIES)}
        subprocess.run(command, check=True, capture_output=True, env=environment)
        shutil.copy(SOURCE / "models/cards" / f"{card}.yaml", self.folder / "resnet18.yaml")
        self.check(card, model, rule, "/Flatten_output_0")

    def test_resnet18_as_torchvision_crops(self):
        self.check_resnet18("resnet18", "torchvision")

    def test_resnet18_squeezed_by_lanczos(self):
        self.check_resnet18("resnet18-lanczos", "lanczos")


def test_of(name: str):
    rule, tensor = MODELS[name]
    return lambda self: self.check(name, SHARED / "models/features" / f"{name}.onnx", rule, tensor)


for each in MODELS:
    setattr(EmbedGolden, f"test_{each}", test_of(each))

if __name__ == "__main__":
    unittest.main()
