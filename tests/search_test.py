"""pixmill embed --index, search and index: an index of vectors, what it answers, its care, what is refused."""

import csv
import json
import pathlib
import subprocess
import time
import unittest

from png_file import png
from program import SHARED, ProgramTest, needs_shared, program
from tiny_embedder import CARD, TEXT_CARD, merges, tiny_embedder, tiny_text_tower

# The model's vector is the mean colour: these are far from each other.
COLOURS = {"red": (250, 10, 10), "pink": (250, 90, 90), "green": (10, 250, 10), "blue": (10, 10, 250)}


def plain(colour) -> bytes:
    return png(24, 24, lambda x, y: colour)


class SearchTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.model = self.write("model/tiny.onnx", tiny_embedder())
        self.write("model/tiny.yaml", CARD.encode())
        self.photos = self.folder / "photos"
        for name, colour in COLOURS.items():
            self.write(f"photos/{name}.png", plain(colour))
        self.index = self.folder / "colours.index"

    def make(self, *words, code=0):
        return self.run_program("embed", self.photos, "-m", self.model, "--index", self.index, *words, code=code)

    def search(self, *words, code=0) -> list:
        """The answers to the first query: (name, similarity)."""
        made = self.run_program("search", "--index", self.index, *words, "--format", "json", code=code)
        return self.hits(json.loads(made.stdout)["queries"][0]) if code == 0 else made

    def hits(self, query) -> list:
        return [(pathlib.Path(hit["path"]).stem, hit["similarity"]) for hit in query["hits"]]

    def facts(self) -> dict:
        return json.loads(self.run_program("index", "info", self.index, "--json").stdout)


class Searches(SearchTest):
    def test_the_most_similar_first(self):
        said = self.make().stderr
        self.assertIn("4 pictures added", said)
        query = self.write("query.png", plain((255, 30, 0)))
        hits = self.search(query)
        self.assertEqual([name for name, _ in hits[:2]], ["red", "pink"])
        self.assertEqual(len(hits), 4)
        self.assertGreater(hits[0][1], 0.99)
        self.assertEqual(self.search(query, "--top", "1"), hits[:1])
        self.assertEqual(self.search(query, "--min", "0.9"), [hit for hit in hits if hit[1] >= 0.9])
        self.assertEqual(self.search(query, "--exact"), hits)

    def test_a_folder_several_and_several_as_one(self):
        self.make()
        made = self.run_program("search", "--index", self.index, self.photos, "--format", "json")
        queries = json.loads(made.stdout)["queries"]
        self.assertEqual([self.hits(query)[0][0] for query in queries], ["blue", "green", "pink", "red"])
        pair = [self.photos / "red.png", self.photos / "blue.png"]
        hits = self.search(*pair, "--together")
        self.assertEqual({name for name, _ in hits[:2]} <= {"red", "blue", "pink"}, True)
        self.assertLess(hits[0][1], 0.95)

    def test_lists_for_people_and_programs(self):
        self.make()
        red = self.photos / "red.png"
        lines = self.run_program("search", "--index", self.index, red, "--top", "2").stdout.splitlines()
        self.assertEqual(lines[0], f"1.0000  {red}")
        self.assertEqual(len(lines), 2)
        blue = self.photos / "blue.png"
        lines = self.run_program("search", "--index", self.index, blue, red, "--top", "1").stdout.splitlines()
        self.assertEqual(lines, [str(blue), f"1.0000  {blue}", "", str(red), f"1.0000  {red}"])
        listed = self.run_program("search", "--index", self.index, red, "--top", "2", "--paths", "-0").stdout
        self.assertEqual(listed.split("\0")[0], str(red))
        out = self.folder / "answers.csv"
        self.run_program("search", "--index", self.index, red, "--top", "2", "-o", out)
        rows = list(csv.DictReader(out.open()))
        self.assertEqual([row["rank"] for row in rows], ["1", "2"])
        self.assertEqual(rows[0]["path"], str(red))
        for words in (("-0",), ("--paths", "--format", "csv"), ("--top", "0"), ("--json",)):
            self.run_program("search", "--index", self.index, red, *words, code=2)

    def test_a_page_shows_the_query_and_its_answers(self):
        self.make()
        query = self.write("<odd> & name.png", plain((0, 255, 0)))
        page = self.folder / "similar.html"
        self.run_program("search", "--index", self.index, query, "--html", page)
        text = page.read_text()
        self.assertEqual(text.count("<figure"), 5)
        self.assertEqual(text.count("data:image/"), 5)
        self.assertIn("&lt;odd&gt; &amp; name.png", text)
        note = self.write("note.html", b"mine")
        self.run_program("search", "--index", self.index, query, "--html", note, code=2)

    def test_a_query_is_asked_as_the_index_was_made(self):
        """No -m is needed, from whatever folder, and settings of embed do not count."""
        self.make("--precision", "fp32", "--fast-decode")
        self.run_program("config", "set", "precision", "bf16")
        self.assertEqual(self.search(self.photos / "green.png")[0], ("green", 1.0))


