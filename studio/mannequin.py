"""A dressed body that takes poses: bone placement, joints and the skinned mesh."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from studio.bodymodel import rest_body
from studio.clothing import dress
from studio.kinematics import SIDES, LegPose, Side, hip_angles, sign_of
from studio.people import Person
from studio.pose import ArmTarget, Bend, Measures, Pose, all_leg_joints
from studio.rotations import (
    DOWN,
    Array,
    align,
    axis_and_angle,
    fraction_of,
    frame_from,
    perpendicular,
    rotation_about,
    rotation_x,
    rotation_y,
    rotation_z,
    unit,
)

LETTER = {"left": "L", "right": "R"}
SPINE = ("spine04", "spine03", "spine02", "spine01")
NECK = ("neck01", "neck02", "neck03", "head")
JOINTS = (
    "nose",
    "left_eye",
    "right_eye",
    "head_top",
    *(
        f"{side}_{joint}"
        for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")
        for side in SIDES
    ),
)
"""The points that the truth reports, in its order."""


@dataclass(frozen=True)
class Rigid:
    """A rigid motion from rest to world: x -> rotation · x + shift."""

    rotation: Array
    shift: Array

    @classmethod
    def about(cls, rotation: Array, rest_point: Array, world_point: Array) -> Rigid:
        """The motion with this rotation that takes one rest point to one world point."""
        return cls(rotation, world_point - rotation @ rest_point)

    def apply(self, point: Array) -> Array:
        """Where a rest point ends up."""
        return self.rotation @ point + self.shift


@dataclass(frozen=True)
class Placed:
    """A posed skeleton: one rigid motion per bone (n, 3, 4), joint centres, trunk orientation."""

    bones: Array
    joints: dict[str, Array]
    trunk: Array


class Mannequin:
    """One person, ready to be posed. Satisfies `BodyLike`."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.rest = rest_body(person.shape)
        self.mesh = dress(self.rest, person.look)
        self.bones, self.heads = self.rest.template.bones, self.rest.heads
        self.used = np.unique(self.mesh.faces)
        self.measures = self._measure()
        self._corrections = self._rest_corrections()
        faces, count = self.mesh.faces, len(self.mesh.vertices)
        ones = np.ones(faces.size)
        self._face_to_vertex = sp.csr_matrix(
            (ones, (faces.T.ravel(), np.tile(np.arange(len(faces)), 3))), (count, len(faces))
        )

    def _measure(self) -> Measures:
        h = self.heads
        hip, knee, ankle = (h[f"{n}.L"] for n in ("upperleg01", "lowerleg01", "foot"))
        shoulder, elbow, wrist = (h[f"{n}.L"] for n in ("upperarm01", "lowerarm01", "wrist"))
        sole = self.mesh.vertices[self.used][:, 2].min()
        return Measures(
            stature_m=self.rest.stature_m,
            half_hip_m=float(hip[0]),
            thigh_m=float(np.linalg.norm(knee - hip)),
            shank_m=float(np.linalg.norm(ankle - knee)),
            ankle_height_m=float(ankle[2] - sole),
            trunk_m=float(shoulder[2] - hip[2]),
            arm_m=float(np.linalg.norm(elbow - shoulder) + np.linalg.norm(wrist - elbow)),
        )

    def _rest_corrections(self) -> dict[str, Array]:
        """Rotations that bring each limb of the rest mesh to its neutral direction."""
        h, out = self.heads, {}
        for side in SIDES:
            s = LETTER[side]
            hip, knee, ankle = (h[f"{n}.{s}"] for n in ("upperleg01", "lowerleg01", "foot"))
            shoulder, elbow, wrist = (h[f"{n}.{s}"] for n in ("upperarm01", "lowerarm01", "wrist"))
            out[f"{side}_thigh"], out[f"{side}_shank"] = align(knee - hip, DOWN), align(ankle - knee, DOWN)
            across = np.cross(elbow - shoulder, wrist - elbow)
            out[f"{side}_upper_arm"] = frame_from(elbow - shoulder, across)
            out[f"{side}_forearm"] = frame_from(wrist - elbow, across)
            thumbwards = h[f"finger2-1.{s}"] - h[f"finger5-1.{s}"]
            out[f"{side}_hand"] = frame_from(h[f"finger3-1.{s}"] - wrist, thumbwards)
        return out

    # ---------------------------------------------------------------- posing

    def place(self, pose: Pose) -> Placed:
        """Bone motions and joint centres of a pose."""
        hip_middle = 0.5 * (self.heads["upperleg01.L"] + self.heads["upperleg01.R"])
        pelvis = Rigid.about(pose.pelvis, hip_middle, pose.root)
        moves = {n: pelvis for n in self.bones if n in {"root", "spine05"} or n.startswith("pelvis")}
        joints: dict[str, Array] = {}
        for side in SIDES:
            self._place_leg(side, pose, moves, joints)
        trunk = self._place_chain(SPINE, "spine05", pose.pelvis, pose.spine, moves)
        moves["breast.L"] = moves["breast.R"] = moves["spine02"]
        self._place_chain(NECK, "spine01", trunk, pose.neck, moves)
        for side in SIDES:
            self._place_arm(side, pose.arms[side], trunk, moves, joints)
        for name, parent in zip(self.bones, self.rest.template.parents, strict=True):
            if name not in moves:  # rigid with its parent
                moves[name] = moves[self.bones[parent]]
        joints |= self._head_points(moves["head"])
        bones = np.stack([np.column_stack([moves[n].rotation, moves[n].shift]) for n in self.bones])
        return Placed(bones, joints, trunk)

    def _place_leg(self, side: Side, pose: Pose, moves: dict[str, Rigid], joints: dict[str, Array]) -> None:
        s, h, leg = LETTER[side], self.heads, pose.legs[side]
        at = all_leg_joints(pose, self.measures)[side]
        straight = leg.thigh @ self._corrections[f"{side}_thigh"]
        # The flesh near the hip follows only half of the axial turn of the femur, as skin does.
        turn = hip_angles(pose.pelvis, leg.thigh, side).internal_rotation_deg
        halved = leg.thigh @ rotation_z(0.5 * sign_of(side) * turn) @ self._corrections[f"{side}_thigh"]
        moves[f"upperleg01.{s}"] = Rigid.about(halved, h[f"upperleg01.{s}"], at.hip)
        moves[f"upperleg02.{s}"] = Rigid.about(straight, h[f"upperleg01.{s}"], at.hip)
        shank = Rigid.about(leg.shank @ self._corrections[f"{side}_shank"], h[f"lowerleg01.{s}"], at.knee)
        moves[f"lowerleg01.{s}"] = moves[f"lowerleg02.{s}"] = shank
        foot = self._foot_move(side, leg, at.ankle)
        moves[f"foot.{s}"] = foot
        heel = h[f"foot.{s}"] + np.array([0.0, 0.055, -0.055]) * self.measures.scale
        joints[f"{side}_hip"], joints[f"{side}_knee"], joints[f"{side}_ankle"] = at
        joints[f"{side}_heel"] = foot.apply(heel)
        joints[f"{side}_foot_index"] = foot.apply(h[f"toe1-2.{s}"])

    def _foot_move(self, side: Side, leg: LegPose, ankle: Array) -> Rigid:
        return Rigid.about(leg.foot_orientation, self.heads[f"foot.{LETTER[side]}"], ankle)

    def _place_chain(
        self, chain: tuple[str, ...], base: str, start: Array, bend: Bend, moves: dict[str, Rigid]
    ) -> Array:
        """Spread a bend over a chain of bones; returns the orientation at its end."""
        n, orientation, previous = len(chain), start, base
        step = (
            rotation_z(bend.twist_deg / n) @ rotation_x(bend.forward_deg / n) @ rotation_y(bend.right_deg / n)
        )
        for name in chain:
            orientation = orientation @ step
            moves[name] = Rigid.about(orientation, self.heads[name], moves[previous].apply(self.heads[name]))
            previous = name
        return orientation

    def _place_arm(
        self, side: Side, arm: ArmTarget, trunk: Array, moves: dict[str, Rigid], joints: dict[str, Array]
    ) -> None:
        s, h, chest = LETTER[side], self.heads, moves["spine01"]
        clavicle, rest_shoulder = h[f"clavicle.{s}"], h[f"upperarm01.{s}"]
        rest_elbow, rest_wrist = h[f"lowerarm01.{s}"], h[f"wrist.{s}"]
        swing = align(trunk @ unit(rest_elbow - rest_shoulder), unit(arm.wrist - chest.apply(rest_shoulder)))
        girdle = Rigid.about(fraction_of(swing, arm.girdle) @ trunk, clavicle, chest.apply(clavicle))
        moves[f"clavicle.{s}"] = moves[f"shoulder01.{s}"] = girdle
        shoulder = girdle.apply(rest_shoulder)
        upper_m = float(np.linalg.norm(rest_elbow - rest_shoulder))
        fore_m = float(np.linalg.norm(rest_wrist - rest_elbow))
        elbow, wrist = _bent_arm(shoulder, arm, upper_m, fore_m)
        across = np.cross(elbow - shoulder, wrist - elbow)
        upper = frame_from(elbow - shoulder, across) @ self._corrections[f"{side}_upper_arm"].T
        fore = frame_from(wrist - elbow, across) @ self._corrections[f"{side}_forearm"].T
        hand = fore
        if arm.fingers is not None and arm.thumb is not None:
            hand = frame_from(arm.fingers, arm.thumb) @ self._corrections[f"{side}_hand"].T
        moves[f"upperarm01.{s}"] = moves[f"upperarm02.{s}"] = Rigid.about(upper, rest_shoulder, shoulder)
        # Pronation happens along the forearm, not at the wrist.
        along = unit(wrist - elbow)
        axis, angle_deg = axis_and_angle(hand @ fore.T)
        twist_deg = angle_deg * float(axis @ along)
        for bone, share in (("lowerarm01", 0.30), ("lowerarm02", 0.75)):
            turned = rotation_about(along, share * twist_deg) @ fore
            moves[f"{bone}.{s}"] = Rigid.about(turned, rest_elbow, elbow)
        moves[f"wrist.{s}"] = Rigid.about(hand, rest_wrist, wrist)
        joints[f"{side}_shoulder"], joints[f"{side}_elbow"], joints[f"{side}_wrist"] = shoulder, elbow, wrist

    def _head_points(self, head: Rigid) -> dict[str, Array]:
        left, right = self.mesh.eyes
        middle, k = self.mesh.eyes.mean(axis=0), self.rest.stature_m / 1.75
        return {
            "left_eye": head.apply(left),
            "right_eye": head.apply(right),
            "nose": head.apply(middle + np.array([0.0, -0.028, -0.032]) * k),
            "head_top": head.apply(middle + np.array([0.0, 0.07, 0.13]) * k),
        }

    # ---------------------------------------------------------------- mesh

    def vertices_at(self, placed: Placed) -> Array:
        """Linear blend skinning: all vertices in the world."""
        weights = self.rest.template.weights
        blended = (weights @ placed.bones.reshape(len(placed.bones), 12)).reshape(-1, 3, 4)
        return np.asarray(np.einsum("nij,nj->ni", blended[:, :, :3], self.mesh.vertices) + blended[:, :, 3])

    def normals_of(self, vertices: Array) -> Array:
        """Unit normals of the visible surface."""
        corner = vertices[self.mesh.faces]
        per_face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        normals = self._face_to_vertex @ per_face
        return np.asarray(normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12))

    def lowest_m(self, pose: Pose) -> float:
        """Height of the lowest point of the body in this pose, nothing flattened."""
        return float(self.vertices_at(self.place(pose))[self.used, 2].min())

    @cached_property
    def _resting_flesh(self) -> Array:
        """Vertices of pelvis, trunk and upper thighs: what a body sits and lies on."""
        core = self.rest.template.weight_of("root|pelvis|spine|upperleg01") > 0.5
        return np.intersect1d(np.flatnonzero(core), self.used)

    def flesh_below_root_m(self, pose: Pose) -> float:
        """How far pelvis, trunk and upper thighs reach below the midpoint of the hips."""
        heights = self.vertices_at(self.place(pose))[self._resting_flesh, 2]
        return float(pose.root[2] - heights.min())


