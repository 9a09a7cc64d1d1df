"""pixmill import: labels of people and other programs into the catalogue, and out again."""

import json
import pathlib
import unittest

from png_file import png
from program import SHARED, ProgramTest


class ImportTest(ProgramTest):
    def pictures(self, *names, folder="photos", size=(40, 20)) -> pathlib.Path:
        for number, name in enumerate(names):
            self.write(f"{folder}/{name}", png(*size, lambda x, y, n=number: (n, x, y)))
        return self.folder / folder

    def text_file(self, name: str, text: str, encoding="utf-8") -> pathlib.Path:
        return self.write(name, text.encode(encoding))

    def imported(self, *words, code=0) -> dict:
        return json.loads(self.run_program("import", *words, "--json", code=code).stdout)

    def failure(self, *words, code=1) -> str:
        return self.run_program("import", *words, code=code).stderr

    def coco_of(self, photos, *words) -> dict:
        return json.loads(self.run_program("export", "coco", "--from", photos, "-o", "-", *words).stdout)

    def boxes(self, photos) -> list:
        """(file, class, box, score) of all things."""
        coco = self.coco_of(photos, "--confidence", "0.05")
        names = {c["id"]: c["name"] for c in coco["categories"]}
        files = {i["id"]: i["file_name"] for i in coco["images"]}
        return [
            (files[a["image_id"]], names[a["category_id"]], a["bbox"], round(a["score"], 3))
            for a in coco["annotations"]
        ]

    def yolo(self, **files) -> pathlib.Path:
        """A folder of labels with the classes cat and dog."""
        self.text_file("labels/classes.txt", "cat\ndog\n")
        for name, text in files.items():
            self.text_file(f"labels/{name}.txt", text)
        return self.folder / "labels"


