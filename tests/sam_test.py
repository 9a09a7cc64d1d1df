"""pixmill segment with models of the SAM family: prompts, the kept embedding, the two files, bad input. The models are
those of tiny_sam.py; their masks are compared with the reference arithmetic (sam_reference.py)."""

import json
import shutil
import sqlite3
import struct
import unittest

import tiny_sam
from png_file import png
from program import EXAMPLES, SANITIZED, ProgramTest
from reference_python import REFERENCE, ReferenceTest, run_reference
from tiny_segmenter import tiny_segmenter

RED, BLUE, GREEN = (220, 30, 30), (30, 30, 220), (60, 160, 60)
SIZE = (240, 160)


def scene(x: int, y: int) -> tuple:
    """A red and a blue rectangle before green."""
    if 40 <= x < 120 and 30 <= y < 90:
        return RED
    return BLUE if 150 <= x < 230 and 70 <= y < 140 else GREEN


def unpacked(body: bytes) -> tuple:
    """(names, [(box, score, name, runs), ...]) of a record "detections/2"; see pixmill/tasks/detections.h."""
    at = 0

    def take(layout: str):
        nonlocal at
        values = struct.unpack_from("<" + layout, body, at)
        at += struct.calcsize("<" + layout)
        return values if len(values) > 1 else values[0]

    take("IIfff")
    assert take("I") == 0, "names of its own"
    names = []
    for _ in range(take("I")):
        length = take("H")
        names.append(body[at : at + length].decode())
        at += length
    things = []
    for _ in range(take("I")):
        *box, score = take("fffff")
        label, follows = take("I"), take("B")
        assert follows == 1, "a mask and nothing else"
        runs = []
        for _ in range(take("I")):
            value, shift = 0, 0
            while True:
                byte = take("B")
                value |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    break
            runs.append(value)
        things.append((box, score, names[label], runs))
    assert at == len(body)
    return names, things


def inside(runs) -> list:
    """Where the pixels inside begin and end, in the order of the columns."""
    ends, at = [], 0
    for run in runs:
        ends.append(at := at + run)
    return list(zip(ends[::2], ends[1::2], strict=False))


def different(one, other) -> int:
    """Pixels that are in one mask alone."""
    steps = sorted(
        [(at, 1) for pair in inside(one) for at in pair] + [(at, 2) for pair in inside(other) for at in pair]
    )
    count, state, before = 0, 0, 0
    for at, which in steps:
        count += at - before if state in (1, 2) else 0
        state, before = state ^ which, at
    return count


class SamTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.photos = self.folder / "photos"
        self.photo = self.write("photos/a.png", png(*SIZE, scene))

    def pair(self, name: str = "sam", first: bytes = b"", second: bytes = b""):
        return tiny_sam.write_pair(
            self.folder / "models", name, first or tiny_sam.encoder(), second or tiny_sam.decoder()
        )

    def segment(self, *words, model=None, code=0):
        model = model or self.pair()
        return self.run_program(
            "segment", *words, "-m", model, "-o", self.folder / "out", "--backend", "onnxruntime", code=code
        )

    def things(self, picture=None) -> list:
        """What the newest record of a picture holds."""
        with sqlite3.connect(next((self.folder / "home").rglob("catalogue.db"))) as catalogue:
            query = (
                "SELECT records.body FROM records JOIN results ON records.result = results.id JOIN inputs ON"
                " results.input = inputs.id WHERE inputs.path = ? ORDER BY results.made DESC, results.id DESC LIMIT 1"
            )
            row = catalogue.execute(query, (str((picture or self.photo).resolve()),)).fetchone()
        catalogue.close()
        return unpacked(row[0])[1]

    def only_box(self) -> list:
        (thing,) = self.things()
        return thing[0]

    def assert_near(self, box, wanted, pixels: float = 3):
        self.assertTrue(all(abs(a - b) <= pixels for a, b in zip(box, wanted, strict=True)), (box, wanted))


