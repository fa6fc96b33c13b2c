"""The pose model as bytes: two TFLite networks, the Tasks bundle around them, the pruned landmark network.

A Tasks bundle is a zip, stored uncompressed, of a network that finds a person and one that places the 33
landmarks.  MediaPipe's older wheels carry the same networks bare; `build_bundle` adds the metadata that the
Tasks API asks for.  `prune_bundle` takes off the segmentation branch, which nobody here looks at.
"""

import importlib.util
import io
import struct
import zipfile
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from coach.errors import ModelError

DETECTOR_MEMBER = "pose_detector.tflite"
LANDMARKS_MEMBER = "pose_landmarks_detector.tflite"

_TFLITE_IDENTIFIER = b"TFL3"
_METADATA_IDENTIFIER = b"M001"
_METADATA_NAME = "TFLITE_METADATA"

# TFLite reads weights in place when they are aligned, and otherwise warns about and copies them.
_ALIGNMENT = 16
_ZIP_HEADER_BYTES = 30
_ZIP_PADDING_ID = 0xD935  # the field that Android's zipalign pads with

# What the landmark network must put out, in order, before its third output may be cut off:
# landmarks, presence, segmentation mask, heat maps, world landmarks.
_LANDMARK_OUTPUTS = ((1, 195), (1, 1), (1, 256, 256, 1), (1, 64, 64, 39), (1, 117))
_MASK_OUTPUT = 2
_STAND_IN_OUTPUT = 3

# Places of the fields in TFLite's flatbuffer tables (4 + 2 * the field's number in the schema).
_MODEL_SUBGRAPHS = 8
_SUBGRAPH_TENSORS = 4
_SUBGRAPH_OUTPUTS = 8
_TENSOR_SHAPE = 4


class Networks(NamedTuple):
    """The two TFLite networks of a pose model."""

    detector: bytes
    landmarks: bytes


def build_bundle(bare: Networks) -> bytes:
    """A Tasks bundle of two bare networks, with the metadata that the Tasks API needs to feed them pictures.

    The detector takes pixels as -1..1, the landmark network as 0..1.
    """
    return write_bundle(
        Networks(
            detector=_with_image_metadata(bare.detector, mean=127.5, std=127.5),
            landmarks=_with_image_metadata(bare.landmarks, mean=0.0, std=255.0),
        )
    )


def write_bundle(networks: Networks) -> bytes:
    """Zip two networks as the Tasks API expects them; the same input always gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
        for name, data in ((DETECTOR_MEMBER, networks.detector), (LANDMARKS_MEMBER, networks.landmarks)):
            entry = zipfile.ZipInfo(name)
            entry.extra = _alignment_padding(out.tell() + _ZIP_HEADER_BYTES + len(name))
            bundle.writestr(entry, data)
    return out.getvalue()


def _alignment_padding(position: int) -> bytes:
    """A zip "extra" field that moves what comes after it from `position` to a multiple of the alignment."""
    size = -(position + 4) % _ALIGNMENT
    return struct.pack("<HH", _ZIP_PADDING_ID, size) + bytes(size)


def read_bundle(data: bytes, name: str) -> Networks:
    """Take a bundle apart, checking that it is whole; `name` says in errors which file is meant."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            missing = {DETECTOR_MEMBER, LANDMARKS_MEMBER} - set(bundle.namelist())
            if missing:
                raise ModelError(
                    f"{name} is not a MediaPipe pose model: expected {DETECTOR_MEMBER} and "
                    f"{LANDMARKS_MEMBER} inside, got no {' and no '.join(sorted(missing))}."
                )
            networks = Networks(bundle.read(DETECTOR_MEMBER), bundle.read(LANDMARKS_MEMBER))
    # Besides its own error, zipfile lets a damaged file surface as any of these.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ModelError(
            f"{name} is damaged or not a model: expected a MediaPipe .task bundle, got {error}. "
            "Download it again, or leave --model out to have it fetched."
        ) from error
    for member, network in zip((DETECTOR_MEMBER, LANDMARKS_MEMBER), networks, strict=True):
        if network[4:8] != _TFLITE_IDENTIFIER:
            raise ModelError(
                f"{name} is not a MediaPipe pose model: {member} inside is not a TFLite network."
            )
    return networks


def prune_bundle(data: bytes, name: str) -> tuple[bytes, bool]:
    """The bundle without its segmentation branch, and whether that could be done.

    A bundle whose landmark network is not of the known shape comes back as it was.
    """
    networks = read_bundle(data, name)
    pruned = prune_landmark_network(networks.landmarks)
    if pruned is None:
        return data, False
    return write_bundle(networks._replace(landmarks=pruned)), True


def prune_landmark_network(network: bytes) -> bytes | None:
    """The landmark network with its segmentation mask cut off; None when it is not of the known shape.

    The mask is computed whether it is asked for or not, at some 40 % of the network's CPU time.  Pointing
    that output at the next one, which is computed anyway, lets the runtime drop the branch.  All other
    outputs stay exactly as they were.
    """
    try:
        outputs_at, outputs, shapes = _locate_outputs(network)
    except (ValueError, IndexError, struct.error, TypeError):  # not a flatbuffer of this schema
        return None
    if shapes != _LANDMARK_OUTPUTS:
        return None
    patched = bytearray(network)
    struct.pack_into("<i", patched, outputs_at + 4 * _MASK_OUTPUT, outputs[_STAND_IN_OUTPUT])
    return bytes(patched)


