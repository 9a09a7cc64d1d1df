"""kill -9 at random moments, two hundred times: kill_test.py does as many as there is time for by default."""

import unittest

import kill_test
from program import SANITIZED


class KillLong(kill_test.Kill):
    kills = 25 if SANITIZED else 200


if __name__ == "__main__":
    unittest.main()