class Prompts(SamTest):
    def test_a_point_finds_its_thing(self):
        self.segment(self.photo, "--point", "60,50", "--label", "flag")
        ((box, score, name, _),) = self.things()
        self.assert_near(box, (40, 30, 120, 90))
        self.assertGreater(score, 0.5)
        self.assertEqual(name, "flag")
        self.segment(self.photo, "--point", "80%,65%")
        self.assert_near(self.only_box(), (150, 70, 230, 140))
        self.assertEqual(self.things()[0][2], "object")

    def test_a_background_point_takes_pixels_away(self):
        self.segment(self.photo, "--point", "50,60")
        whole = sum(b - a for a, b in inside(self.things()[0][3]))
        self.segment(self.photo, "--point", "50,60", "--point", "115,60,0")
        left, _, right, _ = self.only_box()
        self.assertLess(right, 110)
        self.assertLess(left, 50)
        self.assertLess(sum(b - a for a, b in inside(self.things()[0][3])), whole)

    def test_each_box_is_a_thing(self):
        self.segment(self.photo, "--box", "230,140,150,70", "--box", "60,40,100,80")
        boxes = sorted(box for box, *_ in self.things())
        self.assert_near(boxes[0], (60, 40, 100, 80))
        self.assert_near(boxes[1], (150, 70, 230, 140))

    def test_points_refine_the_boxes_that_hold_them(self):
        self.segment(
            self.photo, "--box", "30,20,130,100", "--box", "140,60,235,150", "--point", "115,60,0", "--point", "60,50"
        )
        boxes = sorted(box for box, *_ in self.things())
        self.assertLess(boxes[0][2], 110)
        self.assert_near(boxes[1], (150, 70, 230, 140))
        failed = self.segment(self.photo, "--box", "30,20,130,100", "--box", "140,60,235,150", "--point", "5,5", code=1)
        self.assertIn("the point 5,5 lies in none of the boxes", failed.stderr)

    def test_everything(self):
        self.segment(self.photo, "--everything", "--points-per-side", "8")
        boxes = sorted(box for box, *_ in self.things())
        self.assertEqual(len(boxes), 3)
        self.assert_near(boxes[0], (0, 0, 240, 160))
        self.assert_near(boxes[1], (40, 30, 120, 90))
        self.assert_near(boxes[2], (150, 70, 230, 140))
        self.segment(self.photo, "--everything", "--points-per-side", "8", "--predicted-iou", "0.9999")
        self.assertEqual(self.things(), [])

    def test_a_file_of_prompts(self):
        other = self.write("photos/deep/b.png", png(*SIZE, scene))
        self.write("photos/c.png", png(*SIZE, scene))
        prompts = {
            "a.png": {"points": [[60, 50]], "class": "flag"},
            "deep/b.png": [{"boxes": [[150, 70, 230, 140]], "class": "sea"}, {"points": [["25%", "30%"]]}],
            "gone.png": {"points": [[1, 1]]},
        }
        done = self.segment(self.photos, "--prompts", self.write("p.json", json.dumps(prompts).encode()))
        self.assertIn("1 of the pictures that the options name are not among the inputs: gone.png", done.stderr)
        self.assertEqual([name for _, _, name, _ in self.things()], ["flag"])
        self.assertEqual(sorted(name for _, _, name, _ in self.things(other)), ["object", "sea"])
        self.assertEqual(self.things(self.photos / "c.png"), [])
        # An equal picture of another name has none of its things.
        late = self.write("photos/late.png", self.photo.read_bytes())
        self.segment(self.photos, "--prompts", self.folder / "p.json", "--overwrite")
        self.assertEqual(self.things(late), [])
        # Below another folder the same picture has another name, so it is not done.
        self.segment(self.photos / "deep", "--prompts", self.folder / "p.json", "--overwrite")
        self.assertEqual(self.things(other), [])

    def test_other_models_take_no_prompts(self):
        model = self.write("things.onnx", tiny_segmenter())
        words = ["segment", self.photo, "--point", "1,1", "-m", model, "-o", self.folder / "out"]
        self.assertIn("takes no prompts", self.run_program(*words, code=2).stderr)


