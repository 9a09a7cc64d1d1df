"""pixmill bench: contenders, reports, errors."""

import csv
import html.parser
import io
import json
import re
import signal
import stat
import subprocess
import time
import unittest

from program import SANITIZED, SHARED, ProgramTest, needs_shared, program

STAGES = ["read", "decode", "preprocess", "infer", "postprocess", "encode", "write"]
PEER = """#!/bin/sh
# A Python that has rembg, as bench sees it.
[ "$1" = -I ] || exit 1
case "$3" in
  *importlib.metadata*) exit 0 ;;
esac
ls "$6" | wc -l | { read n; echo '{"run":{"done":'$n',"warm_s":0.5,"memory_peak":1048576}}'; }
"""


class Page(html.parser.HTMLParser):
    """Every element closed in its turn; the addresses that a browser would load."""

    VOID = {"meta", "br", "link", "img"}

    def __init__(self):
        super().__init__()
        self.open, self.addresses, self.data, self.seen = [], [], "", []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "data", "action"):
                self.addresses.append(value)
        if tag not in self.VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, (tag, self.open[-3:])
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1][1].get("id") == "data":
            self.data += data


class Bench(ProgramTest):
    def bench(self, *words, code=0):
        """The JSON of a bench of three pictures, each contender run once."""
        done = self.run_program("bench", "cutout", self.discs(3), "--runs", 1, "--json", *words, code=code)
        return json.loads(done.stdout)

    def test_parts_on_their_own(self):
        nms = json.loads(self.run_program("bench", "nms", "--json").stdout)
        self.assertEqual((nms["job"], nms["contenders"], nms["pictures"]), ("nms", [], 0))
        rows = {row["name"]: row for row in nms["parts"][0]["rows"]}
        self.assertEqual(rows["8400 boxes"]["items"], 8400)
        self.assertGreater(rows["8400 boxes"]["rate"], 0)
        self.assertGreaterEqual(rows["100000 boxes"]["ms"]["count"], 3)
        read = json.loads(self.run_program("bench", "io", self.discs(3), "--json").stdout)
        by_two = [row for row in read["parts"][0]["rows"] if row.get("beside") == "read, 1 thread"]
        self.assertEqual([row["items"] for row in by_two], [3])
        printed = self.run_program("bench", "preprocess", self.discs(3)).stdout
        self.assertRegex(printed, r"(?m)^preprocess of 3 pictures$")
        self.assertRegex(printed, r"letterbox 640 and normalise +[0-9.]+")
        rows = list(csv.reader(io.StringIO(self.report("cache", ".csv"))))
        self.assertEqual(rows[0][:3], ["part", "what", "ms"])
        self.assertTrue(all(len(row) == len(rows[0]) for row in rows))
        self.assertIn("check the pattern", self.run_program("bench", "io", self.folder / "none*.png", code=2).stderr)
        self.assertIn("photos/", self.run_program("bench", "io", code=2).stderr)
        self.assertIn("did you mean nms?", self.run_program("bench", "nmss", "a.png", code=2).stderr)

    def report(self, part, ending) -> str:
        path = self.folder / ("report" + ending)
        self.run_program("bench", part, "--report", path, "-q")
        return path.read_text()

    def test_everything_in_one_report(self):
        path = self.folder / "all.html"
        words = ["bench", "--all", self.discs(2), "--runs", 1, "--no-warm-up", "--report", path, "--json"]
        bench = json.loads(self.program_result(*words).stdout)
        self.assertEqual([part["name"] for part in bench["parts"]], ["nms", "preprocess", "io", "cache"])
        cutout = bench["contenders"][0]
        self.assertEqual((cutout["name"], cutout["failure"]), ("cutout", ""))
        for contender in bench["contenders"][1:]:  # a job whose model is not there says how to get it
            self.assertTrue(contender["failure"] == "" or "pixmill models" in contender["hint"], contender)
        page = Page()
        page.feed(path.read_text())
        self.assertEqual(page.open, [])
        for text in ("Part nms", "Part io", "cutout"):
            self.assertIn(text, path.read_text())
        refused = self.run_program("bench", "--all", self.discs(1), "-m", "starter", code=2)
        self.assertIn("each job with its own model", refused.stderr)

    def test_one_contender(self):
        bench = self.bench("--runs", 2)
        self.assertEqual((bench["schema"], bench["job"], bench["pictures"]), ("pixmill-bench-1", "cutout", 3))
        self.assertGreater(bench["machine"]["cores"], 0)
        (contender,) = bench["contenders"]
        self.assertEqual(len(contender["runs"]), 2)
        for run in contender["runs"]:
            self.assertEqual((run["done"], run["failed"], len(run["pictures"])), (3, 0, 3))
            self.assertEqual(run["model"], "starter")
            self.assertGreater(run["cold_s"], run["warm_s"])
            self.assertGreater(run["bare_rate"], 0)
            self.assertGreater(run["memory_peak"], run["memory_before"])
        summary = contender["summary"]
        self.assertEqual(list(summary["stages_ms"]), STAGES)
        self.assertEqual(summary["latency_ms"]["count"], 6)
        self.assertGreater(summary["stages_ms"]["infer"]["median"], 0)
        self.assertEqual(summary["rate"]["count"], 2)
        self.assertIn("the limit is the bare model", " ".join(bench["verdict"]))

    def test_leaves_nothing_behind(self):
        scratch = self.folder / "tmp"
        scratch.mkdir()
        self.environment["TMPDIR"] = str(scratch)
        before = self.discs(3) and self.files("in")
        self.bench()
        self.assertEqual(list(scratch.iterdir()), [])
        self.assertEqual(self.files("in"), before)
        state = self.folder / "home/state"
        self.assertFalse((state / "catalogue.db").exists(), "the user's catalogue was written")

    def test_compare(self):
        bench = self.bench("--compare", "batches=1,2", "--compare", "threads=1")
        self.assertEqual([c["name"] for c in bench["contenders"]], ["batch 1, threads 1", "batch 2, threads 1"])
        self.assertEqual([c["runs"][0]["batch"] for c in bench["contenders"]], [1, 2])
        self.assertEqual([c["runs"][0]["session"]["streams"] for c in bench["contenders"]], [1, 1])

    def test_compares_any_option_of_the_job(self):
        bench = self.bench("--compare", "refine=none,guided", "--no-warm-up")
        self.assertEqual([c["options"] for c in bench["contenders"]], [{"refine": "none"}, {"refine": "guided"}])
        self.assertEqual([c["runs"][0]["warm_s"] for c in bench["contenders"]], [0, 0])

    def test_a_contender_that_cannot_run_keeps_its_row(self):
        bench = self.bench("--compare", "device=nonesuch,cpu", code=1)
        missing, cpu = bench["contenders"]
        self.assertEqual((missing["state"], cpu["state"]), ("failed", "ran"))
        self.assertIn("nonesuch", missing["failure"])
        self.assertIsNone(missing["summary"]["rate"]["median"])

    def test_one_picture_says_its_stages(self):
        done = self.run_program("bench", "cutout", self.discs(1) / "img0.png", "--runs", 2)
        line = r"Run 1/2: img0\.png \| 48x48 \| \S+ \| Pre: [\d.]+ms \| Inf: [\d.]+ms \| Post: [\d.]+ms \| Total: "
        self.assertRegex(done.stderr, line + r"[\d.]+ms \([\d.]+ FPS\)")
        self.assertRegex(done.stdout, r"Average total [\d.]+ms \([\d.]+ FPS\) +average inference [\d.]+ms")

    def test_console_fits(self):
        done = self.run_program("bench", "cutout", self.discs(3), "--runs", 1, "--compare", "backend=onnxruntime")
        tables = [line for line in done.stdout.splitlines() if line.startswith("  ")]
        self.assertGreater(len(tables), 6)
        self.assertLessEqual(max(map(len, tables)), 100)
        self.assertIn("run 1/1  onnxruntime: ", done.stderr)

    def test_reports(self):
        names = [self.folder / f"report.{kind}" for kind in ("html", "json", "csv")]
        words = [word for name in names for word in ("--report", name)]
        printed = self.bench("--compare", "batch=1,2", *words)
        page, written, table = (name.read_text() for name in names)
        self.assertEqual(json.loads(written), printed)
        rows = list(csv.DictReader(io.StringIO(table)))
        self.assertEqual([row["name"] for row in rows], ["batch 1", "batch 2"])
        self.assertEqual(float(rows[1]["rate_median"]), printed["contenders"][1]["summary"]["rate"]["median"])
        parsed = Page()
        parsed.feed(page)
        self.assertEqual((parsed.open, parsed.addresses), ([], []))
        self.assertEqual(json.loads(parsed.data), printed)
        self.assertGreaterEqual(parsed.seen.count("table"), 5)
        self.assertNotRegex(page, r"url\(|@import|\bimport\(")
        self.assertNotIn("{{", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))

    def test_page_shows_names_as_text(self):
        hostile = self.folder / "<script>alert(1)<"
        self.discs(1, str(hostile))
        page = self.folder / "page.html"
        self.run_program("bench", "cutout", hostile, "--runs", 1, "--no-warm-up", "--report", page)
        self.assertNotIn("<script>alert", page.read_text())

    def test_profile(self):
        (contender,) = self.bench("--backend", "onnxruntime", "--operators")["contenders"]
        names = [operator["name"] for operator in contender["operators"]]
        self.assertTrue({"Conv", "FusedConv", "QLinearConv"} & set(names), names)
        self.assertLessEqual(len(names), 10)

    def test_profile_of_openvino(self):
        if not self.has_openvino():
            self.skipTest("OpenVINO is not built in")
        words = ("--backend", "openvino", "--precision", "fp32", "--operators")
        (contender,) = self.bench(*words)["contenders"]
        operators = contender["operators"]
        self.assertIn("Convolution", [operator["name"] for operator in operators])
        self.assertLessEqual(len(operators), 10)
        self.assertGreater(sum(operator["ms"] for operator in operators), 0)

    def peer(self):
        """Words for a bench of three pictures against a Python that has rembg."""
        python = self.write("python", PEER.encode())
        python.chmod(python.stat().st_mode | stat.S_IXUSR)
        return (self.discs(3), "--against", "rembg", "--peer-python", python)

    @needs_shared
    def test_peer(self):
        model = SHARED / "models/matting/u2netp.onnx"
        bench = json.loads(
            self.run_program("bench", "cutout", *self.peer(), "-m", model, "--runs", 1, "--json", "--no-warm-up").stdout
        )
        self.assertEqual([c["name"] for c in bench["contenders"]], ["pixmill", "rembg"])
        peer = bench["contenders"][1]
        self.assertEqual((peer["options"]["model"], peer["runs"][0]["done"]), ("u2netp", 3))
        self.assertEqual(peer["summary"]["rate"]["median"], 6)
        self.assertEqual(peer["latency_quantiles_ms"], [])

    def test_peer_that_has_not_the_model(self):
        refused = self.run_program("bench", "cutout", *self.peer(), code=2)
        self.assertIn("rembg has no model 'starter'", refused.stderr)
        self.assertIn("u2netp", refused.stderr)

    def test_peer_that_is_not_installed(self):
        words = ("bench", "cutout", self.discs(1), "--against", "rembg", "--peer-python")
        for python in ("/bin/false", self.folder / "none"):
            self.assertIn("pip install 'rembg[cpu,cli]'", self.run_program(*words, python, code=2).stderr)

    def test_peer_that_is_not_known(self):
        done = self.run_program("bench", "cutout", self.discs(1), "--against", "ultralytics", code=2)
        self.assertIn("takes one of rembg", done.stderr)

    def test_wrong_use(self):
        discs = self.discs(1)
        for words, says in (
            ((), "no job was named"),
            (("cutuot", discs), "did you mean cutout?"),
            (("devices", discs), "there is no job or part 'devices'"),
            (("cutout",), "no input was named"),
            (("cutout", "-"), "standard input"),
            (("cutout", self.folder / "none"), "none"),
            (("cutout", discs, "--compare", "bakend"), "did you mean backend?"),
            (("cutout", discs, "--compare", "batch=0"), "whole number from 1"),
            (("cutout", discs, "--compare", "backend="), "has no value"),
            (("cutout", discs, "--compare", "feather"), "needs values"),
            (("cutout", discs, "--compare", "batch=" + ",".join(map(str, range(1, 66)))), "more than 64"),
            (("cutout", discs, "--report", "page.pdf"), "an unknown ending"),
            (("cutout", discs, "-m", "nonesuch"), "nonesuch"),
        ):
            said = self.run_program("bench", *words, code=2).stderr
            self.assertIn(says, said, words)
            self.assertEqual(said.count("pixmill:"), 1, said)

    def test_no_folder_for_temporary_files(self):
        self.environment["TMPDIR"] = "/nowhere"
        self.assertIn("TMPDIR", self.run_program("bench", "cutout", self.discs(1), "--runs", "1", code=2).stderr)

    def test_no_picture(self):
        (self.folder / "empty").mkdir()
        self.assertIn("no picture", self.run_program("bench", "cutout", self.folder / "empty", code=3).stderr)

    @unittest.skipIf(SANITIZED, "starts are too slow to be interrupted at a known point")
    def test_interrupt_reports_what_was_measured(self):
        words = ["bench", "cutout", str(self.discs(3)), "--runs", "1000", "--json"]
        running = subprocess.Popen(
            [program(), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment, text=True
        )
        self.assertIn("run 1/1000", running.stderr.readline())
        running.send_signal(signal.SIGINT)
        started = time.monotonic()
        out, _ = running.communicate(timeout=60)
        self.assertLess(time.monotonic() - started, 60)
        self.assertEqual(running.returncode, 130)
        bench = json.loads(out)
        self.assertTrue(bench["interrupted"])
        self.assertGreaterEqual(len(bench["contenders"][0]["runs"]), 1)


if __name__ == "__main__":
    unittest.main()
