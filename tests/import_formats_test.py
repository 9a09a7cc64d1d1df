"""pixmill import: files in the style of each tool's documentation, and what is wrong with some."""

import base64
import json
import unittest

from import_test import ImportTest
from png_file import png


class Formats(ImportTest):
    def check(self, path, expected: list, *words, fmt: str):
        """Imports with the format recognised, and compares classes, boxes and scores."""
        told = self.imported(path, *words)
        self.assertEqual((told["format"], told["failed"]), (fmt, []))
        self.assertEqual(self.boxes(self.folder / "photos"), expected)
        return told

    def jsonl_of(self, photos) -> dict:
        """{file: detections} of the newest records, as coco tells shapes: none yet where it has boxes only."""
        return {a["image_id"]: a for a in self.coco_of(photos)["annotations"]}

    def fails(self, path, *said, words=()):
        told = self.imported(path, "--pictures", self.folder / "photos", *words, code=1)
        messages = "\n".join(one["message"] for one in told["failed"])
        for one in said:
            self.assertIn(one, messages)
        return told

    def test_voc(self):
        photos = self.pictures("2007/a.jpg.png", "b.png")
        voc = """<?xml version="1.0"?>
<annotation verified="yes">
  <folder>VOC2007</folder><filename>{}</filename><path>C:\\photos\\x.png</path>
  <source><database>Unknown</database></source>
  <size><width>40</width><height>20</height><depth>3</depth></size><segmented>0</segmented>
  <object><name>dog</name><pose>Left</pose><truncated>0</truncated><difficult>1</difficult>
    <bndbox><xmin>1</xmin><ymin>2</ymin><xmax> 11.5 </xmax><ymax>12</ymax></bndbox>
    <part><name>head</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></part></object>
  <object><name>a &amp; b</name><bndbox><ymin>0</ymin><xmin>0</xmin><ymax>20</ymax><xmax>40</xmax></bndbox></object>
</annotation>
"""
        self.text_file("labels/2007/a.xml", voc.format("a.jpg.png"))
        self.text_file("labels/b.xml", "\ufeff" + voc.format("b.png").replace("\n", "\r\n"), "utf-16-le")
        one = [("dog", [1, 2, 10.5, 10], 1), ("a & b", [0, 0, 40, 20], 1)]
        expected = [("2007/a.jpg.png", *thing) for thing in one] + [("b.png", *thing) for thing in one]
        self.check(self.folder / "labels", expected, "--pictures", photos, fmt="voc")

    def test_bad_voc(self):
        self.pictures("a.png")
        thing = "<object><name>dog</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>{}</xmax><ymax>9</ymax></bndbox></object>"  # noqa: E501
        whole = "<annotation>\n<filename>a.png</filename>\n{}</annotation>"
        for text, said in (
            (whole.format(thing.format("9"))[:-8], "it is no XML"),
            (whole.format(thing.format("x")), ":3: 'xmax' is 'x' where a number is expected"),
            (whole.format(thing.format("nan")), "'xmax' is 'nan'"),
            (whole.format(thing.format("400")), ":3: x = 400 is outside of the picture of 40 x 20"),
            (whole.format("<object><name>dog</name></object>"), "an object without 'bndbox'"),
            (whole.format(thing.replace("dog", "").format(9)), "a class has no name"),
            (whole.format(thing.replace("dog", "x" * 200).format(9)), "a name of more than 128 bytes"),
        ):
            self.fails(self.text_file("labels/a.xml", text), said, "a.xml", words=["--format", "voc"])
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
            f'<!ENTITY a{i} "{("&a" + (str(i - 1) if i else "") + ";") * 10}">' for i in range(9)
        )
        text = bomb + "]>" + whole.format(thing.replace("dog", "&a8;").format(9))
        told = self.imported(self.text_file("labels/a.xml", text), "--pictures", self.folder / "photos")
        self.assertEqual(told["classes"], {"&a8;": 1}, "entities stay as they stand there")
        outside = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + whole.format(
            thing.replace("dog", "&f;").format(9)
        )
        told = self.imported(self.text_file("labels/a.xml", outside), "--pictures", self.folder / "photos")
        self.assertEqual(told["classes"], {"&f;": 1})
        deep = self.text_file("labels/a.xml", "<annotation>" + "<a>" * 100_000)
        self.fails(deep, "it is no XML")

    def labelme(self, *shapes, name="labels/a.json", path="../photos/a.png", size=(40, 20)):
        for shape in shapes:
            shape.update({"group_id": shape.get("group_id"), "description": "", "flags": {}, "mask": shape.get("mask")})
        return self.text_file(
            name,
            json.dumps(
                {
                    "version": "5.5.0",
                    "flags": {},
                    "shapes": list(shapes),
                    "imagePath": path,
                    "imageData": base64.b64encode(bytes(300_000)).decode(),
                    "imageHeight": size[1],
                    "imageWidth": size[0],
                },
                indent=2,
            ),
        )

    def test_labelme(self):
        self.pictures("a.png")
        mask = base64.b64encode(png(4, 3, lambda x, y: ((x, y) != (0, 0),))).decode()  # of one channel: 1 inside
        path = self.labelme(
            {"label": "dog", "shape_type": "rectangle", "points": [[9, 12], [1, 2]]},
            {"label": "cat", "shape_type": "rectangle", "points": [[1, 2], [5, 2], [5, 4], [1, 4]], "score": 0.5},
            {"label": "cat", "shape_type": "polygon", "points": [[1, 1], [5, 1], [5, 5]], "group_id": 1},
            {"label": "cat", "shape_type": "polygon", "points": [[10, 1], [15, 1], [15, 5]], "group_id": 1},
            {"label": "cat", "shape_type": "circle", "points": [[10, 10], [13, 14]]},
            {"label": "cat", "shape_type": "point", "points": [[10, 10]]},
            {"label": "dog", "shape_type": "mask", "points": [[30, 10], [33, 12]], "mask": mask, "score": None},
            {"label": "dog", "shape_type": "rotation", "points": [[35, 1], [37, 3], [35, 5], [33, 3]]},
        )
        expected = [
            ("dog", [1, 2, 8, 10], 1),
            ("cat", [1, 1, 14, 4], 1),
            ("cat", [5, 5, 10, 10], 1),
            ("dog", [33, 1, 4, 4], 1),
            ("dog", [30, 10, 4, 3], 1),
            ("cat", [1, 2, 4, 2], 0.5),
        ]
        told = self.check(path, [("a.png", *one) for one in expected], fmt="labelme")
        self.assertEqual(told["warnings"], ["shapes of the type 'point' were left out: 1"])
        windows = self.labelme(path="..\\photos\\a.png")
        self.assertEqual(self.imported(windows)["empty"], 1)

    def test_bad_labelme(self):
        self.pictures("a.png")
        for shape, said in (
            ({"label": "dog", "shape_type": "polygon", "points": [[1, 1], [5, 1]]}, "a polygon of 2 points"),
            ({"label": "dog", "shape_type": "rectangle", "points": [[1, 1]]}, "without two or four corners"),
            ({"label": "dog", "shape_type": "cube", "points": []}, "the type 'cube', which is not known"),
            ({"label": 5, "shape_type": "rectangle", "points": [[1, 1], [2, 2]]}, "'label' that is no text"),
            ({"label": "dog", "shape_type": "rectangle", "points": [[1, "a"], [2, 2]]}, "where a number is expected"),
            ({"label": "dog", "shape_type": "rectangle", "points": [[1, 1], [2, 99]]}, "y = 99 is outside"),
            ({"label": "dog", "shape_type": "mask", "points": [[1, 1], [2, 2]], "mask": "%"}, "no base64"),
            ({"label": "dog", "shape_type": "mask", "points": [[1, 1], [2, 2]], "mask": "AAAA"}, "mask of a shape"),
        ):
            self.fails(self.labelme(shape), said, "a.json:")
        box = {"label": "dog", "shape_type": "rectangle", "points": [[1, 1], [2, 2]]}
        self.fails(self.labelme(box, size=(20, 40)), "it says that")

    def test_createml(self):
        photos = self.pictures("a.png", "b.png")
        box = {"label": "dog", "coordinates": {"x": 10, "y": 8, "width": 4, "height": 2.5}}
        whole = [
            {"image": "a.png", "annotations": [box, {**box, "label": "cat", "confidence": 0.25}]},
            {"imagefilename": "b.png", "annotation": []},
        ]
        path = self.text_file("photos/_annotations.createml.json", json.dumps(whole))
        expected = [("a.png", "dog", [8, 6.75, 4, 2.5], 1), ("a.png", "cat", [8, 6.75, 4, 2.5], 0.25)]
        self.assertEqual(self.check(path, expected, fmt="createml")["empty"], 1)
        self.check(photos, expected, fmt="createml")
        whole[0]["annotations"][0] = {"label": "dog", "coordinates": {"x": 10, "y": 8, "width": 4}}
        self.fails(
            self.text_file("bad.json", json.dumps(whole)), "bad.json:1: 'coordinates' of an annotation has no 'height'"
        )

    def cvat(self, shapes: str):
        return self.text_file(
            "annotations.xml",
            f"""<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><id>4</id><labels>
    <label><name>dog</name><color>#ff0000</color></label><label><name>cat</name></label></labels></task></meta>
  <image id="0" name="a.png" width="40" height="20">
{shapes}
  </image>
  <image id="1" name="b.png" width="40" height="20"></image>
</annotations>""",
        )

    def test_cvat(self):
        self.pictures("a.png", "b.png")
        path = self.cvat("""
<box label="cat" source="manual" occluded="0" xtl="1.5" ytl="2" xbr="9" ybr="12" z_order="0"></box>
<box label="dog" xtl="20" ytl="5" xbr="30" ybr="9" rotation="90"><attribute name="age">1</attribute></box>
<polygon label="dog" points="1.00,1.00;5.00,1.00;5.00,5.50" z_order="0"/>
<ellipse label="cat" cx="20" cy="10" rx="5" ry="3"/>
<mask label="dog" rle="1, 3, 4" left="30" top="10" width="4" height="2" z_order="0"></mask>
<points label="dog" points="1,1"/><tag label="dog"/>""")
        expected = [
            ("cat", [1.5, 2, 7.5, 10], 1),
            ("dog", [23, 2, 4, 10], 1),
            ("dog", [1, 1, 4, 4.5], 1),
            ("cat", [15, 7, 10, 6], 1),
            ("dog", [31, 10, 3, 1], 1),
        ]
        told = self.check(
            path, [("a.png", *one) for one in expected], "--pictures", self.folder / "photos", fmt="cvat"
        )  # fmt: skip
        self.assertEqual((told["empty"], list(told["classes"])), (1, ["dog", "cat"]))
        self.assertEqual(told["warnings"], ["shapes of the type 'points' were left out: 1"])
        for shape, said in (
            ('<box label="cat" xtl="1" ytl="1" xbr="9"/>', ":7: 'box' has no 'ybr'"),
            ('<polygon label="cat" points="1,1;2"/>', "where a number is expected"),
            ('<polygon label="cat" points="1,1;2,2"/>', "a polygon of 2 points"),
            ('<mask label="cat" rle="1,2" left="0" top="0" width="2" height="2"/>', "do not add up"),
            ('<mask label="cat" rle="4" left="39" top="0" width="2" height="2"/>', "leaves the picture"),
            ('<box label="" xtl="1" ytl="1" xbr="9" ybr="9"/>', "a class has no name"),
        ):
            told = self.fails(self.cvat(shape), said, "annotations.xml")
            self.assertEqual(told["empty"], 1, "the other picture is taken")
        video = self.text_file("annotations.xml", "<annotations><track/></annotations>")
        self.fails(video, "labels of a video")

    def task(self, *results, image="/data/upload/1/3f2b1c9d-a.png", **task):
        for one in results:
            one.update({"original_width": 40, "original_height": 20, "from_name": "x", "to_name": "image", "id": "1"})
        annotations = [{"id": 1, "was_cancelled": False, "result": list(results)}]
        return {"id": 1, "data": {"image": image}, "annotations": annotations, "predictions": [], **task}

    def box_result(self, **changes):
        value = {"x": 25, "y": 50, "width": 50, "height": 10, "rotation": 0, "rectanglelabels": ["dog"]}
        return {"type": "rectanglelabels", "value": value, **changes}

    def test_label_studio(self):
        photos = self.pictures("a.png", "b c.png", "d.png")
        polygon = {"points": [[0, 0], [50, 0], [50, 50]], "polygonlabels": ["cat"], "closed": True}
        ellipse = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 10, "rotation": 0, "ellipselabels": ["cat"]}
        brush = {"format": "rle", "rle": packed_brush(40, 20, lambda x, y: x < 3 and y > 17), "brushlabels": ["dog"]}
        whole = [
            self.task(
                self.box_result(),
                {"type": "polygonlabels", "value": polygon},
                {"type": "ellipselabels", "value": ellipse},
                {"type": "brushlabels", "value": brush},
                {"type": "choices", "value": {"choices": ["good"]}},
            ),
            self.task(
                image="/data/local-files/?d=photos/b%20c.png",
                annotations=[],
                predictions=[
                    {"score": 0.7, "result": self.task(self.box_result(score=0.4))["annotations"][0]["result"]}
                ],
            ),
            self.task(image="d.png", annotations=[]),
        ]
        path = self.text_file("export.json", json.dumps(whole, indent=1))
        expected = [
            ("a.png", "dog", [10, 10, 20, 2], 1),
            ("a.png", "cat", [0, 0, 20, 10], 1),
            ("a.png", "cat", [16, 8, 8, 4], 1),
            ("a.png", "dog", [0, 18, 3, 2], 1),
            ("b c.png", "dog", [10, 10, 20, 2], 0.4),
        ]
        told = self.check(path, expected, "--pictures", photos, fmt="label-studio")
        self.assertEqual(len(told["warnings"]), 2, told["warnings"])
        self.assertEqual([p[-5:] for p in told["pictures_without_labels"]], ["d.png"], "nobody looked")
        for result, said in (
            (self.box_result(value={"x": 1}), "'value' of a result has no 'rectanglelabels'"),
            (self.box_result(value={"x": 1, "rectanglelabels": []}), "has no label"),
            (self.box_result(value={"x": 1, "rectanglelabels": ["dog"]}), "has no 'y'"),
            ({"type": "brushlabels", "value": {**brush, "rle": [1, 2, 3]}}, "an 'rle' that is damaged"),
            ({"type": "brushlabels", "value": {**brush, "rle": [300]}}, "no list of bytes"),
        ):
            self.fails(self.text_file("export.json", json.dumps([self.task(result)])), said)

    def test_csv(self):
        photos = self.pictures("a, b.png", "c.png", "d.png")
        text = "image,width,height,class,class_id,confidence,x0,y0,x1,y1,area,sharpness,brightness\n"
        text += '"a, b.png",40,20,dog,1,0.5,1,2,11,12,100,,\nc.png,40,20,cat,0,1,0,0,40,20,800,,\n"a, b.png",40,20,"a ""cat""",2,0.7,3,4,5,6,4,,\nd.png,40,20,,,,,,,,,,\n'  # noqa: E501
        path = self.text_file("labels.csv", text)
        expected = [
            ("a, b.png", 'a "cat"', [3, 4, 2, 2], 0.7),
            ("a, b.png", "dog", [1, 2, 10, 10], 0.5),
            ("c.png", "cat", [0, 0, 40, 20], 1),
        ]
        told = self.check(path, expected, "--pictures", photos, fmt="csv")
        self.assertEqual((told["empty"], list(told["classes"])), (1, ["cat", "dog", 'a "cat"']))
        other = "filename;width;height;class;xmin;ymin;xmax;ymax\r\nc.png;40;20;cat;1;1;5;5\r\n"
        told = self.imported(self.text_file("other.csv", other), "--pictures", photos)
        self.assertEqual((told["format"], told["labels"]), ("csv", 1))
        for line, said in (
            ("c.png;40;20;cat;1;1;5;x", ":2: 'x' where a number is expected"),
            ("c.png;40;20;cat;1;1;5", "'' where a number is expected"),
            ("c.png;20;40;cat;1;1;5;5", "it says that"),
            ('c.png;40;20;"cat;1;1;5;5', "a quote that does not end"),
            (";40;20;cat;1;1;5;5", "a line without a picture"),
        ):
            head = other.splitlines()[0]
            self.fails(self.text_file("other.csv", head + "\n" + line + "\n"), said)
        self.fails(self.text_file("other.csv", "a,b\n1,2\n"), "are not all there", words=["--format", "csv"])

    def test_jsonl(self):
        photos = self.pictures("a/b.png", "c.png", "d.png")
        thing = {"class": "dog", "class_id": 16, "confidence": 0.91, "box": [1, 2, 11, 12]}
        lines = [
            {
                "image": "a/b.png",
                "width": 40,
                "height": 20,
                "detections": [thing, {**thing, "polygon": [[1, 2, 11, 2, 11, 12]]}],
            },
            {"image": "c.png", "width": 40, "height": 20, "detections": []},
        ]
        path = self.text_file("labels.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        expected = [("a/b.png", "dog", [1, 2, 10, 10], 0.91)] * 2
        self.assertEqual(self.check(path, expected, "--pictures", photos, fmt="jsonl")["empty"], 1)
        coco = self.coco_of(photos)
        self.assertEqual((coco["annotations"][0]["category_id"], len(coco["categories"])), (17, 80), "COCO's numbers")
        bad = [
            json.dumps({**lines[0], "image": "d.png", "detections": [{**thing, "box": [1, 2, 3]}]}),
            "{", "[" * 100_000, '{"detections": []}', json.dumps(lines[1]),
        ]  # fmt: skip
        told = self.fails(
            self.text_file("bad.jsonl", "\r\n".join(bad)), "bad.jsonl:1: a detection has a 'box'",
            "bad.jsonl:2: it is no JSON", "bad.jsonl:3: it is nested", "bad.jsonl:4: a line has no 'image'",
            words=["--format", "jsonl"],
        )  # fmt: skip
        self.assertEqual((len(told["failed"]), told["pictures"]), (4, 1))

    def test_several_formats_at_once_and_unknown_files(self):
        self.pictures("a.png")
        self.text_file("labels/a.txt", "0 0.5 0.5 1 1\n")
        self.text_file("labels/classes.txt", "dog\n")
        self.labelme(name="labels/a.json")
        said = self.failure(self.folder / "labels", code=2)
        self.assertIn("a.json is labelme, and", said)
        told = self.imported(self.folder / "labels", "--format", "yolo", "--pictures", self.folder / "photos")
        self.assertEqual(told["labels"], 1)
        for name, data in {
            "x.json": b'{"a": 1}',
            "x.xml": b"<svg/>",
            "x.txt": b"hello\n",
            "x.csv": b"\xff\xfe\x00",
        }.items():
            self.assertIn("no labels in", self.failure(self.write(f"other/{name}", data), code=3))


class Bits:
    def __init__(self):
        self.bits = []

    def put(self, value: int, count: int):
        self.bits += [value >> i & 1 for i in reversed(range(count))]

    def bytes(self) -> list:
        self.bits += [0] * (-len(self.bits) % 8)
        return [int("".join(map(str, self.bits[i : i + 8])), 2) for i in range(0, len(self.bits), 8)]


def packed_brush(width: int, height: int, inside) -> list:
    """Label Studio's packing of a mask: repeated values as runs, single ones one by one."""
    values = [v for y in range(height) for x in range(width) for v in [255 if inside(x, y) else 0] * 4]
    sizes, bits = (3, 4, 8, 16), Bits()
    bits.put(len(values), 32)
    bits.put(7, 5)
    for size in sizes:
        bits.put(size - 1, 4)
    at = 0
    while at < len(values):
        run = 1
        while at + run < len(values) and values[at + run] == values[at] and run < 1 << 16:
            run += 1
        which = next(i for i, size in enumerate(sizes) if run <= 1 << size)
        bits.put(1 if run > 1 else 0, 1)
        bits.put(which, 2)
        bits.put(run - 1, sizes[which])
        bits.put(values[at], 8)
        at += run
    return bits.bytes()


if __name__ == "__main__":
    unittest.main()