def _bent_arm(shoulder: Array, arm: ArmTarget, upper_m: float, fore_m: float) -> tuple[Array, Array]:
    """Elbow and wrist that reach for the target as far as the arm goes."""
    reach = arm.wrist - shoulder
    length = np.clip(np.linalg.norm(reach), abs(upper_m - fore_m) + 0.02, (upper_m + fore_m) * 0.998)
    along = unit(reach)
    foot = (upper_m**2 - fore_m**2 + length**2) / (2.0 * length)
    height = np.sqrt(max(upper_m**2 - foot**2, 0.0))
    elbow = shoulder + along * foot + perpendicular(arm.elbow_towards, along) * height
    return elbow, shoulder + along * length


def flatten_on_surfaces(
    vertices: Array, bench: tuple[float, float, float, float, float] | None = None
) -> Array:
    """Flesh that would sink into the floor or a bench top is flattened on it, as soft tissue is."""
    out = vertices.copy()
    if bench is not None:
        x0, x1, y0, y1, top = bench
        over = (out[:, 0] > x0) & (out[:, 0] < x1) & (out[:, 1] > y0) & (out[:, 1] < y1)
        out[over & (out[:, 2] < top) & (out[:, 2] > top - 0.10), 2] = top + 0.002
    out[:, 2] = np.maximum(out[:, 2], 0.003)
    return out
