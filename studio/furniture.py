"""Things that stand about in rooms: each piece stands on the floor at the origin with its back to +y."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studio.primitives import Triangles, box, cylinder, ellipsoid, quad
from studio.rotations import Array, rotation_z

Rng = np.random.Generator
WOODS = ((0.42, 0.33, 0.25), (0.60, 0.52, 0.42), (0.30, 0.20, 0.13), (0.82, 0.80, 0.76), (0.25, 0.26, 0.28))


def _wood(rng: Rng) -> tuple[float, float, float]:
    return WOODS[int(rng.integers(len(WOODS)))]


def _any_colour(rng: Rng) -> Array:
    raw = rng.uniform(0.1, 0.85, 3)
    return np.asarray(raw.mean() + rng.uniform(0.2, 1.0) * (raw - raw.mean()))


def cabinet(rng: Rng) -> Triangles:
    """A low cabinet with two doors and something on it."""
    width, height, colour = rng.uniform(0.8, 1.3), rng.uniform(0.5, 0.9), np.array(_wood(rng))
    parts = [box((-width / 2, -0.45, 0), (width / 2, 0, height), colour)]
    for x in (-width / 4, width / 4):
        low = (x - width / 4 + 0.015, -0.462, 0.05)
        parts.append(box(low, (x + width / 4 - 0.015, -0.45, height - 0.03), colour * 0.88))
    parts.append(cylinder((rng.uniform(-0.3, 0.3), -0.2, height), 0.22, 0.06, _any_colour(rng)))
    return np.concatenate(parts)


def bookshelf(rng: Rng) -> Triangles:
    """A tall shelf with books."""
    width, height, colour = 0.8, rng.uniform(1.5, 2.0), _wood(rng)
    parts = [box((-width / 2, -0.02, 0), (width / 2, 0, height), colour)]
    parts += [box((x - 0.012, -0.28, 0), (x + 0.012, 0, height), colour) for x in (-width / 2, width / 2)]
    for z in np.arange(0.05, height, 0.36):
        parts.append(box((-width / 2, -0.28, z), (width / 2, 0, z + 0.02), colour))
        x = -width / 2 + 0.03
        while x < width / 2 - 0.1 and z + 0.3 < height:
            thick = rng.uniform(0.025, 0.07)
            top = z + 0.02 + rng.uniform(0.16, 0.29)
            parts.append(box((x, -0.22, z + 0.02), (x + thick * 0.92, -0.03, top), _any_colour(rng)))
            x += thick if rng.random() > 0.1 else 0.12
    return np.concatenate(parts)


def sofa(rng: Rng) -> Triangles:
    """A sofa with cushions."""
    colour = np.asarray(rng.uniform(0.2, 0.7, 3))
    parts = [
        box((-0.9, -0.85, 0.08), (0.9, 0, 0.40), colour),
        box((-0.9, -0.22, 0.40), (0.9, 0, 0.80), colour * 0.95),
        box((-0.98, -0.85, 0.05), (-0.80, 0, 0.58), colour * 0.9),
        box((0.80, -0.85, 0.05), (0.98, 0, 0.58), colour * 0.9),
        ellipsoid((rng.uniform(-0.6, 0.6), -0.32, 0.56), (0.22, 0.09, 0.18), _any_colour(rng)),
    ]
    return np.concatenate(parts)


def chair(rng: Rng) -> Triangles:
    """A kitchen chair."""
    colour = _wood(rng)
    parts = [
        box((-0.21, -0.42, 0.43), (0.21, 0, 0.47), colour),
        box((-0.21, -0.03, 0.60), (0.21, 0, 0.90), colour),
    ]
    for x in (-0.20, 0.16):
        parts += [
            box((x, -0.42, 0), (x + 0.04, -0.38, 0.43), colour),
            box((x, -0.04, 0), (x + 0.04, 0, 0.90), colour),
        ]
    return np.concatenate(parts)


def table(rng: Rng) -> Triangles:
    """A table with a few things on it."""
    colour, width = _wood(rng), rng.uniform(0.9, 1.4)
    parts = [box((-width / 2, -0.7, 0.70), (width / 2, 0, 0.74), colour)]
    for x in (-width / 2 + 0.03, width / 2 - 0.09):
        parts += [box((x, y, 0), (x + 0.06, y + 0.06, 0.70), colour) for y in (-0.66, -0.10)]
    parts.append(box((-0.3, -0.4, 0.74), (0.0, -0.2, 0.78), _any_colour(rng)))
    parts.append(cylinder((0.25, -0.35, 0.74), 0.12, 0.04, _any_colour(rng)))
    return np.concatenate(parts)


def plant(rng: Rng) -> Triangles:
    """A pot plant."""
    leaf = np.array([0.12, 0.32, 0.12]) * rng.uniform(0.7, 1.6)
    parts = [cylinder((0, -0.22, 0), 0.28, 0.15, _wood(rng))]
    for _ in range(7):
        centre = np.array([0, -0.22, 0.35]) + rng.uniform([-0.2, -0.12, 0.1], [0.2, 0.12, 0.7])
        parts.append(ellipsoid(centre, rng.uniform(0.07, 0.17, 3), leaf * rng.uniform(0.7, 1.3), 5))
    return np.concatenate(parts)


def floor_lamp(rng: Rng) -> Triangles:
    """A floor lamp with a shade."""
    shade = np.asarray(rng.uniform([0.6, 0.5, 0.35], [0.95, 0.9, 0.85]))
    return np.concatenate(
        [
            cylinder((0, -0.2, 0), 0.03, 0.14, (0.2, 0.2, 0.2)),
            cylinder((0, -0.2, 0), 1.35, 0.014, (0.2, 0.2, 0.2), 6),
            cylinder((0, -0.2, 1.35), 0.28, 0.16, shade),
        ]
    )


def exercise_ball(rng: Rng) -> Triangles:
    """A large ball and a pair of weights."""
    colour = _any_colour(rng)
    parts = [ellipsoid((0, -0.35, 0.30), (0.30, 0.30, 0.30), colour, 10)]
    for x in (0.45, 0.62):
        parts.append(box((x - 0.05, -0.4, 0), (x + 0.05, -0.28, 0.10), (0.12, 0.12, 0.13)))
    return np.concatenate(parts)


def boxes(rng: Rng) -> Triangles:
    """A pile of boxes."""
    parts, z = [], 0.0
    for _ in range(int(rng.integers(2, 4))):
        w, d, h = rng.uniform([0.3, 0.25, 0.18], [0.6, 0.45, 0.4])
        parts.append(box((-w / 2, -d, z), (w / 2, 0, z + h), _any_colour(rng) * 0.8))
        z += h
    return np.concatenate(parts)


def picture(rng: Rng) -> Triangles:
    """A framed picture that hangs on the wall."""
    w, h = rng.uniform(0.2, 0.45, 2)
    z = rng.uniform(1.3, 1.7)
    parts = [
        box((-w, -0.03, z - h), (w, -0.002, z + h), _wood(rng)),
        quad(
            [
                (-w + 0.03, -0.034, z - h + 0.03),
                (w - 0.03, -0.034, z - h + 0.03),
                (w - 0.03, -0.034, z + h - 0.03),
                (-w + 0.03, -0.034, z + h - 0.03),
            ],
            _any_colour(rng),
        ),
    ]
    for _ in range(3):
        x, y = rng.uniform(-w * 0.6, w * 0.6), z + rng.uniform(-h * 0.6, h * 0.6)
        s = rng.uniform(0.03, 0.12)
        parts.append(box((x - s, -0.037, y - s), (x + s, -0.035, y + s), _any_colour(rng)))
    return np.concatenate(parts)


def television(rng: Rng) -> Triangles:
    """A television on a low board."""
    return np.concatenate(
        [
            box((-0.7, -0.4, 0), (0.7, 0, 0.42), _wood(rng)),
            box((-0.55, -0.2, 0.46), (0.55, -0.15, 1.10), (0.04, 0.04, 0.05)),
        ]
    )


def curtain(rng: Rng) -> Triangles:
    """A hanging curtain in folds."""
    colour = np.asarray(rng.uniform(0.3, 0.85, 3))
    strips = []
    for i, x in enumerate(np.linspace(-0.4, 0.4, 9)[:-1]):
        depth = -0.03 if i % 2 else -0.07
        strips.append(box((x, depth - 0.02, 0.05), (x + 0.1, depth, 2.3), colour * (0.9 if i % 2 else 1.0)))
    return np.concatenate(strips)


PIECES: tuple[Callable[[Rng], Triangles], ...] = (
    cabinet,
    bookshelf,
    sofa,
    chair,
    table,
    plant,
    floor_lamp,
    exercise_ball,
    boxes,
    television,
    curtain,
)


def placed(piece: Triangles, x: float, y: float, turn_deg: float) -> Triangles:
    """A piece turned about the vertical and moved to its place."""
    out = piece.copy()
    rotation = rotation_z(turn_deg).astype(np.float32)
    for columns in (slice(0, 3), slice(3, 6), slice(6, 9)):
        out[:, columns] = out[:, columns] @ rotation.T
    shift = np.array([x, y, 0.0], dtype=np.float32)
    out[:, 0:3] += shift
    out[:, 6:9] += shift
    return out
