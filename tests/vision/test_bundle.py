import io
import struct
import zipfile

import numpy as np
import pytest
from tiny_model import LANDMARK_SHAPES, tiny_bundle, tiny_network, tiny_networks, unpack

from coach.errors import ModelError
from coach.vision.bundle import (
    DETECTOR_MEMBER,
    LANDMARKS_MEMBER,
    Networks,
    _load_schema,
    build_bundle,
    prune_bundle,
    prune_landmark_network,
    read_bundle,
    write_bundle,
)


def scaling_in(network: bytes) -> tuple[list[float], list[float], int]:
    """(mean, std, colour space) that the network's metadata asks for."""
    model = unpack(network)
    notes = [entry for entry in model.metadata if entry.name == b"TFLITE_METADATA"]
    assert len(notes) == 1
    schema = _load_schema("metadata_schema_py_generated")
    raw = bytes(model.buffers[notes[0].buffer].data)
    assert raw[4:8] == b"M001"
    picture = schema.ModelMetadataT.InitFromObj(schema.ModelMetadata.GetRootAs(raw)).subgraphMetadata[0]
    tensor = picture.inputTensorMetadata[0]
    options = tensor.processUnits[0].options
    return list(options.mean), list(options.std), tensor.content.contentProperties.colorSpace


def test_each_network_is_told_its_own_pixel_scaling() -> None:
    networks = read_bundle(tiny_bundle(), "it")
    assert scaling_in(networks.detector) == ([127.5], [127.5], 1)
    assert scaling_in(networks.landmarks) == ([0.0], [255.0], 1)


def test_metadata_that_is_already_there_is_replaced() -> None:
    once = read_bundle(tiny_bundle(), "it")
    swapped = read_bundle(build_bundle(Networks(detector=once.landmarks, landmarks=once.detector)), "it")
    assert scaling_in(swapped.detector) == ([127.5], [127.5], 1)
    assert scaling_in(swapped.landmarks) == ([0.0], [255.0], 1)


def test_weights_survive_and_are_aligned_where_tflite_reads_them() -> None:
    weights = bytes(range(1, 200))
    bundle = tiny_bundle(weights)
    at = [i for i in range(len(bundle)) if bundle.startswith(weights, i)]
    assert len(at) == 2  # stored, not deflated, in both networks
    assert [i % 16 for i in at] == [0, 0]


def test_members_are_stored_and_have_the_names_that_tasks_looks_for() -> None:
    with zipfile.ZipFile(io.BytesIO(tiny_bundle())) as archive:
        assert archive.namelist() == [DETECTOR_MEMBER, LANDMARKS_MEMBER]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.testzip() is None


def test_the_same_networks_always_make_the_same_bytes() -> None:
    assert tiny_bundle() == tiny_bundle()


def test_pruning_changes_one_number_and_nothing_else() -> None:
    network = tiny_network(LANDMARK_SHAPES)
    pruned = prune_landmark_network(network)
    assert pruned is not None
    differing = [i for i in range(len(network)) if network[i] != pruned[i]]
    assert len(pruned) == len(network)
    assert differing
    assert differing[-1] - differing[0] < 4
    assert list(unpack(network).subgraphs[0].outputs) == [1, 2, 3, 4, 5]
    assert list(unpack(pruned).subgraphs[0].outputs) == [1, 2, 4, 4, 5]


@pytest.mark.parametrize(
    "shapes",
    [
        LANDMARK_SHAPES[:4],
        [*LANDMARK_SHAPES, [1, 1]],
        [LANDMARK_SHAPES[i] for i in (0, 1, 3, 2, 4)],
        [[1, 195], [1, 1], [1, 128, 128, 1], [1, 64, 64, 39], [1, 117]],
    ],
    ids=["one fewer", "one more", "another order", "another mask"],
)
def test_a_network_of_another_shape_is_left_whole(shapes: list[list[int]]) -> None:
    assert prune_landmark_network(tiny_network(shapes)) is None
    bundle = write_bundle(Networks(tiny_networks().detector, tiny_network(shapes)))
    assert prune_bundle(bundle, "it") == (bundle, False)


def test_pruning_refuses_any_broken_flatbuffer_quietly() -> None:
    network = tiny_network(LANDMARK_SHAPES)
    for length in range(len(network)):
        pruned = prune_landmark_network(network[:length])
        assert pruned is None or len(pruned) == length
    rng = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(network)
        for at in rng.integers(0, len(network), 4):
            damaged[at] = rng.integers(0, 256)
        pruned = prune_landmark_network(bytes(damaged))
        assert pruned is None or len(pruned) == len(network)
    assert prune_landmark_network(struct.pack("<I", 0xFFFFFFF0) * 8) is None


def test_every_truncation_of_a_bundle_is_refused_with_a_sentence() -> None:
    bundle = tiny_bundle()
    for length in range(0, len(bundle), 7):
        with pytest.raises(ModelError, match=r"^clip\.task is damaged or not a model"):
            read_bundle(bundle[:length], "clip.task")


def test_a_flipped_byte_in_a_network_is_noticed() -> None:
    bundle = bytearray(tiny_bundle())
    bundle[bundle.index(bytes(range(64))) + 5] ^= 1
    with pytest.raises(ModelError, match="Bad CRC"):
        read_bundle(bytes(bundle), "it")


def test_a_zip_of_something_else_is_named_as_such() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(DETECTOR_MEMBER, b"x")
    with pytest.raises(ModelError, match=f"got no {LANDMARKS_MEMBER}"):
        read_bundle(out.getvalue(), "it")


def test_members_that_are_no_networks_are_refused() -> None:
    with pytest.raises(ModelError, match=f"{LANDMARKS_MEMBER} inside is not a TFLite network"):
        read_bundle(write_bundle(Networks(tiny_networks().detector, b"<html>no</html>")), "it")
