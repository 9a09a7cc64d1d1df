"""The two numbers by which mattes are compared here. Both take float [H, W] in 0..1."""

import numpy as np


def mean_absolute_error(matte, truth):
    return float(np.abs(matte - truth).mean())


def intersection_over_union(matte, truth, threshold=0.5):
    """Of what lies above the threshold. Two empty masks agree: 1."""
    found, wanted = matte > threshold, truth > threshold
    union = np.count_nonzero(found | wanted)
    return np.count_nonzero(found & wanted) / union if union else 1.0
