"""CLIP's texts beside open_clip: the tokens of the tokenizer, and both towers of ViT-B/32 with random weights."""

import json
import os
import random
import shutil
import subprocess
import unittest

from program import SANITIZED, SHARED, SOURCE, ProgramTest, needs_shared
from reference_python import REFERENCE
from restore_architectures_test import LIBRARIES, TORCH, install_libraries

TEXTS = """a photo of a cat
A Photo of TWO dogs, playing!!
it's what we'd've said: they'll 're 'm 't
3 apples & 12,345.67 pears (50% off) #sale @home
naïve café Ærøskøbing Straße ĲSSELMEER ﬁne ﬂuﬀ
Ünïcödé ŉ Ǆ ǈ ｗｉｄｅ　ｌｅｔｔｅｒｓ １２３ ｶﾀｶﾅ
снег лежит на ёлках ΣΊΣΥΦΟΣ ΟΔΥΣΣΕΥΣ
猫が窓から外を見ている 东京塔 고양이
🐈‍⬛ 👩🏽‍🚀🚀 ❤️ ☃ ½ ² ⅷ Ⅻ ٣
“curly” ‘quotes’ – dashes — and … dots
&lt;b&gt;bold&lt;/b&gt; &amp;amp; &#233;&#x1F600; tom &amp; jerry
tabs	and  many   spaces
e\u0301 a\u030a n\u0303 composed
İstanbul ISPARTA ıı ſ ß ẞ
x_y-z/w\\v|u ~`^ {}[]<> $€£¥
antidisestablishmentarianism floccinaucinihilipilification pneumonoultramicroscopicsilicovolcanoniosis
''s 's's S'S 'LL 'Re
مرحبا بالعالم שלום עולם नमस्ते दुनिया สวัสดี
0123456789 1,000,000 3.14159 1e-5 0x1F""".splitlines()
TEXTS += ["", "a", "!", "word " * 100, "x" * 300]


def run_clip(*words, text="") -> str:
    environment = {**os.environ, "PYTHONPATH": str(LIBRARIES), "HF_HUB_OFFLINE": "1"}
    command = [TORCH, "-W", "ignore", "-B", REFERENCE / "clip_text.py", *words]
    done = subprocess.run(
        list(map(str, command)), input=text, capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout


@unittest.skipIf(SANITIZED, "the arithmetic is the release build's matter")
@unittest.skipUnless(TORCH.exists(), "no .env/training: make training-env brings torch")
class TextGolden(ProgramTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        install_libraries()

    def setUp(self):
        super().setUp()
        self.merges = self.folder / "merges.txt"
        run_clip("merges", self.merges)

    def tokens(self, lines) -> list:
        command = [os.environ["PIXMILL_TEXT_TOKENS"], self.merges]
        done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def test_tokens_are_those_of_open_clip(self):
        pick = random.Random(1)
        signs = "abcdefgh ABC  0123 .,'!?-&" + "éßñøœşğłаяжΩλ日本語한中עب😀’”½"
        lines = TEXTS + ["".join(pick.choices(signs, k=pick.randint(1, 60))) for _ in range(500)]
        expected = run_clip("tokens", text="\n".join(lines) + "\n").splitlines()
        self.assertEqual(len(expected), len(lines))
        for line, wanted, found in zip(lines, expected, self.tokens(lines), strict=True):
            with self.subTest(line=line):
                self.assertEqual(found, wanted)

    @needs_shared
    def test_similarities_of_texts_and_pictures(self):
        pictures = sorted((SHARED / "images/kodak").glob("*.png"))[:4]
        lines = ["a photo of a cat", "red doors in an old wall", "a parrot"]
        expected = json.loads(run_clip("towers", self.folder, *pictures, text="\n".join(lines)))
        shutil.copy(SOURCE / "models/cards/clip-vit-b32.yaml", self.folder / "vision_model.yaml")
        index = self.folder / "kodak.index"
        self.run_program("embed", *pictures, "-m", self.folder / "vision_model.onnx", "--index", index)
        words = [word for line in lines for word in ("--text", line)]
        made = self.run_program("search", "--index", index, *words, "--format", "json")
        for query, wanted in zip(json.loads(made.stdout)["queries"], expected, strict=True):
            found = {hit["path"]: hit["similarity"] for hit in query["hits"]}
            self.assertEqual(query["kind"], "text")
            for picture, similarity in zip(pictures, wanted, strict=True):
                self.assertAlmostEqual(found[str(picture.resolve())], similarity, delta=3e-4)


if __name__ == "__main__":
    unittest.main()