class Yolo(ImportTest):
    def test_boxes_scores_and_empty_files(self):
        photos = self.pictures("a.png", "b.png", "c.png")
        labels = self.yolo(a="1 0.5 0.5 0.25 0.5\n0 0.25 0.5 0.5 1 0.7\n", b="\n")
        told = self.imported(labels, "--pictures", photos)
        self.assertEqual((told["pictures"], told["labels"], told["empty"], told["written"]), (2, 2, 1, 2))
        self.assertEqual(told["classes"], {"cat": 1, "dog": 1})
        self.assertEqual([pathlib.Path(p).name for p in told["pictures_without_labels"]], ["c.png"])
        self.assertEqual(
            self.boxes(photos), [("a.png", "dog", [15, 5, 10, 10], 1), ("a.png", "cat", [0, 0, 20, 20], 0.7)]
        )
        self.assertEqual(len(self.coco_of(photos)["images"]), 2, "somebody looked at b, and found nothing")

    def test_the_same_again_changes_nothing_and_changed_labels_replace(self):
        photos, labels = self.pictures("a.png", "b.png"), self.yolo(a="1 0.5 0.5 0.25 0.5", b="0 0.5 0.5 1 1")
        self.imported(labels, "--pictures", photos)
        told = self.imported(labels, "--pictures", photos)
        self.assertEqual((told["written"], told["unchanged"]), (0, 2))
        self.yolo(a="0 0.5 0.5 0.5 0.5")
        dry = self.imported(labels, "--pictures", photos, "--dry-run")
        self.assertEqual((dry["written"], dry["unchanged"], dry["dry_run"]), (1, 1, True))
        self.assertEqual(self.boxes(photos)[0][1], "dog", "a dry run writes nothing")
        told = self.imported(labels, "--pictures", photos)
        self.assertEqual((told["written"], told["unchanged"]), (1, 1))
        self.assertEqual(self.boxes(photos)[0], ("a.png", "cat", [10, 5, 20, 10], 1))

    def test_trees_of_data_sets(self):
        for tree in ("images/{}/a.png labels/{}/a.txt", "{}/images/a.png {}/labels/a.txt"):
            root = "ultralytics" if tree.startswith("images") else "roboflow"
            for part in ("train", "val"):
                picture, label = tree.format(part, part).split()
                self.pictures(picture, folder=root, size=(40 if part == "train" else 30, 20))
                self.text_file(f"{root}/{label}", "0 0.5 0.5 1 1\n")
            self.text_file(f"{root}/data.yaml", "nc: 2\nnames: {0: cat, 1: dog}\n")
            self.text_file(f"{root}/train.txt", "images/train/a.png\n")
            told = self.imported(self.folder / root)
            self.assertEqual((told["format"], told["written"], told["failed"]), ("yolo", 2, []), tree)
            self.assertEqual({b[2][2] for b in self.boxes(self.folder / root)}, {30, 40})
            part = "labels/train" if tree.startswith("images") else "train/labels"
            told = self.imported(self.folder / root / part)
            self.assertEqual((told["unchanged"], told["labels_without_picture"]), (1, []), "names stand above")

    def test_names(self):
        photos = self.pictures("a.png")
        labels = self.text_file("labels/a.txt", "1 0.5 0.5 1 1").parent
        self.assertIn("--names FILE", self.failure(labels, "--pictures", photos, code=3))
        for name, text in {
            "data.yaml": "names: [cat, 'dog']\nnc: 2\n",
            "obj.names": "cat\r\ndog\r\n\r\n",
            "classes.txt": "\ufeffcat\ndog",
        }.items():
            path = self.text_file(f"labels/{name}", text)
            self.assertEqual(self.imported(labels, "--pictures", photos)["classes"], {"dog": 1}, name)
            path.unlink()
        told = self.imported(labels, "--pictures", photos, "--names", "coco-80")
        self.assertEqual(told["classes"], {"bicycle": 1})
        for text, said in {
            "names: [cat, dog]\nnc: 3\n": "`nc` is 3, and it names 2 classes",
            "names: {0: cat, 2: dog}\n": "the class 1 is wanted here",
            "names: [[[": "it is no YAML",
            "nothing: 1\n": "no list `names`",
            "names: []\n": "names no class",
            "names: [a, '']\n": "the name of the class 1 is empty",
            "names: [cat, dog]\nkpt_shape: [17, 3]\n": "key points",
            "names: " + "[" * 100_000: "it is no YAML",
        }.items():
            path = self.text_file("other.yaml", text)
            self.assertIn(said, self.failure(labels, "--pictures", photos, "--names", path, code=2))

    def test_what_is_wrong_in_a_file_fails_its_picture_and_no_other(self):
        bad = {
            "word": ("0 0.5 0.5 0.1 0.1\n0 0.5 x 1 1", ":2: 'x' is no number"),
            "few": ("0 0.5 0.5", ":1: 2 numbers behind the class are neither a box nor a polygon"),
            "line": ("0 0.1 0.1 0.5 0.5 0.9 0.9 0.3", ":1: 7 numbers behind the class"),
            "nan": ("0 nan 0.5 1 1", ":1: 'nan' is no share"),
            "inf": ("0 0.5 1e999 1 1", ":1: '1e999' is no share"),
            "over": ("0 0.5 0.5 0.2 1.7", ":1: y reaches to"),
            "far": ("0 120 80 60 60", ":1: x reaches to"),
            "minus": ("0 0.5 0.5 -0.2 0.2", ":1: a box with a negative width"),
            "class": ("7 0.5 0.5 0.2 0.2", ":1: class 7, and there are 2 names"),
            "huge": ("1e30 0.5 0.5 0.2 0.2", "and there are 2 names"),
            "half": ("0.5 0.5 0.5 0.2 0.2", ":1: a class is a whole number"),
            "sure": ("0 0.5 0.5 0.2 0.2 1.5", ":1: a confidence of 1.5"),
            "binary": ("\0\1\2\3", "it is not text"),
        }
        photos = self.pictures("good.png", *(f"{name}.png" for name in bad))
        labels = self.yolo(good="0 0.5 0.5 1 1", **{name: text for name, (text, _) in bad.items()})
        told = self.imported(labels, "--pictures", photos, "--format", "yolo", code=1)
        self.assertEqual((told["written"], len(told["failed"])), (1, len(bad)))
        said = "\n".join(one["message"] for one in told["failed"])
        for name, (_, expected) in bad.items():
            self.assertIn(f"labels/{name}.txt", said)
            self.assertIn(expected, said)
        self.assertEqual([b[0] for b in self.boxes(photos)], ["good.png"])

    def test_rounding_is_clamped_and_what_is_twice_or_without_area_left_out(self):
        photos = self.pictures("a.png")
        labels = self.yolo(a="0 0.5 0.5 1.02 1\n0 0.5 0.5 1.02 1\n1 0.5 0.5 0 0.5\n")
        told = self.imported(labels, "--pictures", photos)
        self.assertEqual(self.boxes(photos), [("a.png", "cat", [0, 0, 40, 20], 1)])
        self.assertEqual(len(told["warnings"]), 2, told["warnings"])

    def test_encodings(self):
        photos = self.pictures("a.png", "b.png", "c.png", "d.png")
        labels = self.yolo(a="")
        box = "1 0.5 0.5 0.5 0.5\r\n0 0.5 0.5 1 1\r\n"
        self.text_file("labels/a.txt", "\ufeff" + box)
        self.text_file("labels/b.txt", "\ufeff" + box, "utf-16-le")
        self.text_file("labels/c.txt", "\ufeff" + box, "utf-16-be")
        self.text_file("labels/d.txt", box.replace("\r\n", "\r").replace(" ", "\t"))
        self.assertEqual(self.imported(labels, "--pictures", photos)["classes"], {"cat": 4, "dog": 4})


