"""pixmill dedup: groups of pictures that look alike, which one is kept, lists and moves."""

import json
import os
import unittest

from png_file import commented, png
from program import SHARED, ProgramTest, needs_shared
from tiny_embedder import CARD, tiny_embedder


def scene(seed: int):
    """A picture with large shapes, so that its hash is its own: pixel(x, y) for u, v in 0..1."""
    spots = [
        ((seed * 37 + i * 61) % 97 / 97, (seed * 53 + i * 29) % 89 / 89, (i * 80 + seed * 40) % 256) for i in range(6)
    ]

    def colour(u: float, v: float) -> tuple:
        value = 128
        for x, y, level in spots:
            if (u - x) ** 2 + (v - y) ** 2 < 0.05:
                value = level
        return (value, (value * 3 + seed * 20) % 256, 255 - value)

    return colour


def picture(seed: int, width: int, height: int, mirrored=False, light=0) -> bytes:
    colour = scene(seed)

    def pixel(x, y):
        u = (width - 1 - x if mirrored else x) / width
        return tuple(min(255, value + light) for value in colour(u, y / height))

    return png(width, height, pixel)


class DedupTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.photos = self.folder / "photos"
        self.write("photos/a.png", picture(1, 160, 120))
        self.write("photos/b/small.png", picture(1, 80, 60))
        self.write("photos/b/light.png", picture(1, 160, 120, light=25))
        self.write("photos/other.png", picture(5, 160, 120))
        self.write("photos/third.png", picture(9, 120, 160))

    def groups(self, *words, code=0) -> list:
        out = self.folder / "groups.json"
        self.run_program("dedup", self.photos, "-o", out, "--overwrite", *words, code=code)
        return json.loads(out.read_text())["groups"]

    def names(self, groups) -> list:
        return [[os.path.relpath(row["path"], self.photos) for row in group] for group in groups]


class Groups(DedupTest):
    def test_smaller_and_lighter_ones_are_alike_others_are_not(self):
        groups = self.groups("--keep", "largest")
        self.assertEqual(self.names(groups), [["a.png", "b/light.png", "b/small.png"]])
        self.assertEqual([row["role"] for row in groups[0]], ["keep", "alike", "alike"])
        self.assertEqual((groups[0][2]["width"], groups[0][2]["height"]), (80, 60))

    def test_the_same_bytes(self):
        self.write("photos/copy.png", (self.photos / "other.png").read_bytes())
        roles = {name: row["role"] for g in self.groups() for name, row in zip(self.names([g])[0], g, strict=True)}
        self.assertEqual((roles["copy.png"], roles["other.png"]), ("same bytes", "keep"))  # the older one

    def test_the_same_pixels_in_another_file(self):
        data = (self.photos / "other.png").read_bytes()
        self.write("photos/noted.png", commented(data, "hello"))
        roles = {name: row["role"] for g in self.groups() for name, row in zip(self.names([g])[0], g, strict=True)}
        self.assertEqual({roles["noted.png"], roles["other.png"]}, {"keep", "same pixels"})

    def test_mirrored_ones_unless_they_count_as_others(self):
        self.write("photos/mirror.png", picture(5, 160, 120, mirrored=True))
        self.assertIn(["mirror.png", "other.png"], [sorted(group) for group in self.names(self.groups())])
        self.assertEqual(len(self.groups("--no-mirrored")), 1)

    def test_strict_and_loose(self):
        self.assertEqual(self.groups("--threshold", "0", "--no-mirrored", "--include", "third.png"), [])
        self.run_program("dedup", self.photos, "--threshold", "20", code=2)

    def test_pictures_of_one_colour_are_alike_none(self):
        for name, shape in (("w1", (50, 50)), ("w2", (60, 40))):
            self.write(f"photos/{name}.png", png(*shape, lambda x, y: (255, 255, 255)))
        self.assertEqual(len(self.groups()), 1)

    def test_what_is_kept(self):
        os.utime(self.photos / "b/small.png", (1_000_000_000, 1_000_000_000))
        self.assertEqual(self.names(self.groups("--keep", "oldest"))[0][0], "b/small.png")
        self.assertEqual(self.names(self.groups("--keep", "best"))[0][2], "b/small.png")

    def test_bad_pictures_fail_alone(self):
        self.write("photos/broken.png", b"no picture")
        self.assertEqual(len(self.groups(code=1)), 1)

    def test_nothing_is_looked_at_twice(self):
        self.groups()
        ended = self.events("dedup", self.photos, "-o", self.folder / "again.json")[-1]
        self.assertEqual((ended["done"], ended["skipped"]), (0, 5))


