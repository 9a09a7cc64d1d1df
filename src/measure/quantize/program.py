"""Static int8 quantisation of an ONNX model. pixmill runs this in an environment of its own.

quantize_program.py prepare MODEL FOLDER
    FOLDER/inputs/*.npy are inputs of the model, one picture each. Writes FOLDER/float.onnx (the model, simplified),
    FOLDER/ranges.json (the span of every activation over the inputs) and FOLDER/layers.json (the layers that can be
    quantised, with the error that each brings by itself, worst first).
quantize_program.py build FOLDER KEEP MODEL
    Writes MODEL: FOLDER/float.onnx in int8, but for the KEEP worst layers.

Lines on standard output: WORD DONE OF. The last line on standard error says why it failed.
"""

import json
import logging
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, version_converter
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.calibrate import create_calibrator, load_tensors_data, save_tensors_data
from onnxruntime.quantization.shape_inference import quant_pre_process

OPSET = 17  # weights per channel want 13
INPUTS_FOR_ERRORS = 6  # pictures over which the layers' errors are measured

# The layers that gain. Channel: the axis of the weight that counts the outputs.
LAYERS = {"Conv": 0, "ConvTranspose": 1, "Gemm": 1, "MatMul": 1}
# What stands between them and runs on bytes as well. Not Concat: its inputs would share one span, and ONNX Runtime
# 1.31 answers something else entirely for U2-Net when Concat and Add are both quantised.
BETWEEN = ["Relu", "Clip", "Add", "MaxPool", "AveragePool", "GlobalAveragePool", "Resize"]


def say(word, done, of):
    print(word, done, of, flush=True)


def opset_of(model):
    return max(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))


def simplify(source, target):
    """Constants folded, batch normalisation in the convolutions, shapes known where they can be, opset 13 or later."""
    quant_pre_process(source, target, skip_symbolic_shape=True)
    model = onnx.load(target)
    if opset_of(model) < 13:
        onnx.save(version_converter.convert_version(model, OPSET), target)
        quant_pre_process(target, target, skip_symbolic_shape=True)
    model = onnx.load(target)
    name_nodes(model)
    onnx.save(model, target)
    return model


def name_nodes(model):
    """Every node gets a name that no other has: layers are spoken of by name."""
    taken = set()
    for number, node in enumerate(model.graph.node):
        if not node.name or node.name in taken:
            node.name = f"{node.op_type}_{number}"
        taken.add(node.name)


def layers_of(model):
    """The nodes that can be quantised, with their weights: (node, array)."""
    weights = {tensor.name: tensor for tensor in model.graph.initializer}
    layers = []
    for node in model.graph.node:
        if node.op_type in LAYERS and node.input[1] in weights:
            array = numpy_helper.to_array(weights[node.input[1]])
            if array.dtype == np.float32 and array.ndim >= 2:
                layers.append((node, array))
    return layers


class Inputs(CalibrationDataReader):
    """The preprocessed pictures, one after the other; tells how far it is."""

    def __init__(self, name, files):
        self.name, self.files, self.next = name, files, 0

    def get_next(self):
        if self.next == len(self.files):
            return None
        say("calibrate", self.next, len(self.files))
        self.next += 1
        return {self.name: np.load(self.files[self.next - 1])}


def measure_ranges(path, inputs, work):
    calibrator = create_calibrator(
        path, [*LAYERS, *BETWEEN], str(work / "augmented.onnx"), calibrate_method=CalibrationMethod.MinMax
    )
    calibrator.collect_data(inputs)
    save_tensors_data(calibrator.compute_data(), work / "ranges.json")
    return load_tensors_data(work / "ranges.json")


def rounded_weight(array, channel):
    """As int8 would hold it: symmetric, one scale a channel of the output."""
    others = tuple(axis for axis in range(array.ndim) if axis != channel)
    scale = np.maximum(np.abs(array).max(axis=others, keepdims=True) / 127, np.finfo(np.float32).tiny)
    return (np.round(array / scale) * scale).astype(np.float32)


def channel_of(node):
    transposed = any(attribute.name == "transB" and attribute.i for attribute in node.attribute)
    return 0 if transposed else LAYERS[node.op_type]