class Texts(SearchTest):
    def setUp(self):
        super().setUp()
        self.write("model/tiny.yaml", TEXT_CARD.encode())
        self.write("model/text.onnx", tiny_text_tower())
        self.write("model/merges.txt", merges())
        self.make()

    def test_a_text_is_a_query(self):
        for text, name in (("z", "red"), ("!", "green")):
            hits = self.search("--text", text)
            self.assertEqual(hits[0][0], name)
            self.assertGreater(hits[0][1], 0.99)
            self.assertEqual(len(hits), 4)
        out = self.folder / "answers.json"
        words = ("--text", "z", "--text", "!", self.photos / "blue.png")
        self.run_program("search", "--index", self.index, *words, "-o", out)
        queries = json.loads(out.read_text())["queries"]
        self.assertEqual([query["kind"] for query in queries], ["text", "text", "picture"])
        self.assertEqual([self.hits(query)[0][0] for query in queries], ["red", "green", "blue"])
        page = self.folder / "answers.html"
        self.run_program("search", "--index", self.index, "--text", "<z>", "--html", page)
        self.assertIn("&lt;z&gt;", page.read_text())

    def test_what_is_missing_is_said(self):
        (self.folder / "model/merges.txt").write_bytes(b"head\na b\n")
        self.assertIn("pairs", self.search("--text", "z", code=2).stderr)
        (self.folder / "model/merges.txt").unlink()
        self.assertIn("merges.txt", self.search("--text", "z", code=2).stderr)
        self.write("model/merges.txt", merges())
        self.write("model/text.onnx", tiny_embedder())
        self.assertIn("does not take the tokens", self.search("--text", "z", code=2).stderr)
        (self.folder / "model/text.onnx").unlink()
        self.assertIn("text.onnx", self.search("--text", "z", code=2).stderr)
        self.assertEqual(self.search(self.photos / "red.png")[0][0], "red")

    def test_the_store_takes_all_files(self):
        self.run_program("models", "add", self.model, "--card", self.folder / "model/tiny.yaml", "--id", "tiny")
        index = self.folder / "again.index"
        self.run_program("embed", self.photos, "-m", "tiny", "--index", index)
        made = self.run_program("search", "--index", index, "--text", "z", "--paths", "--top", "1")
        self.assertEqual(made.stdout.strip(), str(self.photos / "red.png"))


class Changes(SearchTest):
    def test_new_and_changed_pictures(self):
        self.make()
        self.write("photos/yellow.png", plain((250, 250, 10)))
        self.write("photos/blue.png", plain((10, 10, 200)))
        self.write("photos/green.png", plain((128, 128, 128)))
        self.assertIn("3 pictures added", self.make().stderr)
        self.assertIn("0 pictures added", self.make().stderr)
        self.assertEqual(self.facts()["pictures"], 5)
        query = self.write("query.png", plain((255, 255, 0)))
        self.assertEqual(self.search(query)[0][0], "yellow")
        self.assertEqual(self.search(self.write("gray.png", plain((90, 90, 90))))[0][0], "green")

    def test_removed_by_name_by_folder_and_where_the_file_is_gone(self):
        self.write("photos/more/a.png", plain((200, 200, 10)))
        self.write("photos/more/b.png", plain((200, 20, 210)))
        self.make()
        self.run_program("index", "remove", self.index, self.photos / "more", self.photos / "red.png")
        self.assertEqual(self.facts()["pictures"], 3)
        (self.photos / "blue.png").unlink()
        self.assertIn("1 picture removed", self.run_program("index", "remove", self.index, "--missing").stdout)
        listed = self.run_program("index", "list", self.index).stdout.splitlines()
        self.assertEqual(listed, [str(self.photos / "green.png"), str(self.photos / "pink.png")])
        self.run_program("index", "compact", self.index)
        self.assertEqual(self.facts()["forgotten"], 0)
        self.run_program("index", "remove", self.index, code=2)

    def test_sorted_into_lists(self):
        for i in range(60):
            self.write(f"photos/n{i:02}.png", plain((i * 4, 255 - i * 4, (i * 37) % 256)))
        self.make()
        said = self.run_program("index", "compact", self.index, "--kind", "ivf", "--recall", "0.99").stdout
        self.assertIn("ivf", said)
        facts = self.facts()
        self.assertEqual((facts["kind"], facts["sorted"], facts["wanted_kind"]), ("ivf", 64, "ivf"))
        self.assertGreaterEqual(facts["recall"], 0.99)
        self.assertEqual(self.search(self.photos / "n20.png")[0][0], "n20")
        self.write("photos/new.png", plain((255, 255, 255)))
        self.make()
        self.assertEqual(self.search(self.photos / "new.png")[0][0], "new")
        self.run_program("index", "compact", self.index, "--kind", "flat")
        self.assertEqual(self.facts()["kind"], "flat")

    def test_a_failed_picture_is_left_out_and_a_dry_run_makes_nothing(self):
        self.write("photos/broken.png", b"no picture")
        self.make("--dry-run", code=1)
        self.assertFalse(self.index.exists())
        self.make(code=1)
        self.assertEqual(self.facts()["pictures"], 4)

    def test_vectors_as_a_file_and_an_index(self):
        self.make("-o", self.folder / "vectors.npy")
        self.assertTrue((self.folder / "vectors.npy").exists())
        self.assertEqual(self.facts()["pictures"], 4)

    def test_two_runs_at_once(self):
        other = self.folder / "others"
        for i in range(40):
            self.write(f"others/{i}.png", plain((i * 6, i, 255 - i)))
        words = [program(), "embed", "-m", self.model, "--index", self.index, "-q"]
        runs = [subprocess.Popen([*words, folder], env=self.environment) for folder in (self.photos, other)]
        self.assertEqual([run.wait() for run in runs], [0, 0])
        self.assertEqual(self.facts()["pictures"], 44)

    def test_a_kill_leaves_it_whole(self):
        for i in range(300):
            self.write(f"photos/n{i:03}.png", plain((i % 256, 255 - i % 256, (i * 37) % 256)))
        self.run_program("embed", self.photos, "-m", self.model, "-o", "-", text=False)  # known from here on
        words = [program(), "embed", self.photos, "-m", self.model, "--index", self.index, "-q"]
        for i in range(8):
            run = subprocess.Popen(words, env=self.environment, stderr=subprocess.DEVNULL)
            time.sleep(0.03 * i)
            run.kill()
            run.wait()
        self.make()
        self.assertEqual(self.facts()["pictures"], 304)
        self.assertEqual(self.search(self.photos / "n017.png")[0][1], 1.0)