class Matching(ImportTest):
    def test_labels_and_pictures_that_have_no_other_half(self):
        photos, labels = self.pictures("a.png", "b.png"), self.yolo(a="0 0.5 0.5 1 1", z="0 0.5 0.5 1 1")
        done = self.run_program("import", labels, "--pictures", photos, "-v")
        self.assertIn("labels without a picture: 1", done.stdout)
        self.assertIn("  z (", done.stdout)
        self.assertIn("b.png", done.stdout)
        self.assertEqual(self.run_program("import", labels, "--pictures", photos, "-q").stdout, "")
        nothing = self.pictures("y.png", folder="others")
        self.assertIn("--pictures photos/", self.failure(labels, "--pictures", nothing, code=3))

    def test_pictures_of_one_name(self):
        self.pictures("one/a.png", "two/a.png")
        labels = self.yolo(a="0 0.5 0.5 1 1")
        self.assertIn("two pictures fit the labels of a", self.failure(labels, "--pictures", self.folder / "photos"))
        told = self.imported(labels, "--pictures", self.folder / "photos/two")
        self.assertEqual(told["written"], 1)
        self.text_file("labels/one/a.txt", "1 0.5 0.5 1 1")
        (labels / "a.txt").unlink()
        told = self.imported(labels, "--pictures", self.folder / "photos")
        self.assertEqual([pathlib.Path(p).parent.name for p in told["pictures_without_labels"]], ["two"])

    def test_folders_without_labels_and_broken_pictures(self):
        photos = self.pictures("a.png")
        (self.folder / "none").mkdir()
        self.assertIn("no labels in", self.failure(self.folder / "none", code=3))
        self.assertIn("no labels in", self.failure(photos, code=3))
        self.assertIn("gone", self.failure(self.folder / "gone", code=3))
        self.assertIn("labels/", self.failure(code=2))
        self.assertIn("did you mean yolo?", self.failure(photos, "--format", "yol", code=2))
        (photos / "a.png").write_bytes(png(8, 8)[:20])
        self.assertIn("a.png", self.failure(self.yolo(a="0 0.5 0.5 1 1"), "--pictures", photos))


