"""pixmill embed: vectors as files, rows that stay with their pictures, cut graphs, what is refused."""

import ast
import json
import math
import pathlib
import struct
import unittest
import zipfile

from png_file import png
from program import ProgramTest
from tiny_embedder import CARD, tiny_embedder

RED, GREEN, BLUE = (255, 0, 0), (0, 102, 0), (0, 0, 51)


def matrix(data: bytes) -> tuple:
    """(shape, rows) of a .npy file of version 1.0; all that stands before the rows is a multiple of 64 bytes."""
    assert data[:8] == b"\x93NUMPY\x01\x00", data[:10]
    start = 10 + struct.unpack("<H", data[8:10])[0]
    assert start % 64 == 0 and data[start - 1 : start] == b"\n", start
    head = ast.literal_eval(data[10:start].decode())
    assert head["fortran_order"] is False
    letter, size = {"<f4": ("f", 4), "<f2": ("e", 2)}[head["descr"]]
    rows, columns = head["shape"]
    assert len(data) == start + rows * columns * size, len(data)
    values = struct.unpack(f"<{rows * columns}{letter}", data[start:])
    return head["shape"], [values[i * columns : (i + 1) * columns] for i in range(rows)]


def texts(data: bytes) -> list:
    """Of a .npy file of texts in code points of 4 bytes."""
    start = 10 + struct.unpack("<H", data[8:10])[0]
    head = ast.literal_eval(data[10:start].decode())
    length, (count,) = int(head["descr"].removeprefix("<U")), head["shape"]
    whole = data[start:].decode("utf-32-le")
    assert len(whole) == count * length, len(whole)
    return [whole[i * length : (i + 1) * length].rstrip("\0") for i in range(count)]


class EmbedTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.model = self.write("model/tiny.onnx", tiny_embedder())
        self.write("model/tiny.yaml", CARD.encode())
        self.photos = self.folder / "photos"
        for name, colour in (("a.png", RED), ("b/c.png", GREEN), ("d.png", BLUE)):
            self.write(f"photos/{name}", png(40, 30, lambda x, y, colour=colour: colour))

    def embed(self, *words, code=0):
        return self.run_program("embed", self.photos, "-m", self.model, *words, code=code)

    def assert_close(self, row, expected, tolerance=1e-5):
        self.assertEqual(len(row), len(expected))
        for value, wanted in zip(row, expected, strict=True):
            self.assertAlmostEqual(value, wanted, delta=tolerance)