class Lists(DedupTest):
    def test_text_is_groups_of_paths(self):
        self.write("photos/copy.png", (self.photos / "other.png").read_bytes())
        lines = self.run_program("dedup", self.photos).stdout.splitlines()
        self.assertEqual(len(lines), 6)
        self.assertEqual(lines.count(""), 1)

    def test_extra_names_all_but_the_best(self):
        listed = self.run_program("dedup", self.photos, "--extra", "--keep", "largest").stdout.splitlines()
        self.assertEqual(listed, [str(self.photos / "b/light.png"), str(self.photos / "b/small.png")])
        listed = self.run_program("dedup", self.photos, "--extra", "-0").stdout
        self.assertEqual(listed.count("\0"), 2)
        self.run_program("dedup", self.photos, "-0", code=2)
        self.run_program("dedup", self.photos, "--extra", "--format", "json", code=2)

    def test_csv(self):
        lines = self.run_program("dedup", self.photos, "--format", "csv").stdout.splitlines()
        self.assertEqual(lines[0], "group,role,path,width,height,bytes,sharpness")
        self.assertTrue(lines[1].startswith("1,keep,"), lines[1])
        self.assertEqual(len(lines), 4)


class Decisions(DedupTest):
    def test_different_ones_are_no_group_in_any_later_run(self):
        a, light = self.photos / "a.png", self.photos / "b/light.png"
        said = self.run_program("dedup", "--different", a, light).stderr
        self.assertIn("1 pair", said)
        groups = self.names(self.groups("--keep", "largest"))
        self.assertEqual(groups, [["a.png", "b/small.png"]])
        os.rename(light, self.photos / "renamed.png")
        self.assertEqual(self.names(self.groups("--keep", "largest")), [["a.png", "b/small.png"]])
        self.run_program("dedup", "--not-different", a, self.photos / "renamed.png")
        self.assertEqual(len(self.groups()[0]), 3)

    def test_it_is_about_pictures_that_are_named(self):
        self.run_program("dedup", "--different", self.photos / "a.png", code=2)
        self.run_program("dedup", "--different", "--not-different", self.photos, code=2)


class Pages(DedupTest):
    def test_a_page_shows_every_member(self):
        page = self.folder / "groups.html"
        self.write("photos/<odd> & name.png", (self.photos / "other.png").read_bytes())
        self.run_program("dedup", self.photos, "--html", page)
        text = page.read_text()
        self.assertEqual(text.count("<figure"), 5)
        self.assertEqual(text.count("data:image/"), 5)
        self.assertEqual(text.count('class="keep"'), 2)
        self.assertIn("&lt;odd&gt; &amp; name.png", text)
        self.run_program("dedup", self.photos, "--html", page)  # its own page is replaced

    def test_files_of_others_and_other_endings_are_refused_before_any_look(self):
        note = self.write("note.html", b"mine")
        self.run_program("dedup", self.photos, "--html", note, code=2)
        self.assertEqual(note.read_bytes(), b"mine")
        self.run_program("dedup", self.photos, "--html", self.folder / "groups.pdf", code=2)