class Coco(ImportTest):
    def coco(self, annotations, images=None, categories=None, name="coco.json", indent=None) -> pathlib.Path:
        whole = {
            "annotations": annotations,
            "images": images or [{"id": 7, "file_name": "a.png", "width": 40, "height": 20}],
            "categories": categories or [{"id": 3, "name": "dog"}, {"id": 90, "name": "cat"}],
        }
        return self.text_file(name, json.dumps(whole, indent=indent))

    def test_boxes_polygons_and_masks_with_classes_that_have_gaps(self):
        photos = self.pictures("a.png")
        thing = {"image_id": 7, "category_id": 90}
        runs = [20 * 10 + 5, 10] + [10, 10] * 4 + [20 * 26 - 10 + 5]
        runs[-1] = 800 - sum(runs[:-1])
        path = self.coco([
            {**thing, "bbox": [1, 2, 3, 4.5], "segmentation": []},
            {**thing, "category_id": 3, "segmentation": [[10, 2, 20, 2, 20, 12], [30, 2, 35, 2, 35, 8.5]]},
            {**thing, "segmentation": {"size": [20, 40], "counts": runs}, "iscrowd": 0, "score": 0.5},
            {**thing, "bbox": [0, 0, 5, 5], "iscrowd": 1},
        ])  # fmt: skip
        told = self.imported(path, "--pictures", photos)
        self.assertEqual((told["format"], told["classes"]), ("coco", {"dog": 1, "cat": 2}))
        self.assertEqual(told["warnings"], ['crowds were left out ("iscrowd": 1): 1'])
        self.assertEqual(
            self.boxes(photos),
            [
                ("a.png", "cat", [1, 2, 3, 4.5], 1),
                ("a.png", "dog", [10, 2, 25, 10], 1),
                ("a.png", "cat", [10, 5, 5, 10], 0.5),
            ],
        )

    def test_what_is_wrong(self):
        photos = self.pictures("a.png", "b.png")
        good = {"image_id": 8, "category_id": 3, "bbox": [0, 0, 5, 5]}
        images = [
            {"id": 7, "file_name": "a.png", "width": 40, "height": 20},
            {"id": 8, "file_name": "b.png", "width": 40, "height": 20},
        ]
        for bad, said in (
            ({"image_id": 7, "category_id": 5, "bbox": [0, 0, 5, 5]}, "no name for category 5"),
            ({"image_id": 7, "bbox": [0, 0, 5, 5]}, "has no 'category_id'"),
            ({"image_id": 7, "category_id": 3}, "neither 'bbox' nor 'segmentation'"),
            ({"image_id": 7, "category_id": 3, "bbox": [0, 0, 50, 5]}, "x = 50 is outside of the picture of 40 x 20"),
            ({"image_id": 7, "category_id": 3, "bbox": [9, 0, -5, 5]}, "right or lower side comes before"),
            ({"image_id": 7, "category_id": 3, "bbox": [0, 0, 5]}, "is not [x, y, width, height]"),
            ({"image_id": 7, "category_id": 3, "segmentation": [[1, 1, 5, 5]]}, "a polygon of 2 points"),
            ({"image_id": 7, "category_id": 3, "segmentation": {"size": [20, 40], "counts": [9]}}, "do not add up"),
            ({"image_id": 7, "category_id": 3, "segmentation": {"size": [20, 40], "counts": "~~"}}, "do not add up"),
            ({"image_id": 7, "category_id": 3, "segmentation": {"size": [2, 4], "counts": [0, 8]}}, "a mask of 4 x 2"),
            ({"image_id": 9, "category_id": 3, "bbox": [0, 0, 5, 5]}, "image 9, which 'images' does not have"),
        ):
            path = self.coco([bad, good], images)
            told = self.imported(path, "--pictures", photos, code=1)
            self.assertEqual(len(told["failed"]), 1, told["failed"])
            self.assertIn(said, told["failed"][0]["message"])
            self.assertIn("coco.json", told["failed"][0]["message"])
        other = [{**images[0], "width": 20, "height": 40}, images[1]]
        said = self.failure(self.coco([good], other), "--pictures", photos)
        self.assertIn("20 x 40 pixels, and the picture has 40 x 20", said)
        self.assertIn("upright", said)

    def test_files_that_are_no_coco(self):
        photos = self.pictures("a.png")
        whole = self.coco([{"image_id": 7, "category_id": 3, "bbox": [0, 0, 5, 5]}], indent=1).read_text()
        for text, said in (
            (whole[:-40], ": it is no JSON: "),
            ("[" * 100_000, "nested too deeply"),
            ('{"images": ' + '{"a":' * 100_000, "nested too deeply"),
            ('{"annotations": [7]}', ":1: an annotation is no object"),
            ("", "it is no JSON"),
            ("\0\0\0\0", "it is no JSON"),
            ('[{"image_id": 7, "category_id": 3, "bbox": [0, 0, 5, 5], "score": 1}]', "a list of results alone"),
        ):
            path = self.text_file("bad.json", text)
            self.assertIn(said, self.failure(path, "--format", "coco", "--pictures", photos))
        path.write_bytes(whole.encode("utf-16"))
        self.assertIn("it is UTF-16", self.failure(path, "--format", "coco", "--pictures", photos))
        path.write_bytes(b"\xef\xbb\xbf" + whole.encode())
        self.assertEqual(self.imported(path, "--pictures", photos)["written"], 1)