class Files(EmbedTest):
    def test_npy_with_the_list_of_its_pictures(self):
        out = self.folder / "vectors.npy"
        self.embed("-o", out)
        shape, rows = matrix(out.read_bytes())
        self.assertEqual(shape, (3, 3))
        self.assertEqual((self.folder / "vectors.paths.txt").read_text(), "a.png\nb/c.png\nd.png\n")
        for row, expected in zip(rows, ((1, 0, 0), (0, 0.4, 0), (0, 0, 0.2)), strict=True):
            self.assert_close(row, expected)

    def test_halves_of_length_one(self):
        out = self.folder / "vectors.npy"
        self.embed("-o", out, "--dtype", "f16", "--normalize")
        shape, rows = matrix(out.read_bytes())
        self.assertEqual(shape, (3, 3))
        for row in rows:
            self.assertAlmostEqual(math.dist(row, (0, 0, 0)), 1, delta=1e-3)
        self.assertEqual(len(out.read_bytes()) - 3 * 3 * 2, 128)

    def test_npz_has_vectors_paths_and_errors(self):
        self.write("photos/a bad ü.png", b"no picture")
        out = self.folder / "vectors.npz"
        self.embed("-o", out, code=1)
        with zipfile.ZipFile(out) as archive:
            self.assertEqual(archive.namelist(), ["vectors.npy", "paths.npy", "errors.npy"])
            self.assertEqual(archive.getinfo("vectors.npy").compress_type, zipfile.ZIP_STORED)
            shape, rows = matrix(archive.read("vectors.npy"))
            paths, errors = (texts(archive.read(f"{name}.npy")) for name in ("paths", "errors"))
        self.assertEqual(shape, (4, 3))
        self.assertEqual(paths, ["a bad ü.png", "a.png", "b/c.png", "d.png"])
        self.assertEqual([bool(error) for error in errors], [True, False, False, False])
        self.assertTrue(math.isnan(rows[0][0]))
        self.assert_close(rows[2], (0, 0.4, 0))
        first = out.read_bytes()
        self.embed("-o", self.folder / "again.npz", code=1)
        self.assertEqual((self.folder / "again.npz").read_bytes(), first)

    def test_faiss_is_a_flat_index_of_length_one(self):
        out = self.folder / "vectors.faiss"
        self.embed("-o", out)
        data = out.read_bytes()
        self.assertEqual(struct.unpack("<4siqqqBiQ", data[:45]), (b"IxFI", 3, 3, 1 << 20, 1 << 20, 1, 0, 9))
        self.assert_close(struct.unpack("<9f", data[45:]), (1, 0, 0, 0, 1, 0, 0, 0, 1))
        self.assertEqual((self.folder / "vectors.paths.txt").read_text(), "a.png\nb/c.png\nd.png\n")

    def test_csv_and_json_lines_side_by_side(self):
        out = self.folder / "out"
        self.embed("-o", out, "--format", "csv,jsonl")
        lines = (out / "vectors.csv").read_text().splitlines()
        self.assertEqual(lines[0], "image,error,v0,v1,v2")
        self.assertEqual(lines[2].split(",")[:2], ["b/c.png", ""])
        self.assert_close([float(v) for v in lines[2].split(",")[2:]], (0, 0.4, 0))
        rows = [json.loads(line) for line in (out / "vectors.jsonl").read_text().splitlines()]
        self.assertEqual([row["image"] for row in rows], ["a.png", "b/c.png", "d.png"])
        self.assert_close(rows[2]["vector"], (0, 0, 0.2))

    def test_standard_output(self):
        made = self.run_program("embed", self.photos, "-m", self.model, "-o", "-", text=False)
        self.assertEqual(matrix(made.stdout)[0], (3, 3))

    def test_the_ending_must_be_a_format(self):
        done = self.embed("-o", self.folder / "vectors.parquet", code=2)
        self.assertIn("vectors.parquet", done.stderr)
        self.assertIn(".npy", done.stderr)
        done = self.embed("-o", self.folder / "vectors.npy", "--format", "csv", code=2)
        self.assertIn("another ending", done.stderr)
        self.assertIn("'xml'", self.embed("-o", self.folder / "out", "--format", "csv,xml", code=2).stderr)

    def test_later_from_the_catalogue(self):
        self.embed("-o", self.folder / "first.npy")
        self.run_program("export", "npy", "--from", self.photos, "-o", self.folder / "later.npy")
        self.assertEqual((self.folder / "later.npy").read_bytes(), (self.folder / "first.npy").read_bytes())


