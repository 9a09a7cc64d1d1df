"""Memory is bounded by the budget, not by the number of pictures."""

import unittest

from program import SANITIZED, ProgramTest


@unittest.skipIf(SANITIZED, "sanitizers keep freed memory")
class Memory(ProgramTest):
    def test_ten_times_the_pictures_take_the_same_memory(self):
        self.discs(500, size=64)

        def peak(limit: int) -> int:
            return self.events("cutout", self.folder / "in", "-o", self.folder / str(limit), "--limit", limit)[-1][
                "peak_memory_bytes"
            ]

        few, many = peak(50), peak(500)
        self.assertLess(many, 1.1 * few)


if __name__ == "__main__":
    unittest.main()
