#!/usr/bin/env python3
"""Runs one test file as ctest wants it: run_tests.py NAME_test.

Exit code 0: passed; 1: failed; 77: every test was skipped, which ctest shows as "Skipped". The reason of each skip is
the last that is said.
"""

import sys
import unittest

SKIPPED = 77


class Result(unittest.TextTestResult):
    """Counts what passed; unittest itself counts only what was run."""

    passed = 0

    def addSuccess(self, test):  # noqa: N802
        super().addSuccess(test)
        self.passed += 1


def main() -> int:
    runner = unittest.TextTestRunner(resultclass=Result)
    result = unittest.main(module=sys.argv[1], argv=sys.argv[1:], testRunner=runner, exit=False).result
    for test, reason in result.skipped:
        print(f"skipped: {test.id()}: {reason}", flush=True)
    if not result.wasSuccessful() or not (result.passed or result.skipped):
        return 1
    return 0 if result.passed else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
