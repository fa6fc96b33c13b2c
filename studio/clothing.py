"""Clothes as shells: the body model's smooth outer layer, pushed outwards where a garment covers it.

Each garment is a signed field over the rest mesh in metres, positive where it covers and zero at its edge;
the shader reads the same fields for colour, so a hem is as sharp as the picture and not as the mesh.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.bodymodel import BODY_VERTICES, EYE_VERTICES, HAIR_VERTICES, TIGHTS_VERTICES, Faces, RestBody
from studio.people import Look
from studio.rotations import Array, unit

UNCOVERED, FAR = -1.0, 9.0
LEG = "upperleg|lowerleg|foot|toe"
ARM = "upperarm|lowerarm|wrist|finger|metacarpal"
HAND = "wrist|finger|metacarpal"
HEAD = "head|jaw|special|oris|levator|orbic|tempo|oculi|riso|eye|tongue"


@dataclass(frozen=True)
class ClothedMesh:
    """A dressed rest mesh.

    `attributes`: per vertex the fields shirt, trousers, footwear, hair, then lip colour and eye flag.
    `rest` are the undressed vertices, which the shader uses as texture coordinates.
    """

    vertices: Array
    rest: Array
    faces: Faces
    attributes: NDArray[np.float32]
    eyes: Array
    thigh_shell: NDArray[np.bool_]


def dress(body: RestBody, look: Look) -> ClothedMesh:
    """Put clothes, shoes and hair on a rest body."""
    wardrobe = _Wardrobe(body, look)
    fields = {
        "shirt": wardrobe.shirt(),
        "trousers": wardrobe.trousers(),
        "footwear": wardrobe.footwear(),
        "hair": wardrobe.hair(),
    }
    is_eye = np.zeros(len(body.vertices))
    is_eye[EYE_VERTICES] = 1.0
    attributes = np.stack([*fields.values(), body.template.lips, is_eye], axis=1).astype(np.float32)
    is_shell = np.zeros(len(body.vertices), dtype=bool)
    is_shell[TIGHTS_VERTICES] = True
    vertices = wardrobe.displaced(fields, is_shell)
    return ClothedMesh(
        vertices,
        body.vertices,
        wardrobe.faces(is_eye),
        attributes,
        wardrobe.eyes,
        is_shell & (wardrobe.leg > 0.5),
    )


class _Wardrobe:
    """The measures of one body that garments are cut from."""

    def __init__(self, body: RestBody, look: Look) -> None:
        template, heads = body.template, body.heads
        self.body, self.look, self.template = body, look, template
        self.x, self.y, self.z = body.vertices.T
        self.leg, self.arm = template.weight_of(LEG), template.weight_of(ARM)
        self.hand, self.head = template.weight_of(HAND), template.weight_of(HEAD)
        self.neck, self.foot = template.weight_of("neck"), template.weight_of("foot|toe")
        self.hip, self.knee, self.ankle = (heads[name] for name in ("upperleg01.L", "lowerleg01.L", "foot.L"))
        self.neck_base = heads["neck01"]
        self.eyes = np.stack([heads["eye.L"], heads["eye.R"]])
        self.scale = body.stature_m / 1.75

    def along_arm(self) -> Array:
        """0 at the shoulder, 1 at the elbow, 2 at the wrist."""
        heads = self.body.heads
        shoulder, elbow, wrist = (heads[f"{n}.L"] for n in ("upperarm01", "lowerarm01", "wrist"))
        mirrored = self.body.vertices.copy()
        mirrored[:, 0] = np.abs(mirrored[:, 0])
        upper = (mirrored - shoulder) @ unit(elbow - shoulder) / np.linalg.norm(elbow - shoulder)
        lower = (mirrored - elbow) @ unit(wrist - elbow) / np.linalg.norm(wrist - elbow)
        return np.where(upper < 1.0, upper, 1.0 + lower)

    def shirt(self) -> Array:
        """From the collar to just below the waist, with sleeves."""
        heads = self.body.heads
        upper_arm = np.linalg.norm(heads["lowerarm01.L"] - heads["upperarm01.L"])
        sleeve = np.where(self.arm > 0.35, (self.look.sleeve - self.along_arm()) * upper_arm, FAR)
        in_front = self.y < self.neck_base[1]
        v_neck = 0.8 * np.maximum(0.0, 0.05 - np.abs(self.x)) * in_front
        collar = (self.neck_base[2] - 0.005) - self.z + 0.35 * (self.y - self.neck_base[1]) - v_neck
        hem = np.where(self.arm > 0.35, FAR, self.shirt_hem())
        field = np.minimum(np.minimum(sleeve, collar), hem)
        field[self.head > 0.5] = UNCOVERED
        return np.asarray(field)

    def shirt_hem(self) -> Array:
        """Height above the hem of the shirt."""
        return np.asarray(self.z - (self.hip[2] + 0.02))

    def trousers(self) -> Array:
        """From the waist to wherever this kind of legwear ends."""
        thigh = self.hip[2] - self.knee[2]
        ends = {
            "shorts": self.knee[2] + 0.30 * thigh,
            "leggings": self.ankle[2] + 0.05,
            "sweatpants": self.ankle[2] + 0.015,
            "loose": self.ankle[2] + 0.005,
        }
        field = np.minimum(self.z - ends[self.look.legwear], (self.hip[2] + 0.11) - self.z)
        field[self.arm > 0.35] = UNCOVERED
        return np.asarray(field)

    def footwear(self) -> Array:
        """Shoes end below the ankle, socks above it; bare feet have none."""
        if self.look.footwear == "bare":
            return np.full(len(self.z), UNCOVERED)
        top = self.ankle[2] + (0.07 if self.look.footwear == "socks" else -0.01) * self.scale
        instep = 0.25 * (self.y - self.ankle[1]) * (self.y < self.ankle[1] - 0.05)
        field = top - self.z - (instep if self.look.footwear == "shoes" else 0.0)
        return np.where(self.leg > 0.5, field, UNCOVERED)

    def hair(self) -> Array:
        """The scalp above the forehead, behind the ears and down the neck."""
        if self.look.hair == "bald":
            return np.full(len(self.z), UNCOVERED)
        eye, k = self.eyes.mean(axis=0), self.scale
        above, behind = self.z - eye[2], self.y - eye[1]
        crown = above - 0.058 * k
        nape = np.minimum(behind - 0.115 * k, above + 0.075 * k)
        temples = np.minimum(behind - 0.075 * k, above - 0.015 * k)
        field = np.maximum.reduce([crown, nape, temples])
        field[self.head < 0.5] = UNCOVERED
        field[HAIR_VERTICES] = 0.05
        return np.asarray(field)

    def displaced(self, fields: dict[str, Array], is_shell: NDArray[np.bool_]) -> Array:
        """Rest vertices pushed outwards by the thickness of what covers them."""
        normals = vertex_normals(
            self.body.vertices, np.concatenate([self.template.skin_faces, self.template.tights_faces])
        )
        near_hem = self.shirt_hem() < 0.2
        shirt = 0.011 * _rim(fields["shirt"], 0.012) + 0.004 * _rim(fields["shirt"], 0.15) * near_hem
        trousers = self.trouser_thickness() * _rim(fields["trousers"], 0.015)
        footwear = {"bare": 0.0, "socks": 0.0025, "shoes": 0.007}[self.look.footwear] * _rim(
            fields["footwear"], 0.01
        )
        cloth = np.maximum.reduce([shirt, trousers, footwear]) * is_shell
        hair = np.where(self.head > 0.5, 0.016 * _rim(fields["hair"], 0.03), 0.0)
        out = self.body.vertices + normals * (cloth + hair)[:, None]
        if self.look.hair == "bun":
            centre = self.eyes.mean(axis=0) + np.array([0.0, 0.19, 0.05]) * self.scale
            lump = 0.028 * np.exp(-((np.linalg.norm(out - centre, axis=1) / 0.055) ** 2))
            lump[BODY_VERTICES:] = 0.0
            out = out + normals * lump[:, None]
        return np.asarray(out)

    def trouser_thickness(self) -> Array:
        """How far the trousers stand off the leg: wide ones fall in folds, close between the thighs."""
        if self.look.legwear == "leggings":
            return np.full(len(self.z), 0.001)
        if self.look.legwear == "shorts":
            return np.full(len(self.z), 0.010)
        down = np.clip((self.hip[2] - self.z) / (self.hip[2] - self.ankle[2]), 0.0, 1.0)
        side = np.arctan2(
            self.y - self.knee[1],
            np.abs(self.x)
            - np.interp(
                self.z, [self.ankle[2], self.knee[2], self.hip[2]], [self.ankle[0], self.knee[0], self.hip[0]]
            ),
        )
        folds = np.sin(5.0 * side + 34.0 * self.z) + 0.7 * np.sin(3.0 * side - 55.0 * self.z)
        outwards = np.clip((np.abs(self.x) - 0.015) / 0.05, 0.25, 1.0)
        width = self.look.trouser_fit_m * (0.35 + 0.65 * _rim(down, 0.5))
        return np.asarray(width * outwards * (1.0 + 0.22 * folds))

    def faces(self, is_eye: Array) -> Faces:
        """Skin where it shows (head, neck, hands, bare feet), the shell elsewhere, long hair on top."""
        bare = self.look.footwear == "bare"
        shows = (self.head > 0.4) | (self.neck > 0.1) | (self.hand > 0.12) | (is_eye > 0)
        under_shell = self.hand > 0.55
        if bare:
            shows |= self.foot > 0.25
            under_shell = under_shell | (self.foot > 0.60)
        skin, shell = self.template.skin_faces, self.template.tights_faces
        parts = [skin[shows[skin].all(axis=1)], shell[~under_shell[shell].any(axis=1)]]
        if self.look.hair == "long":
            parts.append(self.template.hair_faces[self.frames_face(self.template.hair_faces)])
        return np.concatenate(parts).astype(np.int32)

    def frames_face(self, hair_faces: Faces) -> NDArray[np.bool_]:
        """Which faces of the long hair stay: the ones that do not hang before the face."""
        eye, k = self.eyes.mean(axis=0), self.scale
        in_front = (self.y - eye[1] < 0.085 * k) & (self.z - eye[2] < 0.06 * k) & (np.abs(self.x) < 0.085 * k)
        return np.asarray(~in_front[hair_faces].any(axis=1))


def _rim(field: Array, width: float) -> Array:
    """Smooth step from 0 at the edge of a garment to 1 `width` inside it."""
    u = np.clip(field / width, 0.0, 1.0)
    return np.asarray(u**2 * (3.0 - 2.0 * u))


def vertex_normals(vertices: Array, faces: Faces) -> Array:
    """Area-weighted unit normals."""
    corner = vertices[faces]
    face_normals = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, faces[:, k], face_normals)
    return np.asarray(normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12))