class Rows(EmbedTest):
    def test_a_picture_that_fails_keeps_its_row(self):
        self.write("photos/aa.png", b"not a picture")
        out = self.folder / "vectors.npy"
        self.embed("-o", out, "--format", "npy", code=1)
        shape, rows = matrix(out.read_bytes())
        self.assertEqual(shape, (4, 3))
        self.assertTrue(all(math.isnan(value) for value in rows[1]))
        lines = (self.folder / "vectors.paths.txt").read_text().splitlines()
        self.assertEqual([line.split("\t")[0] for line in lines], ["a.png", "aa.png", "b/c.png", "d.png"])
        self.assertIn("aa.png", lines[1].split("\t")[1])
        self.assert_close(rows[2], (0, 0.4, 0))

    def test_a_line_of_a_list_without_a_picture_has_a_row(self):
        listed = self.write("list.txt", b"photos/a.png\r\nphotos/c.png\nphotos/d.png\ngone/b.png\nphotos/e.png\n")
        (self.photos / "e.png").symlink_to("nowhere.png")
        out = self.folder / "vectors.csv"
        done = self.run_program("embed", f"@{listed}", "-m", self.model, "-o", out, code=1)
        self.assertIn("3 failed of 5", done.stderr)
        rows = [line.split(",")[:2] for line in out.read_text().splitlines()[1:]]
        self.assertEqual([row[0] for row in rows], ["gone/b.png", *(f"photos/{name}.png" for name in "acde")])
        self.assertEqual([bool(row[1]) for row in rows], [True, False, True, False, True])
        self.assertIn("No such file", rows[2][1])
        self.assertIn("the link is broken", rows[4][1])

    def test_so_it_does_in_text(self):
        self.write("photos/0.png", b"")
        out = self.folder / "out"
        self.embed("-o", out, "--format", "csv", "--format", "jsonl", code=1)
        lines = (out / "vectors.csv").read_text().splitlines()
        self.assertEqual([line.split(",")[0] for line in lines], ["image", "0.png", "a.png", "b/c.png", "d.png"])
        self.assertTrue(lines[1].endswith(",,,"), lines[1])
        first = json.loads((out / "vectors.jsonl").read_text().splitlines()[0])
        self.assertIn("0.png", first["error"])

    def test_where_all_fail_the_matrix_is_empty(self):
        broken = self.write("broken/a.png", b"x").parent
        out = self.folder / "vectors.npy"
        self.run_program("embed", broken, "-m", self.model, "-o", out, code=1)
        self.assertEqual(matrix(out.read_bytes())[0], (0, 0))

    def test_what_is_known_is_not_computed_again(self):
        out = self.folder / "vectors.npy"
        self.embed("-o", out)
        self.write("photos/e.png", png(20, 20, lambda x, y: (51, 51, 51)))
        ended = self.events("embed", self.photos, "-m", self.model, "-o", out)[-1]
        self.assertEqual((ended["done"], ended["skipped"]), (1, 3))
        shape, rows = matrix(out.read_bytes())
        self.assertEqual(shape, (4, 3))
        self.assert_close(rows[3], (0.2, 0.2, 0.2))

    def test_a_copy_is_not_computed_again_nor_is_a_folder_that_moved(self):
        out = self.folder / "vectors.npy"
        self.embed("-o", out)
        before = matrix(out.read_bytes())[1]
        moved = self.folder / "moved"
        self.photos.rename(moved)
        (moved / "copy of a.png").write_bytes((moved / "a.png").read_bytes())
        *events, ended = self.events("embed", moved, "-m", self.model, "-o", out)
        self.assertEqual((ended["done"], ended["skipped"]), (0, 4))
        self.assertEqual({event["reason"] for event in events if event["event"] == "skipped"}, {"same content"})
        self.assertEqual(matrix(out.read_bytes())[1], [before[0], before[1], before[0], before[2]])
        listed = (self.folder / "vectors.paths.txt").read_text().splitlines()
        self.assertEqual(listed, ["a.png", "b/c.png", "copy of a.png", "d.png"])
        ended = self.events("embed", moved, "-m", self.model, "-o", out, "--force")[-1]
        self.assertEqual((ended["done"], ended["skipped"]), (4, 0))


class Models(EmbedTest):
    def test_without_a_tensor_the_scores_are_the_vector(self):
        pathlib.Path(self.folder / "model/tiny.yaml").write_text(CARD.replace("  tensor: feature\n", ""))
        out = self.folder / "vectors.npy"
        self.embed("-o", out)
        self.assertEqual(matrix(out.read_bytes())[0], (3, 2))

    def test_a_tensor_that_there_is_not_is_named(self):
        pathlib.Path(self.folder / "model/tiny.yaml").write_text(CARD.replace("feature", "features"))
        done = self.embed("-o", self.folder / "vectors.npy", code=2)
        self.assertIn("'features'", done.stderr)

    def test_every_backend_takes_the_cut_graph(self):
        for backend in ("onnxruntime", "openvino"):
            out = self.folder / f"{backend}.npy"
            self.embed("-o", out, "--backend", backend, "--force")
            self.assert_close(matrix(out.read_bytes())[1][1], (0, 0.4, 0))

    def test_a_model_must_be_named_and_make_vectors(self):
        self.assertIn("--model", self.run_program("embed", self.photos, "-o", "-", code=2).stderr)
        done = self.run_program("embed", self.photos, "-m", "starter", "-o", self.folder / "v.npy", code=2)
        self.assertIn("embed", done.stderr)


if __name__ == "__main__":
    unittest.main()
