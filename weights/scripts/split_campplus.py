"""Cut the exported CAM++ in two at its statistics pooling, so that one run serves many voices.

    python split_campplus.py --source model.onnx --target ../quoth_weights/campplus

- `model.onnx`: log mel frames (1, T, 80) -> what the network hears in each 20 ms, (1, 512, T / 2).
- `pooling.onnx`: which of T such frames belong to each of N voices (N, T), and the frames (T, 512)
  -> an embedding of unit length for each voice (N, 192).

Two things differ from the export. The ReLU after the last batch normalisation is gone: the published network has none
(`config_str="batchnorm_"` in 3D-Speaker), and it throws half of the embedding away. And the
context of the 52 CAM layers is computed once per 2 s, where it is constant, instead of once per
frame; the result is the same, the graph a third as large.

Needs onnx and onnxruntime.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FRAMES = "/xvector/out_nonlinear/relu/Relu_output_0"
STATISTICS = "/xvector/stats/Concat_output_0"
EMBEDDING = "/xvector/dense/nonlinear/batchnorm/BatchNormalization_output_0"
SMALLEST_VARIANCE = 1e-10
POOLED_FRAMES = 100
KEPT = {  # of the operations in a CAM layer
    "linear_local/Conv",
    "ReduceMean",
    "AveragePool",
    "Add",
    "linear1/Conv",
    "relu/Relu",
    "linear2/Conv",
    "sigmoid/Sigmoid",
    "Mul_1",
}


def cut(model: onnx.ModelProto, source: str, target: str, names: tuple[str, str]) -> onnx.ModelProto:
    """Return the part of a model between two values, under new names."""
    piece = onnx.utils.Extractor(model).extract_model([source], [target])
    for node in piece.graph.node:
        for values in (node.input, node.output):
            for index, value in enumerate(values):
                values[index] = {source: names[0], target: names[1]}.get(value, value)
    piece.graph.input[0].name, piece.graph.output[0].name = names
    return piece


def share_context(graph: onnx.GraphProto) -> None:
    """Let each CAM layer compute its mask per pooled stretch and spread it over the frames."""
    nodes = []
    for node in graph.node:
        parts = node.name.split("/cam_layer/")
        if len(parts) == 1:
            nodes.append(node)
            continue
        layer, operation = parts[0] + "/cam_layer/", parts[1]
        if operation == "Add":
            node.input[1] = layer + "AveragePool_output_0"
        if operation == "Mul_1":
            spread = layer + "spread"
            nodes.append(helper.make_node("Gather", [node.input[1], "stretch"], [spread], axis=2))
            node.input[1] = spread
        if operation in KEPT:
            nodes.append(node)
    local = next(node.output[0] for node in nodes if node.name.endswith("linear_local/Conv"))
    position = next(i for i, node in enumerate(nodes) if local in node.output) + 1
    nodes[position:position] = stretch_of(local)
    del graph.node[:]
    graph.node.extend(nodes)


def stretch_of(value: str) -> list[onnx.NodeProto]:
    """Return nodes that tell for each frame of a value (N, C, T) which pooled stretch it is in."""

    def constant(name: str, number: list[int] | int) -> onnx.NodeProto:
        tensor = numpy_helper.from_array(np.array(number, np.int64), name)
        return helper.make_node("Constant", [], [name], value=tensor)

    return [
        constant("stretch.axis", 2),
        constant("stretch.zero", 0),
        constant("stretch.one", 1),
        constant("stretch.length", POOLED_FRAMES),
        helper.make_node("Shape", [value], ["stretch.shape"]),
        helper.make_node("Gather", ["stretch.shape", "stretch.axis"], ["stretch.frames"]),
        helper.make_node(
            "Range", ["stretch.zero", "stretch.frames", "stretch.one"], ["stretch.range"]
        ),
        helper.make_node("Div", ["stretch.range", "stretch.length"], ["stretch"]),
    ]


def prepend_pooling(graph: onnx.GraphProto) -> None:
    """Let a graph that takes statistics take memberships and frames, and normalise its result."""
    numbers = {"one": 1.0, "two": 2.0, "floor": SMALLEST_VARIANCE}
    for name, number in numbers.items():
        graph.initializer.append(numpy_helper.from_array(np.array(number, np.float32), name))
    steps = (
        ("ReduceL1", ["members"], "number", {"axes": [1], "keepdims": 1}),
        ("Max", ["number", "two"], "count", {}),
        ("MatMul", ["members", "frames"], "sum", {}),
        ("Div", ["sum", "count"], "mean", {}),
        ("Mul", ["frames", "frames"], "squares", {}),
        ("MatMul", ["members", "squares"], "sum of squares", {}),
        ("Mul", ["sum", "mean"], "square of sum", {}),
        ("Sub", ["sum of squares", "square of sum"], "scatter", {}),
        ("Sub", ["count", "one"], "freedom", {}),
        ("Div", ["scatter", "freedom"], "variance", {}),
        ("Max", ["variance", "floor"], "positive variance", {}),
        ("Sqrt", ["positive variance"], "deviation", {}),
        ("Concat", ["mean", "deviation"], "statistics", {"axis": 1}),
    )
    made = [helper.make_node(kind, takes, [gives], **how) for kind, takes, gives, how in steps]
    unit = helper.make_node("LpNormalization", ["embedding"], ["voices"], axis=1, p=2)
    nodes = [*made, *graph.node, unit]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.input[:], graph.output[:]
    for values, name, dimensions in (
        (graph.input, "members", ["N", "T"]),
        (graph.input, "frames", ["T", 512]),
        (graph.output, "voices", ["N", 192]),
    ):
        values.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, dimensions))


def drop_unused(graph: onnx.GraphProto) -> None:
    """Drop nodes and weights that nothing needs."""
    wanted = {output.name for output in graph.output}
    kept = []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    weights = [weight for weight in graph.initializer if weight.name in wanted]
    del graph.initializer[:]
    graph.initializer.extend(weights)
    del graph.value_info[:]


def shape(value: onnx.ValueInfoProto, dimensions: list[int | str]) -> None:
    """State the shape of an input or output."""
    value.CopyFrom(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, dimensions))


def compare(source: Path, trunk: Path, pooling: Path) -> None:
    """Check on noise that both parts in a row are the whole, but for the ReLU."""
    whole, first, second = (
        onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        for file in (source, trunk, pooling)
    )
    for frames in (21, 98, 200, 201, 345, 998, 1000):
        features = np.random.default_rng(frames).standard_normal((1, frames, 80), np.float32)
        expected = whole.run(None, {"x": features})[0]
        heard = first.run(None, {"features": features})[0]
        members = np.ones((1, heard.shape[2]), np.float32)
        found = second.run(None, {"members": members, "frames": heard[0].T})[0]
        positive = np.maximum(found, 0)
        scale = np.linalg.norm(expected) / np.linalg.norm(positive)
        difference = np.abs(scale * positive - expected).max()
        print(f"{frames} frames: largest difference {difference:.1e}")
        if difference > 1e-4:
            raise SystemExit("the parts do not add up to the whole")


def main() -> None:
    """Write both parts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--source", required=True, type=Path, help="CAM++ as exported")
    parser.add_argument("--target", required=True, type=Path, help="folder to write")
    options = parser.parse_args()
    model = onnx.shape_inference.infer_shapes(onnx.load(options.source))
    trunk = cut(model, "x", FRAMES, ("features", "frames"))
    share_context(trunk.graph)
    pooling = cut(model, STATISTICS, EMBEDDING, ("statistics", "embedding"))
    prepend_pooling(pooling.graph)
    shape(trunk.graph.input[0], [1, "T", 80])
    shape(trunk.graph.output[0], [1, 512, "T/2"])
    options.target.mkdir(parents=True, exist_ok=True)
    files = [options.target / name for name in ("model.onnx", "pooling.onnx")]
    for file, part in zip(files, (trunk, pooling), strict=True):
        drop_unused(part.graph)
        del part.metadata_props[:]
        part.metadata_props.extend(model.metadata_props)
        onnx.checker.check_model(part)
        onnx.save(part, file)
    compare(options.source, *files)


if __name__ == "__main__":
    main()