class Refused(SamTest):
    def test_words_that_are_no_prompts(self):
        for words, said in (
            ((), "--point x,y, --box x0,y0,x1,y1, --prompts FILE.json or --everything"),
            (("--point", "1"), "--point: '1' is not right"),
            (("--point", "-1,2"), "--point: '-1,2' is not right"),
            (("--point", "nan,2"), "--point: 'nan,2' is not right"),
            (("--point", "1,2,3"), "label 1 in the thing, 0 outside"),
            (("--point", "101%,2"), "--point: '101%,2' is not right"),
            (("--box", "1,2,3"), "two opposite corners"),
            (("--box", "5,1,5,9"), "it has no area"),
            (("--point", "1,1", "--everything"), "exclude each other"),
            (("--label", "", "--point", "1,1"), "--label"),
            (("--slice", "64", "--point", "1,1"), "--slice has no meaning for"),
            (("--names", self.write("names.txt", b"dog\n"), "--point", "1,1"), "--label NAME says what"),
        ):
            with self.subTest(words=words):
                self.assertIn(said, self.segment(self.photo, *words, code=2).stderr)

    def test_prompts_outside_are_that_pictures_error(self):
        self.write("photos/b.png", png(480, 320, scene))
        done = self.segment(self.photos, "--point", "300,50", code=1)
        self.assertIn("the prompt 300,50 lies outside the picture of 240 x 160 pixels", done.stderr)
        self.assertIn("1 done, 0 skipped, 1 failed", done.stderr)
        self.assertIn("has no area", self.segment(self.photo, "--box", "50%,10,120,90", code=1).stderr)
        many = [word for _ in range(1001) for word in ("--point", "5,5")]
        self.assertIn("a thing has 1001 points", self.segment(self.photo, *many, code=1).stderr)

    def test_files_of_prompts_that_are_wrong(self):
        for text, said in (
            ('{"a.png": {"points": [[1, NaN]]}}', "p.json:1: is not JSON"),
            ('{"a.png":\n {"points": [[1, 1e999]]}}', "p.json:"),
            ('{"a.png":\n {"points": [[1, 2]}', "p.json:2: is not JSON"),
            ("[]", "must be an object with the pictures' paths"),
            ("{}", "holds no prompts"),
            ('{"a.png": 5}', '"a.png" must be an object'),
            ('{"a.png": {"points": []}}', '"a.png" has neither points nor boxes'),
            ('{"a.png": {"points": [[1, 2], [1]]}}', '"a.png".points[1] must be 2 numbers'),
            ('{"a.png": {"points": [[1, -2]]}}', '"a.png".points[0] must be 0 or more'),
            ('{"a.png": {"points": [[1, "2 %"]]}}', '"a.png".points[0] must be pixels from 0'),
            ('{"a.png": {"points": [[1, 2]], "labels": [2]}}', '"a.png".labels[0] must be 1'),
            ('{"a.png": {"points": [[1, 2]], "labels": [1, 1]}}', '"a.png".labels has 2 entries for 1 points'),
            ('{"a.png": [{"boxes": [[1, 2, 1, 9]]}]}', '"a.png"[0].boxes[0] has no area'),
            ('{"a.png": {"point": [[1, 2]]}}', "did you mean points?"),
            ('{"a.png": {"points": [[1, 2]], "class": ""}}', '"a.png".class must be a name'),
            (json.dumps({"a.png": {"points": [[1, 1]] * 10_000}}), '"a.png".points has 10000 entries, more than 1000'),
        ):
            with self.subTest(text=text[:60]):
                path = self.write("p.json", text.encode())
                self.assertIn(said, self.segment(self.photo, "--prompts", path, code=2).stderr)
        self.assertIn("none.json", self.segment(self.photo, "--prompts", "none.json", code=2).stderr)

    def test_files_that_do_not_fit_together(self):
        lonely = self.write("lonely/sam.encoder.onnx", tiny_sam.encoder())
        failed = self.segment(self.photo, "--point", "1,1", model=lonely, code=2)
        self.assertIn("its decoder is not beside it", failed.stderr)
        self.assertIn("sam.decoder.onnx", failed.stderr)
        decoder = self.write("lone/sam.decoder.onnx", tiny_sam.decoder())
        failed = self.segment(self.photo, "--point", "1,1", model=decoder, code=2)
        self.assertIn("is the decoder of a SAM model", failed.stderr)
        mixed = self.pair("mixed", tiny_sam.encoder(), tiny_sam.decoder2())
        failed = self.segment(self.photo, "--point", "1,1", model=mixed, code=2)
        self.assertIn("which mixed.encoder.onnx does not give", failed.stderr)
        twice = self.pair("twice", tiny_sam.encoder(), tiny_sam.encoder())
        self.segment(self.photo, "--point", "1,1", model=twice, code=2)


def kept_and_found(ended: dict) -> tuple:
    """Embeddings that a run put into the cache, and that it took from there."""
    return ended["cache"]["results"]["kept"], ended["cache"]["results"]["hits"]


