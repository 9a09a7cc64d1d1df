#!/usr/bin/env python3
"""The model alone: runs a second of ONNX Runtime and OpenVINO, with no decoding, preparing or encoding around them.

    run.sh bare.py u2netp.onnx --size 320

Whoever uses that runtime with that precision cannot be faster end to end. A setting SxT is S streams of T threads, at
batch 1; the best setting of each runtime and precision is printed, one JSON object a line.
"""

import argparse
import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import openvino


@dataclass(frozen=True)
class Setting:
    streams: int
    threads: int

    @classmethod
    def parse(cls, text):
        streams, threads = text.split("x")
        return cls(int(streams), int(threads))

    def __str__(self):
        return f"{self.streams}x{self.threads}"


def onnxruntime_streams(model, shape, setting):
    """One function for each stream; a call runs the model once."""

    def stream():
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = setting.threads
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        outputs, picture = [session.get_outputs()[0].name], {session.get_inputs()[0].name: noise(shape)}
        return lambda: session.run(outputs, picture)

    return [stream() for _ in range(setting.streams)]


def openvino_streams(precision):
    def streams(model, shape, setting):
        core = openvino.Core()
        network = core.read_model(model)
        network.reshape({network.inputs[0]: list(shape)})
        compiled = core.compile_model(
            network,
            "CPU",
            {
                "NUM_STREAMS": setting.streams,
                "INFERENCE_NUM_THREADS": setting.streams * setting.threads,
                "INFERENCE_PRECISION_HINT": precision,
            },
        )
        requests = [compiled.create_infer_request() for _ in range(setting.streams)]
        for request in requests:
            request.set_input_tensor(openvino.Tensor(noise(shape)))
        return [request.infer for request in requests]

    return streams


def noise(shape):
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def measure(streams, seconds):
    """(runs, seconds they took), all streams at once; each has run once before the clock starts."""
    for run in streams:
        run()
    counts = [0] * len(streams)
    end = time.perf_counter() + seconds

    def loop(index):
        while time.perf_counter() < end:
            streams[index]()
            counts[index] += 1

    workers = [threading.Thread(target=loop, args=(index,)) for index in range(len(streams))]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts), time.perf_counter() - started


def contenders():
    """(name, version, maker of streams), as far as this machine's processor goes."""
    yield "onnxruntime fp32", onnxruntime.__version__, onnxruntime_streams
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    for name, precision, needed in (("fp32", "f32", "FP32"), ("bf16", "bf16", "BF16")):
        if needed in able:
            yield f"openvino {name}", openvino.__version__.split("-")[0], openvino_streams(precision)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--size", type=int, required=True, help="edge of the model's input [1, 3, size, size]")
    parser.add_argument("--seconds", type=float, default=5, help="for each setting (default 5)")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--settings", nargs="+", type=Setting.parse, default=[Setting(cores, 1), Setting(1, cores)])
    options = parser.parse_args()
    for name, version, make in contenders():
        best = None
        for setting in options.settings:
            runs, seconds = measure(make(options.model, (1, 3, options.size, options.size), setting), options.seconds)
            if best is None or runs / seconds > best["images_per_second"]:
                best = {"images": runs, "seconds": round(seconds, 2), "images_per_second": round(runs / seconds, 2)}
                best["setting"] = str(setting)
        print(json.dumps({"name": name, "version": version, "model": options.model.name, **best}), flush=True)


if __name__ == "__main__":
    main()