class Moves(DedupTest):
    def test_a_plan_of_pictures_that_were_touched_or_copied_is_told_as_it_would_be_done(self):
        self.groups()
        os.utime(self.photos / "b/small.png")
        self.write("photos/copy.png", (self.photos / "other.png").read_bytes())
        words = ("dedup", self.photos, "--to", "move", "-o", self.folder / "away", "--keep", "largest")
        self.assertIn("3 pictures would go", self.run_program(*words, "--dry-run").stderr)
        self.assertIn("move: 3 pictures", self.run_program(*words).stderr)

    def test_moved_away_and_taken_back(self):
        away = self.folder / "away"
        self.run_program("dedup", self.photos, "--to", "move", "-o", away, "--keep", "largest")
        self.assertFalse((self.photos / "b/small.png").exists())
        self.assertTrue((away / "b/small.png").exists())
        self.assertTrue((self.photos / "a.png").exists())
        self.assertEqual(self.groups(), [])
        self.run_program("undo")
        self.assertTrue((self.photos / "b/small.png").exists())
        self.assertEqual(len(self.groups()), 1)

    def test_a_dry_run_moves_nothing(self):
        self.groups()
        self.run_program("dedup", self.photos, "--to", "move", "-o", self.folder / "away", "--dry-run")
        self.assertTrue((self.photos / "b/small.png").exists())
        self.assertFalse((self.folder / "away").exists())

    def test_a_target_among_the_pictures_is_refused(self):
        self.run_program("dedup", self.photos, "--to", "move", "-o", self.photos / "away", code=2)
        self.run_program("dedup", self.photos, "--to", "move", code=2)


class WithVectors(DedupTest):
    def setUp(self):
        super().setUp()
        self.model = self.write("model/tiny.onnx", tiny_embedder())
        self.write("model/tiny.yaml", CARD.encode())
        for name, seed in (("x", 21), ("y", 33)):  # of one mean colour, each with shapes of its own
            shade = scene(seed)
            halves = [[shade(u / 60, v / 90) for u in range(60)] for v in range(45)]
            pixels = [[*row, *[(255 - r, 255 - g, 255 - b) for r, g, b in row]] for row in halves]
            self.write(f"photos/{name}.png", png(120, 45, lambda x, y, rows=pixels: rows[y][x]))

    def test_what_the_model_finds_alike_is_alike_too(self):
        self.assertEqual(self.names(self.groups("--keep", "largest", "--include", "[xy].png")), [])
        found = self.groups("-m", self.model, "--similarity", "0.9999", "--include", "[xy].png")
        self.assertEqual([sorted(group) for group in self.names(found)], [["x.png", "y.png"]])
        ended = self.events("dedup", self.photos, "-m", self.model, "-o", self.folder / "again.json")[-1]
        self.assertEqual((ended["done"], ended["skipped"]), (5, 2))

    def test_a_model_that_makes_no_vectors_is_refused(self):
        done = self.run_program("dedup", self.photos, "-m", "starter", code=2)
        self.assertIn("embed", done.stderr)


@needs_shared
class Photographs(ProgramTest):
    def test_a_turned_one_by_vectors(self):
        """The one that was turned by 30 degrees, which no hash knows again."""
        out = self.folder / "groups.json"
        model = SHARED / "models/features/mobilenetv2_int8.onnx"
        self.run_program("dedup", SHARED / "datasets/neardup_imagededup", "-m", model, "-o", out, code=1)
        groups = json.loads(out.read_text())["groups"]
        names = sorted(sorted(row["path"].rsplit("/", 1)[1] for row in group) for group in groups)
        self.assertEqual([len(group) for group in names], [5, 2])
        self.assertIn("ukbench00120_rotation.jpg", names[0])

    def test_the_samples_of_imagededup(self):
        """All but the one that was turned by 30 degrees, which no hash knows again."""
        out = self.folder / "groups.json"
        self.run_program("dedup", SHARED / "datasets/neardup_imagededup", "-o", out, code=1)  # one is no picture
        groups = json.loads(out.read_text())["groups"]
        names = sorted(sorted(row["path"].rsplit("/", 1)[1] for row in group) for group in groups)
        first = ["ukbench00120.jpg", "ukbench00120.jpg", "ukbench00120_hflip.jpg", "ukbench00120_resize.jpg"]
        self.assertEqual(names, [first, ["ukbench09268.jpg", "ukbench09268.jpg"]])

    def test_a_thousand_different_photographs(self):
        listed = self.run_program("dedup", SHARED / "datasets/imagenet_sample").stdout
        self.assertEqual(listed, "")


if __name__ == "__main__":
    unittest.main()