class Kept(SamTest):
    def run_events(self, *words, model=None):
        events = self.events("segment", self.photos, *words, "-m", model or self.pair(), "-o", self.folder / "out")
        return events[-1]

    def test_the_next_click_costs_no_encoder(self):
        first = self.run_events("--point", "60,50")
        self.assertEqual(kept_and_found(first), (1, 0))
        self.assertEqual(len(first["devices"]), 2, "both files were loaded")
        second = self.run_events("--point", "180,100")
        self.assertEqual(kept_and_found(second), (0, 1))
        self.assertEqual([device["pictures"] for device in second["devices"]], [1], "the decoder alone, once")
        # Another picture, another encoder and no cache: all are encoded again.
        self.write("photos/b.png", png(*SIZE, lambda x, y: scene(y, x)))
        self.assertEqual(kept_and_found(self.run_events("--point", "60,60")), (1, 1))
        hwc = self.pair("hwc", tiny_sam.encoder("hwc"))
        self.assertEqual(kept_and_found(self.run_events("--point", "60,50", model=hwc)), (2, 0))
        self.assertEqual(len(self.run_events("--point", "61,50", "--cache", "off")["devices"]), 2)

    def test_a_damaged_embedding_is_made_again(self):
        self.run_events("--point", "60,50")
        wanted = self.things()
        (entry,) = [path for path in (self.folder / "home").rglob("results/*/*") if path.is_file()]
        data = bytearray(entry.read_bytes())
        data[len(data) // 2] ^= 0xFF
        entry.write_bytes(data)
        again = self.run_events("--point", "60,50", "--force")
        self.assertEqual(kept_and_found(again), (1, 0))
        self.assertEqual(self.things(), wanted)

    def test_a_model_of_two_files_in_the_store(self):
        self.pair()
        self.run_program("models", "add", self.folder / "models/sam.encoder.onnx", "--id", "mine")
        shutil.rmtree(self.folder / "models")
        self.run_program("segment", self.photo, "--point", "60,50", "-m", "mine", "-o", self.folder / "out")
        self.assert_near(self.only_box(), (40, 30, 120, 90))
        self.assertIn("right", self.run_program("models", "verify", "mine").stdout)
        self.run_program("models", "remove", "mine", "--yes")
        lonely = self.write("lonely/x.onnx", tiny_sam.encoder())
        failed = self.run_program("models", "add", lonely, code=2)
        self.assertIn("its decoder is not beside it", failed.stderr)


@unittest.skipIf(SANITIZED, "the arithmetic is the release build's matter")
class Reference(ReferenceTest, SamTest):
    """Each family beside the reference arithmetic: scores within 0.001, of 2,000 pixels at most one in another mask."""

    MODELS = {
        "sam": (tiny_sam.encoder(), tiny_sam.decoder()),
        "four": (tiny_sam.encoder(), tiny_sam.decoder(4)),
        "no_low": (tiny_sam.encoder(), tiny_sam.decoder(1, False)),
        "hwc": (tiny_sam.encoder("hwc"), tiny_sam.decoder(4)),
        "hwc_u8": (tiny_sam.encoder("hwc", tiny_sam.UINT8), tiny_sam.decoder()),
        "sam2": (tiny_sam.encoder2(), tiny_sam.decoder2()),
    }

    def reference(self, encoder, prompts: dict) -> dict:
        path = self.write("reference.json", json.dumps(prompts).encode())
        words = ["--prompts", path, "--encoder", encoder, "--decoder", str(encoder).replace("encoder", "decoder")]
        words += ["--family", "sam2" if "sam2" in encoder.name else "sam", *(self.photos / name for name in prompts)]
        return json.loads(run_reference(REFERENCE / "sam_reference.py", *words))

    def compare(self, wanted: dict, name: str):
        for picture, masks in wanted.items():
            things = self.things(self.photos / picture)
            self.assertEqual(len(things), len(masks), (name, picture))
            pixels = sum(things[0][3]) if things else 0
            for _, score, _, runs in things:
                off, other = min((different(runs, mask[1]), mask[0]) for mask in masks)
                self.assertLessEqual(off, pixels / 2000, (name, picture))
                self.assertAlmostEqual(score, other, delta=1e-3)

    def copy_photos(self) -> list:
        self.photo.unlink()
        pictures = sorted(EXAMPLES.glob("*.png"))[:1]
        self.assertTrue(pictures)
        for picture in pictures:
            shutil.copy(picture, self.photos)
        self.write("photos/tall.png", png(SIZE[1], SIZE[0], lambda x, y: scene(y, x)))
        return [picture.name for picture in pictures] + ["tall.png"]

    def test_prompts(self):
        names = self.copy_photos()
        things = [{"points": [[60, 50]]}, {"points": [[100, 80], [20, 20]], "labels": [1, 0]}]
        things += [{"box": [30, 20, 130, 110]}, {"points": [[90, 100]], "labels": [0], "box": [10.5, 12, 120, 140]}]
        ours = [
            {**{k: v for k, v in one.items() if k != "box"}, **({"boxes": [one["box"]]} if "box" in one else {})}
            for one in things
        ]
        path = self.write("p.json", json.dumps(dict.fromkeys(names, ours)).encode())
        for name, files in self.MODELS.items():
            encoder = self.pair(name, *files)
            wanted = self.reference(encoder, dict.fromkeys(names, things))
            for backend in ("onnxruntime", "openvino") if self.has_openvino() else ("onnxruntime",):
                with self.subTest(model=name, backend=backend):
                    words = ("--prompts", path, "--backend", backend, "--precision", "fp32", "--force")
                    self.run_program("segment", self.photos, *words, "-m", encoder, "-o", self.folder / "out")
                    self.compare(wanted, name)

    def test_everything(self):
        for name in ("sam", "four", "sam2"):
            with self.subTest(model=name):
                encoder = self.pair(name, *self.MODELS[name])
                wanted = self.reference(encoder, {"a.png": {"everything": 6}})
                self.segment(self.photos, "--everything", "--points-per-side", "6", model=encoder)
                self.compare(wanted, name)


if __name__ == "__main__":
    unittest.main()