@unittest.skipUnless((SHARED / "datasets/coco_val").is_dir(), "needs ../shared/datasets/coco_val")
class CocoVal(ImportTest):
    """Real labels: what COCO's own people drew, as YOLO's text."""

    def sizes(self, coco) -> dict:
        return {pathlib.Path(i["file_name"]).stem: (i["id"], i["width"], i["height"]) for i in coco["images"]}

    def test_boxes_and_polygons_against_the_text(self):
        data = SHARED / "datasets/coco_val"
        for folder in ("labels_det", "labels_seg"):
            told = self.imported(data / folder, "--names", "coco-80")
            files = sorted((data / folder).glob("*.txt"))
            self.assertEqual((told["pictures"], told["failed"]), (len(files), []))
            coco = self.coco_of(data / "images", "--max", "1000")
            sizes = self.sizes(coco)
            count = 0
            for file in files:
                image, width, height = sizes[file.stem]
                found = [a for a in coco["annotations"] if a["image_id"] == image]
                lines = [[float(word) for word in line.split()] for line in file.read_text().splitlines()]
                expected = sorted(self.expected(line, width, height) for line in lines)
                got = sorted((a["category_id"] - 1, *a["bbox"]) for a in found)
                self.assertEqual(len(got), len(expected), file)
                self.assertAlmostEqual(
                    sum(a["area"] for a in found), sum(self.area(line, width, height) for line in lines),
                    delta=0.01 * max(1, width * height / 1e4) * len(lines), msg=file,
                )  # fmt: skip
                for a, b in zip(got, expected, strict=True):
                    self.assertEqual(a[0], b[0])
                    for value, true in zip(a[1:], b[1:], strict=True):
                        self.assertAlmostEqual(value, true, delta=0.02)
                count += len(got)
            self.assertEqual(count, told["labels"])

    def expected(self, line, width, height) -> tuple:
        """(class, x, y, width, height) in pixels."""
        label, numbers = int(line[0]), line[1:]
        if len(numbers) == 4:
            x, y, w, h = numbers
            left, top, right, bottom = x - w / 2, y - h / 2, x + w / 2, y + h / 2
        else:
            left, right = min(numbers[::2]), max(numbers[::2])
            top, bottom = min(numbers[1::2]), max(numbers[1::2])
        left, top = max(left, 0) * width, max(top, 0) * height
        right, bottom = min(right, 1) * width, min(bottom, 1) * height
        return label, round(left, 2), round(top, 2), round(right - left, 2), round(bottom - top, 2)

    def area(self, line, width, height) -> float:
        numbers = line[1:]
        if len(numbers) == 4:
            _, _, _, w, h = self.expected(line, width, height)
            return w * h
        points = [(x * width, y * height) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        following = points[1:] + points[:1]
        return abs(sum(x * v - u * y for (x, y), (u, v) in zip(points, following, strict=True))) / 2


if __name__ == "__main__":
    unittest.main()
