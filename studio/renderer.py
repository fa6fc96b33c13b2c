"""Draws people in rooms with moderngl on EGL; a software rasteriser is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import moderngl
import numpy as np
from numpy.typing import ArrayLike, NDArray

from studio.camera import Camera, aim
from studio.mannequin import Mannequin
from studio.primitives import Triangles
from studio.room import Light
from studio.rotations import Array

Image = NDArray[np.uint8]
ROOM_VERTEX = ("3f 3f 12x 3f 3f", "position", "normal", "first", "second")
SHADERS = Path(__file__).parent / "shaders"
CAPSULES = (
    ("left_hip", "left_knee", 0.075),
    ("right_hip", "right_knee", 0.075),
    ("left_knee", "left_ankle", 0.05),
    ("right_knee", "right_ankle", 0.05),
    ("left_shoulder", "left_elbow", 0.04),
    ("right_shoulder", "right_elbow", 0.04),
    ("left_elbow", "left_wrist", 0.035),
    ("right_elbow", "right_wrist", 0.035),
    ("left_hip", "right_hip", 0.10),
    ("mid_hip", "mid_shoulder", 0.12),
    ("left_shoulder", "right_shoulder", 0.07),
    ("left_ankle", "left_foot_index", 0.035),
    ("right_ankle", "right_foot_index", 0.035),
    ("nose", "head_top", 0.08),
)
"""Contact shadows are computed from these; radii in metres."""


@dataclass
class _Actor:
    """One person's buffers on the graphics card."""

    mannequin: Mannequin
    moving: moderngl.Buffer
    surface: moderngl.VertexArray
    shadow: moderngl.VertexArray


