"""The body model's data: rest meshes for any shape, skinning weights, the layers that carry skin and clothes.

The model (anny, Apache-2.0, made from CC0 assets) is loaded on the first call, not on import.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from studio.errors import StudioError
from studio.people import Shape
from studio.rotations import Array

Faces = NDArray[np.int32]

BODY_VERTICES = 13380
"""The first vertices are the skin; helper layers follow."""
EYE_VERTICES = slice(14598, 14742)
TIGHTS_VERTICES = slice(15328, 18002)
"""The helper layer that follows the body smoothly from neck to toes: what clothes are made of."""
HAIR_VERTICES = slice(18722, 19150)


@dataclass(frozen=True)
class BodyTemplate:
    """What does not depend on the person's shape."""

    model: Any
    bones: tuple[str, ...]
    parents: tuple[int, ...]
    weights: sp.csr_matrix
    skin_faces: Faces
    tights_faces: Faces
    hair_faces: Faces
    lips: Array

    def weight_of(self, pattern: str) -> Array:
        """Per vertex, the skinning weight of all bones whose name starts like `pattern`."""
        columns = [i for i, name in enumerate(self.bones) if re.match(pattern, name)]
        return np.asarray(self.weights[:, columns].sum(axis=1)).ravel()


@dataclass(frozen=True)
class RestBody:
    """One shape at rest: vertices and bone heads, metres; x to the person's left, -y forwards, z up."""

    template: BodyTemplate
    vertices: Array
    heads: dict[str, Array]
    stature_m: float


@lru_cache(maxsize=1)
def body_template() -> BodyTemplate:
    """Load the body model once per process."""
    import anny  # noqa: PLC0415 - heavy: only who renders a body pays for it
    import torch  # noqa: PLC0415
    from anny.models.model_data import TopologyConfig  # noqa: PLC0415

    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        topology = TopologyConfig(
            "makehuman",
            nudity_edits=True,
            remove_unattached_vertices=False,
            triangulate_faces=True,
            eyes=True,
            tongue=False,
        )
        model = anny.Anny(
            rig="makehuman",
            topology=topology,
            phenotypes="all",
            phenotype_blendshapes="original",
            skinning_method="lbs",
        )
    data = Path(anny.__file__).parent / "data" / "mpfb2"
    groups = _helper_faces(data / "3dobjs" / "base.obj")
    weights, indices = model.vertex_bone_weights.numpy(), model.vertex_bone_indices.numpy()
    count, per_vertex = weights.shape
    rows = np.repeat(np.arange(count), per_vertex)
    matrix = sp.csr_matrix((weights.ravel(), (rows, indices.ravel())), (count, len(model.bone_labels)))
    return BodyTemplate(
        model,
        tuple(model.bone_labels),
        tuple(int(p) for p in model.bone_parents),
        matrix,
        model.faces.numpy().astype(np.int32),
        groups["helper-tights"],
        groups["helper-hair"],
        _lip_mask(model, count, data / "textures" / "mpfb_lips.jpg"),
    )


def _helper_faces(path: Path) -> dict[str, Faces]:
    """Triangles of the helper layers in the model's own mesh file."""
    wanted: dict[str, list[list[int]]] = {"helper-tights": [], "helper-hair": []}
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("g "):
            group = line.split()[1]
        elif line.startswith("f ") and group in wanted:
            corner = [int(token.split("/")[0]) - 1 for token in line.split()[1:]]
            wanted[group] += [[corner[0], corner[i], corner[i + 1]] for i in range(1, len(corner) - 1)]
    return {name: np.array(faces, dtype=np.int32) for name, faces in wanted.items()}


def _lip_mask(model: Any, count: int, path: Path) -> Array:
    """Per vertex, how much lip colour it carries, read from the model's own mask."""
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise StudioError(f"the body model's mask {path} cannot be read; reinstall anny")
    faces, corners = model.faces.numpy(), model.face_texture_coordinate_indices.numpy()
    uv = model.texture_coordinates.numpy()[corners.ravel()]
    height, width = image.shape
    x = np.clip((uv[:, 0] * width).astype(int), 0, width - 1)
    y = np.clip(((1.0 - uv[:, 1]) * height).astype(int), 0, height - 1)
    lips = np.zeros(count)
    lips[faces.ravel()] = image[y, x] / 255.0
    return lips


@lru_cache(maxsize=8)
def rest_body(shape: Shape) -> RestBody:
    """The rest mesh of a shape at exactly the stature asked for, with hip centres where anatomy has them."""
    template = body_template()
    # Stature is linear in the height slider: two evaluations give the slider for the wished stature.
    low, high = (_evaluate(template, shape, height) for height in (0.25, 0.75))
    slider = 0.25 + 0.5 * (shape.stature_m - low.stature_m) / (high.stature_m - low.stature_m)
    body = _evaluate(template, shape, float(slider))
    heads = dict(body.heads)
    for side, sign in (("L", 1.0), ("R", -1.0)):
        # The model's own hip pivots are 21-25 cm apart; hip joint centres are nearer to 17-19 cm.
        head = heads[f"upperleg01.{side}"].copy()
        head[0] = sign * 0.5 * shape.hip_share * body.stature_m
        heads[f"upperleg01.{side}"] = head
    return replace(body, heads=heads)


def _evaluate(template: BodyTemplate, shape: Shape, height: float) -> RestBody:
    sliders = {
        name: getattr(shape, name)
        for name in ("gender", "age", "weight", "muscle", "proportions", "african", "asian", "caucasian")
    }
    out = template.model(phenotype_kwargs=sliders | {"height": height}, return_bone_ends=True)
    vertices = out["rest_vertices"][0].detach().numpy().astype(np.float64)
    heads = out["rest_bone_heads"][0].detach().numpy().astype(np.float64)
    stature = float(np.ptp(vertices[:BODY_VERTICES, 2]))
    return RestBody(template, vertices, dict(zip(template.bones, heads, strict=True)), stature)
