"""README's figures about speed are those of bench/RESULTS.md, to the last digit."""

import re
import sys
import unittest

from program import SOURCE

sys.path.insert(0, str(SOURCE / "bench"))
import readme  # noqa: E402

SPEED = r"img/s|pictures a second|times as (fast|quick)|\d ?x fp32|[\d.]+ ms (a|per) picture"


class Readme(unittest.TestCase):
    def setUp(self):
        self.results = (SOURCE / "bench/RESULTS.md").read_text()
        self.page = (SOURCE / "README.md").read_text()

    def test_each_figure_is_that_of_the_results(self):
        _, now, _ = readme.split(self.page)
        expected = readme.figures(self.results)
        self.assertEqual(now.splitlines(), expected.splitlines(), "bench/readme.py writes README.md anew")
        self.assertGreaterEqual(len(readme.rows(self.results)), 4)

    def test_no_other_place_states_a_speed(self):
        before, _, after = readme.split(self.page)
        found = [line for line in (before + after).splitlines() if re.search(SPEED, line) and re.search(r"\d", line)]
        self.assertEqual(found, [], "such figures stand between the comments, from bench/RESULTS.md")

    def test_another_figure_in_the_results_is_noticed(self):
        name, whole, warm, bare = readme.rows(self.results)[0]
        changed = self.results.replace(f"| {whole} |", "| 12345 |")
        self.assertNotEqual(readme.figures(self.results), readme.figures(changed))
        for cell in (name, whole, warm, bare):
            self.assertIn(f"| {cell} |", readme.figures(self.results))

    def test_a_contender_that_failed_is_left_out(self):
        row = f"| {readme.rows(self.results)[0][0]} |"
        failed = self.results.replace(row, f"{row} it is not installed | | | | | |\n{row}", 1)
        self.assertEqual(readme.figures(failed), readme.figures(self.results))


if __name__ == "__main__":
    unittest.main()
