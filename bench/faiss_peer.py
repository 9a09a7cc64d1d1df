"""FAISS from PyPI on the vectors of bench/vectors_bench.cc: the same number of lists, and as many looked at.

faiss_peer.py FOLDER LISTS PROBES
"""

import pathlib
import sys
import time

import faiss
import numpy as np


def main():
    folder = pathlib.Path(sys.argv[1])
    lists, probes = int(sys.argv[2]), int(sys.argv[3])
    vectors = np.load(next((folder / "index").glob("vectors-*.npy")), mmap_mode="r")
    queries = np.load(folder / "queries.npy")
    print("faiss", faiss.__version__, faiss.get_compile_options(), "threads", faiss.omp_get_max_threads())
    columns = vectors.shape[1]
    everything = np.ascontiguousarray(vectors, dtype=np.float32)
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(columns), columns, lists, faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = 10
    index.cp.spherical = True
    index.cp.max_points_per_centroid = 64
    start = time.perf_counter()
    index.train(everything)
    print(f"trained in {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    index.add(everything)
    print(f"added in {time.perf_counter() - start:.1f} s")
    index.nprobe = probes
    flat = faiss.IndexFlatIP(columns)
    flat.add(everything)
    for _ in range(3):
        start = time.perf_counter()
        _, exact = flat.search(queries, 10)
        middle = time.perf_counter()
        _, found = index.search(queries, 10)
        end = time.perf_counter()
        index.parallel_mode = 1
        for i in range(100):
            index.search(queries[i : i + 1], 10)
        one = (time.perf_counter() - end) * 10
        index.parallel_mode = 0
        recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(exact, found, strict=True)])
        print(
            f"1000 queries: exact {middle - start:.2f} s, lists {end - middle:.3f} s "
            f"({len(queries) / (end - middle):.0f} a second), recall@10 {recall:.3f}; one at a time {one:.2f} ms"
        )


if __name__ == "__main__":
    main()