class Refused(SearchTest):
    def test_other_models_and_options(self):
        self.make()
        other = self.write("other/tiny.onnx", tiny_embedder() + b"\x72\x00")  # an empty field of metadata
        self.write("other/tiny.yaml", CARD.encode())
        made = self.run_program("search", "--index", self.index, self.photos / "red.png", "-m", other, code=2)
        self.assertIn("was made with", made.stderr)
        self.run_program("search", "--index", self.index, self.photos / "red.png", "--precision", "bf16", code=2)
        made = self.run_program("embed", self.photos, "-m", self.model, "--fast-decode", "--index", self.index, code=2)
        self.assertIn("cannot be compared", made.stderr)

    def test_a_model_that_changed_since(self):
        self.make()
        self.write("model/tiny.onnx", tiny_embedder().replace(b"tiny", b"tony"))
        made = self.search(self.photos / "red.png", code=2)
        self.assertIn("another one than when the index was made", made.stderr)

    def test_bad_queries_and_bad_indices(self):
        self.make()
        self.assertIn("pictures only", self.search("--text", "a cat", code=2).stderr)
        bad = self.write("bad.jpg", b"no picture")
        self.run_program("search", "--index", self.index, bad, code=1)
        self.run_program("search", "--index", self.index, self.folder / "missing.jpg", code=1)
        self.run_program("search", "--index", self.folder / "none", bad, code=2)
        self.run_program("search", self.photos / "red.png", code=2)
        self.run_program("search", "--index", self.index, code=2)
        self.run_program("index", "info", self.photos, code=2)
        self.run_program("index", "turn", self.index, code=2)
        self.run_program("index", code=2)
        made = self.run_program("embed", self.photos, "-m", self.model, "--index", self.photos, code=2)
        self.assertIn("no index", made.stderr)
        vectors = self.index / "vectors-1.npy"
        whole = vectors.read_bytes()
        vectors.write_bytes(whole[:-5])
        made = self.search(self.photos / "red.png", code=2)
        self.assertIn("vectors-1.npy", made.stderr)
        self.assertIn("make it again", made.stderr)
        vectors.write_bytes(whole)
        (self.index / "index.db").write_bytes(b"nothing of the kind" * 100)
        self.assertIn("index.db is damaged", self.search(self.photos / "red.png", code=2).stderr)


@needs_shared
class Photographs(ProgramTest):
    def test_persons_are_seen_again(self):
        """The second frame of a person is nearest to the first one, among photographs of others."""
        index = self.folder / "near.index"
        samples = SHARED / "datasets/neardup_imagededup"
        model = SHARED / "models/features/mobilenetv2_int8.onnx"
        self.run_program("embed", samples, "-m", model, "--index", index, code=1)  # one is no picture
        query = next(samples.rglob("ukbench00120_rotation.jpg"))
        made = self.run_program("search", "--index", index, query, "--top", "4", "--paths")
        names = [pathlib.Path(line).name for line in made.stdout.splitlines()]
        self.assertEqual(names[0], query.name)
        self.assertTrue(all(name.startswith("ukbench00120") for name in names), names)


if __name__ == "__main__":
    unittest.main()
