"""Tiny TFLite networks of the pose model's shapes, for tests that need no inference."""

from typing import Any

import flatbuffers
import numpy as np

from coach.vision.bundle import Networks, _load_schema, build_bundle

LANDMARK_SHAPES = [[1, 195], [1, 1], [1, 256, 256, 1], [1, 64, 64, 39], [1, 117]]
DETECTOR_SHAPES = [[1, 2254, 12], [1, 2254, 1]]
SCHEMA = _load_schema("schema_py_generated")


def tiny_network(output_shapes: list[list[int]], weights: bytes = bytes(range(64))) -> bytes:
    """A network with one picture input and these outputs; tensor 0 is the input."""
    graph = SCHEMA.SubGraphT()
    graph.tensors = [_tensor([1, 8, 8, 3]), *(_tensor(shape) for shape in output_shapes)]
    graph.inputs = np.array([0], np.int32)
    graph.outputs = np.arange(1, len(output_shapes) + 1, dtype=np.int32)
    model = SCHEMA.ModelT()
    model.version, model.subgraphs, model.description = 3, [graph], "tiny"
    empty, filled = SCHEMA.BufferT(), SCHEMA.BufferT()
    filled.data = np.frombuffer(weights, np.uint8)
    model.buffers = [empty, filled]
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def tiny_networks(weights: bytes = bytes(range(64))) -> Networks:
    """Both networks of a pose model, outputs as in the real ones."""
    return Networks(tiny_network(DETECTOR_SHAPES, weights), tiny_network(LANDMARK_SHAPES, weights))


def tiny_bundle(weights: bytes = bytes(range(64))) -> bytes:
    """A whole bundle, structurally right, that computes nothing."""
    return build_bundle(tiny_networks(weights))


def unpack(network: bytes) -> Any:
    """The network as MediaPipe's own schema module reads it."""
    return SCHEMA.ModelT.InitFromObj(SCHEMA.Model.GetRootAs(network))


def _tensor(shape: list[int]) -> Any:
    tensor = SCHEMA.TensorT()
    tensor.shape, tensor.name = np.array(shape, np.int32), "t"
    return tensor