class Renderer:
    """One off-screen picture size. Use as a context manager: `stage` a scene, then `draw` frames."""

    def __init__(self, size: tuple[int, int], samples: int = 4, shadow_size: int = 1024) -> None:
        self.size = size
        options: dict[str, Any] = {"standalone": True, "backend": "egl", "require": 330}
        self._context = moderngl.create_context(**options)
        context = self._context
        self._skin = self._compile("BODY")
        self._walls = self._compile("ROOM")
        self._depth = context.program(
            vertex_shader=(SHADERS / "shadow.vert").read_text(),
            fragment_shader=(SHADERS / "shadow.frag").read_text(),
        )
        self._canvas = context.framebuffer(
            [context.renderbuffer(size, 4, samples=samples)],
            context.depth_renderbuffer(size, samples=samples),
        )
        self._resolved = context.framebuffer([context.renderbuffer(size, 4)])
        self._shadow_map = context.depth_texture((shadow_size, shadow_size))
        self._shadow_map.compare_func = "<="
        self._shadow_map.repeat_x = self._shadow_map.repeat_y = False
        self._shadow_canvas = context.framebuffer(depth_attachment=self._shadow_map)
        self._actors: list[_Actor] = []
        self._room: tuple[moderngl.VertexArray, moderngl.VertexArray] | None = None

    def __enter__(self) -> Renderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the graphics context."""
        self._context.release()

    # ---------------------------------------------------------------- scene

    def stage(self, room: Triangles, light: Light, people: list[Mannequin], target: Array) -> None:
        """Load a scene: the first person is the one whose contact shadows are drawn."""
        buffer = self._context.buffer(room.tobytes())
        self._room = (
            self._context.vertex_array(self._walls, [(buffer, *ROOM_VERTEX)]),
            self._context.vertex_array(self._depth, [(buffer, "3f 48x", "position")]),
        )
        self._actors = [self._load(person) for person in people]
        self._light_camera = aim(light.key_position, target, 62.0, (100, 100))
        for name in (
            "key_position",
            "key_colour",
            "fill_position",
            "fill_colour",
            "sky_colour",
            "ground_colour",
        ):
            self._set(name, getattr(light, name))
        self._set("shadow_softness", light.softness)

    def _load(self, mannequin: Mannequin) -> _Actor:
        mesh, context = mannequin.mesh, self._context
        fixed = context.buffer(np.concatenate([mesh.rest, mesh.attributes], axis=1).astype("f4").tobytes())
        moving = context.buffer(reserve=len(mesh.vertices) * 24)
        index = context.buffer(mesh.faces.astype("i4").tobytes())
        surface = context.vertex_array(
            self._skin,
            [(moving, "3f 3f", "position", "normal"), (fixed, "3f 3f 3f", "rest", "first", "second")],
            index,
        )
        shadow = context.vertex_array(self._depth, [(moving, "3f 12x", "position")], index)
        return _Actor(mannequin, moving, surface, shadow)

    def _compile(self, kind: str) -> moderngl.Program:
        """The surface program for bodies or for the room."""
        version, rest = (SHADERS / "surface.frag").read_text().split("\n", 1)
        return self._context.program(
            vertex_shader=(SHADERS / "surface.vert").read_text(),
            fragment_shader=f"{version}\n#define {kind}\n{rest}",
        )

    def _set(self, name: str, value: ArrayLike) -> None:
        """Write a uniform of both programs; names that the compiler dropped as unused are skipped."""
        kind = "i4" if isinstance(value, (int, np.integer)) else "f4"
        data = np.ascontiguousarray(value, kind).tobytes()
        for program in (self._skin, self._walls):
            if name in program:
                uniform: Any = program[name]
                uniform.write(data)

    # ---------------------------------------------------------------- frames

    def draw(
        self,
        camera: Camera,
        meshes: list[tuple[Array, Array]],
        joints: Mapping[str, Array],
        extra: Triangles | None = None,
    ) -> Image:
        """One picture (height, width, 3), RGB.

        `meshes` holds vertices and normals of the staged people, in the same order; `joints` are the first
        person's; `extra` are loose triangles of this frame, such as a resistance band.
        """
        if self._room is None:
            raise RuntimeError("stage a scene before drawing it")
        for actor, (vertices, normals) in zip(self._actors, meshes, strict=True):
            actor.moving.write(np.concatenate([vertices, normals], axis=1).astype("f4").tobytes())
        loose = None if extra is None else self._context.buffer(extra.tobytes())
        light_matrix = self._light_camera.view_projection(0.5, 14.0).astype("f4").T
        self._draw_shadows(light_matrix, loose)
        self._canvas.use()
        self._canvas.clear(0.6, 0.6, 0.6, 1.0, depth=1.0)
        self._set("view_projection", camera.view_projection().T)
        self._set("light_view_projection", light_matrix)
        self._set("camera", camera.eye)
        self._shadow_map.use(0)
        self._set("shadow_map", 0)
        self._set_capsules(joints)
        for actor in self._actors:
            self._set_look(actor.mannequin)
            actor.surface.render()
        self._room[0].render()
        if loose is not None:
            self._context.vertex_array(self._walls, [(loose, *ROOM_VERTEX)]).render()
        self._context.copy_framebuffer(self._resolved, self._canvas)
        pixels = np.frombuffer(self._resolved.read(components=3), np.uint8)
        return np.flipud(pixels.reshape(self.size[1], self.size[0], 3)).copy()

    def _draw_shadows(self, light_matrix: NDArray[np.float32], loose: moderngl.Buffer | None) -> None:
        self._context.enable(moderngl.DEPTH_TEST)
        self._shadow_canvas.use()
        self._shadow_canvas.clear(depth=1.0)
        matrix: Any = self._depth["view_projection"]
        matrix.write(np.ascontiguousarray(light_matrix).tobytes())
        for actor in self._actors:
            actor.shadow.render()
        if self._room is not None:
            self._room[1].render()
        if loose is not None:
            self._context.vertex_array(self._depth, [(loose, "3f 48x", "position")]).render()

    def _set_look(self, mannequin: Mannequin) -> None:
        look = mannequin.person.look
        for uniform, colour in (
            ("skin", look.skin),
            ("shirt", look.shirt),
            ("trousers", look.trousers),
            ("footwear", look.footwear_colour),
            ("hair", look.hair_colour),
        ):
            self._set(uniform, colour)
        self._set("left_eye", mannequin.mesh.eyes[0])
        self._set("right_eye", mannequin.mesh.eyes[1])
        self._set("is_striped", int(look.striped))
        self._set("has_shoes", int(look.footwear == "shoes"))
        self._set("body_scale", mannequin.rest.stature_m / 1.75)

    def _set_capsules(self, joints: Mapping[str, Array]) -> None:
        points = dict(joints)
        points["mid_hip"] = 0.5 * (joints["left_hip"] + joints["right_hip"])
        points["mid_shoulder"] = 0.5 * (joints["left_shoulder"] + joints["right_shoulder"])
        start, end = np.zeros((16, 4)), np.zeros((16, 4))
        for i, (a, b, radius) in enumerate(CAPSULES):
            start[i, :3], start[i, 3], end[i, :3] = points[a], radius, points[b]
        everything = np.stack(list(joints.values()))
        centre = 0.5 * (everything.min(axis=0) + everything.max(axis=0))
        reach = float(np.linalg.norm(everything - centre, axis=1).max()) + 0.6
        self._set("capsule_start", start)
        self._set("capsule_end", end)
        self._set("capsule_count", len(CAPSULES))
        self._set("body_sphere", [*centre, reach])