def _locate_outputs(network: bytes) -> tuple[int, tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Where the list of outputs lies in the file, the tensors in it, and their shapes."""
    from flatbuffers.table import Table  # noqa: PLC0415 (imports NumPy)

    model = Table(network, struct.unpack_from("<I", network)[0])
    subgraphs = model.Vector(_offset(model, _MODEL_SUBGRAPHS))
    subgraph = Table(network, model.Indirect(subgraphs))
    outputs_at, outputs = _int_vector(subgraph, _SUBGRAPH_OUTPUTS)
    tensors = subgraph.Vector(_offset(subgraph, _SUBGRAPH_TENSORS))
    shapes = tuple(
        _int_vector(Table(network, subgraph.Indirect(tensors + 4 * tensor)), _TENSOR_SHAPE)[1]
        for tensor in outputs
    )
    return outputs_at, outputs, shapes


def _int_vector(table: Any, field: int) -> tuple[int, tuple[int, ...]]:
    offset = _offset(table, field)
    start, length = int(table.Vector(offset)), int(table.VectorLen(offset))
    return start, struct.unpack_from(f"<{length}i", table.Bytes, start)


def _offset(table: Any, field: int) -> int:
    offset = int(table.Offset(field))
    if offset == 0:
        raise ValueError(f"field {field} is absent")
    return offset


def _with_image_metadata(network: bytes, *, mean: float, std: float) -> bytes:
    """The network with a note on how to scale pixels for its first input, replacing any it has."""
    import numpy as np  # noqa: PLC0415 (kept off the command line's start)

    schema = _load_schema("schema_py_generated")
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(network))
    note = schema.BufferT()
    note.data = np.frombuffer(_image_metadata(model.subgraphs[0], mean=mean, std=std), dtype=np.uint8)
    model.buffers.append(note)
    entry = schema.MetadataT()
    entry.name, entry.buffer = _METADATA_NAME, len(model.buffers) - 1
    kept = [old for old in model.metadata or [] if old.name != _METADATA_NAME.encode()]
    model.metadata = [*kept, entry]
    builder = _aligned_builder(len(network) + 4096)
    builder.Finish(model.Pack(builder), _TFLITE_IDENTIFIER)
    return bytes(builder.Output())


def _aligned_builder(size: int) -> Any:
    """A flatbuffer builder that aligns byte vectors, which is what weights are, as TFLite asks."""
    import flatbuffers  # noqa: PLC0415 (imports NumPy)

    class AlignedBuilder(flatbuffers.Builder):  # type: ignore[misc]
        def StartVector(self, elemSize: int, numElems: int, alignment: int) -> int:  # noqa: N802, N803
            return int(super().StartVector(elemSize, numElems, _ALIGNMENT if elemSize == 1 else alignment))

    return AlignedBuilder(size)


def _image_metadata(subgraph: Any, *, mean: float, std: float) -> bytes:
    """A model-metadata flatbuffer: an RGB picture goes in as `(pixel - mean) / std`."""
    import flatbuffers  # noqa: PLC0415 (imports NumPy)

    schema = _load_schema("metadata_schema_py_generated")
    scaling = schema.ProcessUnitT()
    scaling.optionsType = schema.ProcessUnitOptions.NormalizationOptions
    scaling.options = schema.NormalizationOptionsT()
    scaling.options.mean, scaling.options.std = [mean], [std]

    picture = schema.TensorMetadataT()
    picture.name = "image"
    picture.processUnits = [scaling]
    picture.content = schema.ContentT()
    picture.content.contentPropertiesType = schema.ContentProperties.ImageProperties
    picture.content.contentProperties = schema.ImagePropertiesT()
    picture.content.contentProperties.colorSpace = schema.ColorSpaceType.RGB

    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [picture]
    graph.outputTensorMetadata = [schema.TensorMetadataT() for _ in subgraph.outputs]
    metadata = schema.ModelMetadataT()
    metadata.subgraphMetadata = [graph]
    metadata.minParserVersion = "1.0.0"
    builder = flatbuffers.Builder(0)
    builder.Finish(metadata.Pack(builder), _METADATA_IDENTIFIER)
    return bytes(builder.Output())


def _load_schema(name: str) -> ModuleType:
    """One of MediaPipe's flatbuffer schema modules, without importing MediaPipe around it."""
    package = importlib.util.find_spec("mediapipe")
    folders = list(package.submodule_search_locations or []) if package else []
    for folder in folders:
        path = Path(folder) / "tasks" / "metadata" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"_mediapipe_{name}", path) if path.exists() else None
        if spec and spec.loader:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise ModelError(
        "Expected MediaPipe's metadata schema to be installed, got none. "
        "Reinstall it: pip install 'mediapipe>=1.2'."
    )