class Twins:
    """The model in float, with a twin beside each layer that gets the layer's own input rounded to bytes and its
    weights rounded to bytes: what this layer alone would do to its output, free of the errors of those before it."""

    def __init__(self, model, layers, ranges):
        self.graph = model.graph
        self.rounded = {}
        self.outputs = []
        spans = {name: ranges[name].range_value for name in ranges}
        for node, array in layers:
            if node.input[0] in spans:
                self.add(node, array, spans[node.input[0]])

    def constant(self, name, array):
        self.graph.initializer.append(numpy_helper.from_array(array, name))
        return name

    def node(self, op, inputs, output, **attributes):
        self.graph.node.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def rounded_input(self, name, span):
        if name not in self.rounded:
            low, high = min(0.0, float(np.ravel(span[0])[0])), max(0.0, float(np.ravel(span[1])[0]))
            scale = max((high - low) / 255, 1e-12)
            parts = [
                self.constant(f"{name}/scale", np.float32(scale)),
                self.constant(f"{name}/zero", np.uint8(round(-low / scale))),
            ]
            quantised = self.node("QuantizeLinear", [name, *parts], f"{name}/bytes")
            self.rounded[name] = self.node("DequantizeLinear", [quantised, *parts], f"{name}/rounded")
        return self.rounded[name]

    def add(self, node, array, span):
        weight = self.constant(f"{node.name}/weight", rounded_weight(array, channel_of(node)))
        twin = onnx.NodeProto()
        twin.CopyFrom(node)
        twin.name = f"{node.name}/twin"
        twin.input[0], twin.input[1] = self.rounded_input(node.input[0], span), weight
        twin.output[0] = f"{node.name}/output"
        self.graph.node.append(twin)
        apart = self.node("Sub", [twin.output[0], node.output[0]], f"{node.name}/apart")
        for name, of in (("noise", apart), ("signal", node.output[0])):
            output = self.node("ReduceSumSquare", [of], f"{node.name}/{name}", keepdims=0)
            self.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, []))
            self.outputs.append(output)


def session_of(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Nothing fused: a QuantizeLinear between two layers must stay where it was put.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def measure_errors(model, ranges, inputs, work):
    """{layer: its error, as a share of its output}."""
    layers = layers_of(model)
    if not layers:
        raise ValueError("nothing in it can be quantised: no convolution and no product with float weights")
    twins = Twins(model, layers, ranges)
    onnx.save(model, work / "twins.onnx")
    session = session_of(work / "twins.onnx")
    sums = np.zeros(len(twins.outputs))
    for number, path in enumerate(inputs.files[:INPUTS_FOR_ERRORS]):
        say("errors", number, min(INPUTS_FOR_ERRORS, len(inputs.files)))
        sums += session.run(twins.outputs, {inputs.name: np.load(path)})
    noise, signal = sums[0::2], sums[1::2]
    names = [output.removesuffix("/noise") for output in twins.outputs[0::2]]
    return dict(zip(names, np.sqrt(noise / np.maximum(signal, 1e-30)), strict=True))


def prepare(source, work):
    model = simplify(source, work / "float.onnx")
    if any(node.op_type in ("QuantizeLinear", "DynamicQuantizeLinear", "QLinearConv") for node in model.graph.node):
        raise ValueError("it is already quantised")
    weights = {tensor.name for tensor in model.graph.initializer}
    name = next(port.name for port in model.graph.input if port.name not in weights)
    inputs = Inputs(name, sorted((work / "inputs").glob("*.npy")))
    ranges = measure_ranges(work / "float.onnx", inputs, work)
    ops = {node.name: node.op_type for node in model.graph.node}
    errors = measure_errors(model, ranges, inputs, work)
    worst_first = sorted(errors, key=errors.get, reverse=True)
    report = [{"name": name, "op": ops[name], "error": float(errors[name])} for name in worst_first]
    (work / "layers.json").write_text(json.dumps(report))


def build(work, keep, target):
    layers = json.loads((work / "layers.json").read_text())
    quantize_static(
        str(work / "float.onnx"),
        str(target),
        calibration_cache_path=str(work / "ranges.json"),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=[*LAYERS, *BETWEEN],
        nodes_to_exclude=[layer["name"] for layer in layers[:keep]],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


def main(words):
    logging.getLogger().setLevel(logging.ERROR)
    match words:
        case ["prepare", source, work]:
            prepare(source, pathlib.Path(work))
        case ["build", work, keep, target]:
            build(pathlib.Path(work), int(keep), target)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Exception as error:  # whatever it was, pixmill shows the one line
        raise SystemExit(" ".join(f"{type(error).__name__}: {error}".split())) from error
